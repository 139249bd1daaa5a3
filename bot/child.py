"""A `tocsin` subcommand as a child process that is started again when it dies."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

import structlog

from bot.errors import ConfigurationError, TemporaryError

log = structlog.get_logger(__name__)

CONFIGURATION_EXIT = 2
"""Exit code of a command that ended because of its configuration: starting it again would not help."""
STOP_SECONDS = 40.0
"""For a worker to save what it does; SIGKILL after that."""
_SETTLED_SECONDS = 30.0
"""A child that ran for so long was configured well: what it cannot use later is away and may come back."""
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 30.0


class Child:
    """`async with Child(["worker", "--owned"], environment)` starts it; `keep_running` restarts it until cancelled."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        *,
        settled_seconds: float = _SETTLED_SECONDS,
    ) -> None:
        self._command = list(command)
        self._environment = dict(environment)
        self._settled_seconds = settled_seconds
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await process.wait()
        except TimeoutError:
            log.warning("child does not stop, killed", command=self._command, pid=process.pid)
            process.kill()
            await process.wait()

    async def check(self) -> None:
        """Raise TemporaryError while it does not run."""
        if self._process is None or self._process.returncode is not None:
            raise TemporaryError(f"{self._command[0]} is not running")

    async def keep_running(self) -> None:
        """Start it again whenever it dies, with growing pauses. Raises ConfigurationError when that cannot help."""
        pause, settled = _FIRST_PAUSE, False
        while True:
            began = time.monotonic()
            code = await self._wait()
            if time.monotonic() - began > self._settled_seconds:
                pause, settled = _FIRST_PAUSE, True
            if code == CONFIGURATION_EXIT and not settled:
                raise ConfigurationError(
                    f"The {self._command[0]} cannot run as configured; see its message above."
                )
            log.warning(
                "child died, starting it again", command=self._command, exit_code=code, pause=pause
            )
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
            await self._start()

    async def _start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            *self._command,
            env=self._environment,
            stdin=asyncio.subprocess.PIPE,  # never written to: it ends when this process does
            start_new_session=True,  # Ctrl-C is for the owner, who stops it in order
        )

    async def _wait(self) -> int:
        return await self._process.wait() if self._process else 0
