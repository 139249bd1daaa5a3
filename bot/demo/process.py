"""`tocsin run` as a child of the demo: its log in a file, its end noticed."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from bot.errors import PermanentError

_STOP_SECONDS = 30.0
_SHOWN_LINES = 15


class BotProcess:
    """The running bot."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self.log = log

    @property
    def pid(self) -> int:
        """Process id of the front."""
        return self._process.pid

    async def ended(self) -> PermanentError:
        """Wait until the bot ends by itself, and say what it said last."""
        code = await self._process.wait()
        lines = await asyncio.to_thread(self.log.read_text, "utf-8", "replace")
        said = "\n".join(lines.splitlines()[-_SHOWN_LINES:])
        return PermanentError(f"The bot ended with exit code {code}. It said:\n{said}")

    async def stop(self) -> None:
        """Ask it to stop, and make it when it does not."""
        if self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


@contextlib.asynccontextmanager
async def start_bot(environment: Mapping[str, str], folder: Path) -> AsyncIterator[BotProcess]:
    """Run the bot in `folder` (so that no .env or tocsin.toml of the caller is read) until the context ends."""
    log = folder / "bot.log"
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "run",
            env=dict(environment),
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,  # Ctrl-C is for the demo, which stops the bot in order
        )
    bot = BotProcess(process, log)
    try:
        yield bot
    finally:
        await bot.stop()
