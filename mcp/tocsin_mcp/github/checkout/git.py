"""One git command at a time on one repository: no shell, no waiting without end, no output without bounds.

A repository is data from elsewhere. Its configuration and attributes can name programs for git to run (pagers, hooks, diff
and text converters, signature checkers, file system monitors, transports for missing objects); here none of them ever
runs. The repository is named outright, so that git neither looks for one nor asks whose it is, and only objects are
read, never the files that are checked out.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path

from tocsin_mcp.kit.errors import Unavailable

_SECONDS = 15.0
_MOST_BYTES = 8 * 1024 * 1024
_AT_ONCE = 4
_CHUNK = 64 * 1024
_LONGEST_COMPLAINT = 4096
_SETTINGS = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.quotePath=false",
    "blame.ignoreRevsFile=",
    "log.showSignature=false",
    "diff.submodule=short",
    "protocol.allow=never",
    "color.ui=false",
)
_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "HOME": "/nonexistent",
    "XDG_CONFIG_HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "false",
    "GIT_SSH_COMMAND": "false",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_PAGER": "cat",
}
PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color")
"""For every command that can show contents: as they are stored, by git alone."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a command wrote; `cut` when there was more than was read. `problem` is empty when it succeeded."""

    text: bytes
    cut: bool
    problem: str


class Git:
    """Git on the repository at `folder`, the folder that holds `HEAD` and `objects` (or a `.git` file).

    `path` is where programs are found (PATH). `seconds` bounds each command, `most_bytes` what is read of it.
    """

    def __init__(
        self,
        folder: Path,
        path: str = os.defpath,
        *,
        seconds: float = _SECONDS,
        most_bytes: int = _MOST_BYTES,
    ) -> None:
        self._folder, self._path = folder, path or os.defpath
        self._seconds, self._most = seconds, most_bytes
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def run(self, *arguments: str) -> Output:
        """`git <arguments>`. Raises Unavailable when git cannot be started or takes too long."""
        command = ["git", "--no-pager", f"--git-dir={self._folder}"]
        for setting in _SETTINGS:
            command += ["-c", setting]
        async with self._slots:
            try:
                async with asyncio.timeout(self._seconds):
                    return await self._run([*command, *arguments])
            except TimeoutError as error:
                raise Unavailable(
                    f"git {arguments[0]} was not done within {self._seconds:g} s and was stopped. Ask for less (a "
                    "narrower range, one `path`)."
                ) from error

    async def text(self, *arguments: str) -> str:
        """The whole output as text. Raises Unavailable when git fails or writes more than is read."""
        output = await self.run(*arguments)
        if output.cut:
            raise Unavailable(
                f"git {arguments[0]} gave more than {self._most} bytes. Ask for less (a narrower range, one `path`)."
            )
        if output.problem:
            raise Unavailable(f"git {arguments[0]} failed in the local checkout: {output.problem}")
        return output.text.decode("utf-8", "replace")

    async def _run(self, command: list[str]) -> Output:
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd="/",
                env={**_ENVIRONMENT, "PATH": self._path},
                start_new_session=True,
            )
        except OSError as error:
            raise Unavailable(
                f"git cannot be started ({error.strerror}); the local checkout needs it on the PATH."
            ) from error
        try:
            async with asyncio.TaskGroup() as group:
                errors = group.create_task(_head(process.stderr, _LONGEST_COMPLAINT))
                text, cut = await _bounded(process.stdout, self._most)
                if cut:
                    _kill(process)
            code = await process.wait()
        finally:
            if process.returncode is None:
                _kill(process)
                await process.wait()
        return Output(text, cut, _problem(errors.result(), code) if code and not cut else "")


async def _bounded(stream: asyncio.StreamReader | None, most: int) -> tuple[bytes, bool]:
    """At most `most` bytes, and whether there were more."""
    content = bytearray()
    while stream and (chunk := await stream.read(_CHUNK)):
        content += chunk
        if len(content) > most:
            return bytes(content[:most]), True
    return bytes(content), False


async def _head(stream: asyncio.StreamReader | None, most: int) -> bytes:
    """The first `most` bytes; all is read, since nobody can write into a full pipe."""
    content = b""
    while stream and (chunk := await stream.read(_CHUNK)):
        content = (content + chunk)[:most]
    return content


def _kill(process: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _problem(said: bytes, code: int) -> str:
    lines = said.decode("utf-8", "replace").split("\n")
    first = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[0])
    return first.strip()[:200] or f"exit code {code}"
