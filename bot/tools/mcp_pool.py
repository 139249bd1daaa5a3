"""One session per MCP server, opened once and used by every investigation of this worker.

Definitions come from memory, else from the Redis cache, else from the server itself; `warm` asks every server in the
background when a worker starts, so that no investigation does. While a server is down its tools answer with an error
that names the gap, and the run goes on.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

import mcp_types
import structlog

from bot.errors import TemporaryError
from bot.tools.definition_cache import DefinitionCache, Definitions
from bot.tools.mcp_session import McpSession
from bot.tools.server_board import ServerState
from bot.tools.servers import ServerSpec
from bot.tools.toolset import Tool, ToolCall, ToolResult

log = structlog.get_logger(__name__)

MAX_RESULT_CHARS = 1_000_000
"""A result longer than this is cut before anything else looks at it."""


class McpPool:
    """The sessions of one worker. `async with` closes them all."""

    def __init__(
        self, specs: Sequence[ServerSpec], cache: DefinitionCache, *, logs: Path | None = None
    ) -> None:
        self._cache = cache
        self._sessions = {
            spec.name: McpSession(spec, log=logs / f"mcp-{spec.name}.log" if logs else None)
            for spec in specs
        }
        self._known: dict[str, Definitions] = {}
        self._withheld: dict[str, list[str]] = {}

    async def __aenter__(self) -> McpPool:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.gather(*(session.close() for session in self._sessions.values()))

    def toolset(self, meta: Mapping[str, Any] = MappingProxyType({})) -> PoolToolset:
        """The pool's tools for one investigation; `meta` goes along with every call and is not the model's to choose."""
        return PoolToolset(self, meta)

    async def warm(self) -> None:
        """Connect to every server and refresh its definitions. Servers that are down are logged, not raised."""
        await asyncio.gather(*(self._refresh(session) for session in self._sessions.values()))

    async def definitions(self) -> list[Tool]:
        """All known tools. Servers that are down and unknown so far are left out (see `gaps`)."""
        found = await asyncio.gather(
            *(self._definitions(session) for session in self._sessions.values())
        )
        tools: dict[str, Tool] = {}
        for tool in (tool for definitions in found if definitions for tool in definitions.tools):
            if tool.name in tools:
                log.warning("tool name taken", tool=tool.name, server=tool.server)
                continue  # a later server must not shadow an earlier one's tool
            tools[tool.name] = tool
        return list(tools.values())

    def states(self) -> list[ServerState]:
        """How each server is, as far as this worker knows."""
        return [
            ServerState(
                name=name,
                tools=len(self._known[name].tools) if name in self._known else 0,
                down=session.down,
            )
            for name, session in self._sessions.items()
        ]

    def gaps(self) -> list[str]:
        """Servers that cannot be used now, one sentence each."""
        down = [session.down for session in self._sessions.values() if session.down]
        return down + [
            f"{len(names)} changed tools of MCP server {server!r} wait for `tocsin tools --accept`: {', '.join(names)}"
            for server, names in self._withheld.items()
            if names
        ]

    def versions(self) -> dict[str, str]:
        """Server name to version of its definitions, as far as known."""
        return {name: definitions.version for name, definitions in self._known.items()}

    async def call(
        self, tool: Tool, call: ToolCall, *, within: float, meta: Mapping[str, Any]
    ) -> ToolResult:
        """Run one call on the tool's server; every failure is a result with `is_error`."""
        session = self._sessions[tool.server]
        limit = min(within, session.spec.timeout)
        try:
            result = await session.call(
                tool.remote_name, call.arguments, within=limit, meta=meta, again=tool.read_only
            )
        except TimeoutError:
            text = f"{call.name} did not answer within {limit:.0f} s. Ask for less, or go on without it."
            return ToolResult(
                call=call,
                text=text,
                is_error=True,
                gap=f"{call.name} timed out after {limit:.0f} s",
            )
        except TemporaryError as error:
            text = f"{error}. Go on with the other tools and name this gap in `unknowns`."
            return ToolResult(call=call, text=text, is_error=True, gap=str(error))
        text = _text(result)
        return ToolResult(call=call, text=text or "(empty result)", is_error=bool(result.is_error))

    async def _definitions(self, session: McpSession) -> Definitions | None:
        name = session.spec.name
        if name not in self._known:
            cached = await self._cache.load(session.spec)
            if cached is not None:
                self._known[name] = cached
            else:
                await self._refresh(session)
        return self._known.get(name)

    async def _refresh(self, session: McpSession) -> None:
        spec = session.spec
        try:
            listed = await session.list_tools()
        except TemporaryError as error:
            log.warning("mcp server unavailable", server=spec.name, error=str(error))
            return
        fresh = Definitions.of(await self._accepted(spec, [_tool(spec, tool) for tool in listed]))
        known = self._known.get(spec.name)
        if known is None or known.version != fresh.version:
            log.info(
                "tool definitions", server=spec.name, version=fresh.version, tools=len(fresh.tools)
            )
        self._known[spec.name] = fresh
        await self._cache.save(spec, fresh)

    async def accept(self) -> dict[str, int]:
        """Accept all tools of all servers as they are now; how many of each that can be reached."""
        counts: dict[str, int] = {}
        for name, session in self._sessions.items():
            try:
                tools = [_tool(session.spec, tool) for tool in await session.list_tools()]
            except TemporaryError as error:
                log.warning("mcp server unavailable", server=name, error=str(error))
                continue
            await self._cache.accept(session.spec, tools)
            counts[name] = len(tools)
        return counts

    async def _accepted(self, spec: ServerSpec, tools: list[Tool]) -> list[Tool]:
        """The tools that are as they were accepted; all of them at first sight. A changed one is not used."""
        if not spec.pin:
            return tools
        pins = await self._cache.pins(spec)
        if not pins:
            await self._cache.accept(spec, tools)
            return tools
        kept = [tool for tool in tools if pins.get(tool.name) == tool.fingerprint]
        self._withheld[spec.name] = sorted({tool.name for tool in tools} - {t.name for t in kept})
        if self._withheld[spec.name]:
            log.warning(
                "changed tools are not used", server=spec.name, tools=self._withheld[spec.name]
            )
        return kept


