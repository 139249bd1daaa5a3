"""One MCP server's session: opened once, shared by every investigation, reopened when it breaks.

Whoever opens it learns what the server offers now, before any call: a server may have changed while it was away.

What a naive client gets wrong (each seen with fastmcp 4.1): after a stdio server died, `is_connected()` stays true
and every call fails; one refused HTTP request poisons a session for good, and leaving its context raises the old
error again; without a start-up timeout a hanging server is waited for without end.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mcp_types
from fastmcp import Client
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport

from bot.errors import TemporaryError
from bot.tools.mcp_failures import BROKEN, error_result, lost, missing_command, reason
from bot.tools.servers import ServerSpec

START_TIMEOUT = 30.0
"""Seconds a server may take to start and shake hands (a cold stdio server needs about two)."""
LIST_TIMEOUT = 20.0
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_CONCURRENT_CALLS = 16


class _Lost(Exception):
    """The session broke under a call."""


class NotOffered(Exception):
    """The tool is not, or not any more, one that may be called."""


@dataclass
class _Open:
    client: Client[Any]
    context: contextlib.AsyncExitStack
    stale: bool = True
    """Whether its tools are to be listed before the next call."""


Listed = Callable[[Sequence[mcp_types.Tool]], Awaitable[None]]


class McpSession:
    """A lazily opened session with one server.

    `listed` is awaited with the server's tools after each opening, and again when the server says that they changed,
    before any further call is sent. `log` receives a stdio server's standard error. `clock` is monotonic seconds.
    """

    def __init__(
        self,
        spec: ServerSpec,
        listed: Listed,
        *,
        log: Path | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.spec = spec
        self._listed = listed
        self._log = log
        self._clock = clock
        self._session: _Open | None = None
        self._opening = asyncio.Lock()
        self._slots = asyncio.Semaphore(_CONCURRENT_CALLS)
        self._failures = 0
        self._not_before = 0.0
        self._last_error = ""

    @property
    def down(self) -> str:
        """Why the server cannot be used at the moment; empty when nothing is known to be wrong."""
        return self._last_error

    @property
    def stale(self) -> bool:
        """Whether the server said that its tools have changed since they were listed."""
        return self._session is not None and self._session.stale

    async def refresh(self) -> None:
        """Have the server's tools listed anew. Raises TemporaryError when it cannot be reached."""
        if self._session is not None:
            self._session.stale = True
        await self._open()

    async def call(
        self,
        name: str,
        arguments: Mapping[str, Any],
        *,
        within: float,
        meta: Mapping[str, Any],
        again: bool,
        permitted: Callable[[], bool],
    ) -> mcp_types.CallToolResult:
        """Run one tool call.

        `again` says the call may be repeated once on a fresh session when the old one broke under it (read-only
        tools). `permitted` is asked right before the call is sent. Raises TimeoutError after `within` seconds,
        TemporaryError when the server is down, NotOffered when the call is not permitted.
        """
        async with asyncio.timeout(within), self._slots:
            try:
                return await self._call_once(name, arguments, meta, permitted)
            except _Lost as lost:
                if not again:
                    raise TemporaryError(self._last_error) from lost
            self._not_before = 0.0
            try:
                return await self._call_once(name, arguments, meta, permitted)
            except _Lost as lost:
                raise TemporaryError(self._last_error) from lost

    async def _call_once(
        self,
        name: str,
        arguments: Mapping[str, Any],
        meta: Mapping[str, Any],
        permitted: Callable[[], bool],
    ) -> mcp_types.CallToolResult:
        session = await self._open()
        if not permitted():
            raise NotOffered(name)
        try:
            return await session.client.call_tool_mcp(
                name, dict(arguments), meta=dict(meta) or None
            )
        except BROKEN as error:
            if not lost(error):
                return error_result(error)
            await self._broke(session, error)
            raise _Lost from error

    async def close(self) -> None:
        """End the session; a stdio server's process ends with it."""
        session, self._session = self._session, None
        if session is not None:
            await _leave(session)

    async def _open(self) -> _Open:
        async with self._opening:
            if self._session is None:
                self._session = await self._connected()
            if self._session.stale:
                await self._list(self._session)
            return self._session

    async def _connected(self) -> _Open:
        if self._clock() < self._not_before:
            raise TemporaryError(self._last_error)
        if missing := missing_command(self.spec):
            self._failed(FileNotFoundError(missing))
            raise TemporaryError(self._last_error)
        context = contextlib.AsyncExitStack()
        try:
            async with asyncio.timeout(START_TIMEOUT):
                client = await context.enter_async_context(self._new_client())
        except (*BROKEN, TimeoutError) as error:
            self._failed(error)
            raise TemporaryError(self._last_error) from error
        client.session.validate_tool_result = _believed
        return _Open(client, context)

    async def _list(self, session: _Open) -> None:
        session.stale = False  # it may say again that they changed, meanwhile
        try:
            await self._listed(await self._tools(session))
        except BaseException:
            session.stale = True
            raise

    async def _tools(self, session: _Open) -> Sequence[mcp_types.Tool]:
        try:
            async with asyncio.timeout(LIST_TIMEOUT):
                tools = await session.client.list_tools()
        except (*BROKEN, TimeoutError) as error:
            await self._broke(session, error)
            raise TemporaryError(self._last_error) from error
        self._failures = 0
        self._last_error = ""
        return tools

    async def _heard(self, message: object) -> None:
        if isinstance(message, mcp_types.ToolListChangedNotification) and self._session is not None:
            self._session.stale = True

    def _new_client(self) -> Client[Any]:
        spec = self.spec
        transport: StdioTransport | StreamableHttpTransport
        if spec.command:
            transport = StdioTransport(
                spec.command,
                list(spec.args),
                env=dict(spec.env),
                cwd=spec.cwd,
                keep_alive=False,
                log_file=self._log,
            )
        else:
            transport = StreamableHttpTransport(spec.url, headers=dict(spec.headers))
        return Client(
            transport,
            name=f"tocsin-{spec.name}",
            init_timeout=START_TIMEOUT,
            log_handler=_drop_log,
            message_handler=self._heard,
        )

    async def _broke(self, session: _Open, error: BaseException) -> None:
        if self._session is session:  # another call may have reopened it already
            self._session = None
            self._failed(error)
            await _leave(session)

    def _failed(self, error: BaseException) -> None:
        self._failures += 1
        pause = min(_FIRST_PAUSE * 2 ** (self._failures - 1), _LONGEST_PAUSE)
        self._not_before = self._clock() + pause
        self._last_error = f"MCP server {self.spec.name!r} is down ({reason(error)[:200]})"


async def _leave(session: _Open) -> None:
    """Leave a session's context; a broken one raises its old error again, which is known by now."""
    with contextlib.suppress(*BROKEN, TimeoutError):
        async with asyncio.timeout(5):
            await session.context.aclose()


async def _drop_log(message: Any) -> None:
    """Servers' log notifications are not ours to print (fastmcp's default handler prints each through rich)."""


async def _believed(name: str, result: mcp_types.CallToolResult) -> None:
    """Results are not checked against the server's own output schema: its regular expressions would run in our event
    loop for as long as it likes, and nobody here relies on the shape of a result."""