class PoolToolset:
    """The pool seen from one investigation."""

    def __init__(self, pool: McpPool, meta: Mapping[str, Any]) -> None:
        self._pool = pool
        self._meta = meta

    async def tools(self) -> Sequence[Tool]:
        return await self._pool.definitions()

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        for tool in await self._pool.definitions():
            if tool.name == call.name:
                return await self._pool.call(tool, call, within=within, meta=self._meta)
        gaps = "; ".join(self._pool.gaps())
        text = f"{call.name} is not available{f': {gaps}' if gaps else ''}."
        return ToolResult(call=call, text=text, is_error=True, gap=gaps)


def _tool(spec: ServerSpec, listed: mcp_types.Tool) -> Tool:
    read_only = bool(listed.annotations and listed.annotations.read_only_hint)
    return Tool(
        name=re.sub(r"[^a-zA-Z0-9_-]", "_", f"{spec.tool_prefix}{listed.name}")[:128],
        description=listed.description or listed.title or listed.name,
        input_schema=listed.input_schema,
        server=spec.name,
        remote_name=listed.name,
        read_only=read_only,
    )


def _text(result: mcp_types.CallToolResult) -> str:
    """A result's readable content. Structured content is used only when there is no text."""
    parts = [
        block.text
        if isinstance(block, mcp_types.TextContent)
        else f"({block.type} content, not shown)"
        for block in result.content
    ]
    if not parts and result.structured_content is not None:
        parts = [json.dumps(result.structured_content, ensure_ascii=False)]
    return "\n".join(parts)[:MAX_RESULT_CHARS]
