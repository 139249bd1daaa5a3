"""One session per MCP server, opened once and used by every investigation of this worker.

Definitions come from memory, else from the Redis cache, else from the server itself; `warm` asks every server in the
background when a worker starts, so that no investigation does. What may be used of them is the catalogue's to say, and
it is asked again right before each call. While a server is down its tools answer with an error that names the gap, and
the run goes on.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any

import mcp_types
import structlog

from bot.errors import TemporaryError
from bot.tools.allowed import permits
from bot.tools.catalogue import Catalogue
from bot.tools.definition_cache import DefinitionCache
from bot.tools.mcp_session import McpSession, NotOffered
from bot.tools.server_board import ServerState
from bot.tools.servers import ServerSpec
from bot.tools.takeable import problem
from bot.tools.toolset import Tool, ToolCall, ToolResult

log = structlog.get_logger(__name__)

MAX_RESULT_CHARS = 1_000_000
"""A result longer than this is cut before anything else looks at it."""
CUT = f"\n… cut after {MAX_RESULT_CHARS:,} characters"
_KEPT_BACK = re.compile(
    r"\bforbidden\b|\bunauthori[sz]ed\b|\bnot (?:permitted|authori[sz]ed|allowed)\b|\b(?:permission|access) ?denied\b"
    r"|\b40[13]\b|\brefused the credentials\b|\bcannot reach\b|\bdid not answer\b|\brate.?limit"
    r"|\bcould not be checked\b",
    re.IGNORECASE,
)
"""How tools say that they were not let in, or that nobody was there."""
_LONGEST_GAP = 240


class McpPool:
    """The sessions of one worker. `async with` closes them all.

    `logs` is a folder for what stdio servers write to standard error, `reserved` the names of the bot's own tools.
    """

    def __init__(
        self,
        specs: Sequence[ServerSpec],
        cache: DefinitionCache,
        *,
        logs: Path | None = None,
        reserved: Iterable[str] = (),
    ) -> None:
        self.catalogue = Catalogue(specs, cache, reserved)
        self._sessions = {spec.name: self._session(spec, logs) for spec in specs}
        self._learning: dict[str, asyncio.Task[bool]] = {}
        self._refused: dict[str, list[str]] = {}
        """By server: tools that the Messages API would refuse, as gaps."""
        self._asked: set[str] = set()

    async def __aenter__(self) -> McpPool:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        learning = [task for task in self._learning.values() if not task.done()]
        for task in learning:
            task.cancel()
        await asyncio.gather(*learning, return_exceptions=True)
        await asyncio.gather(*(session.close() for session in self._sessions.values()))

    def toolset(self, meta: Mapping[str, Any] = MappingProxyType({})) -> PoolToolset:
        """The pool's tools for one investigation; `meta` goes along with every call and is not the model's to choose."""
        return PoolToolset(self, meta)

    async def warm(self) -> None:
        """Connect to every server and refresh its definitions. Servers that are down are logged, not raised."""
        await asyncio.gather(*(self._refresh(session) for session in self._sessions.values()))

    async def definitions(self) -> list[Tool]:
        """All tools that may be used. Servers that are down and unknown so far are left out (see `gaps`).

        Raises TemporaryError when the cache cannot be read.
        """
        await asyncio.gather(*(self._learn(session) for session in self._sessions.values()))
        await self.catalogue.refresh()
        return list(self.catalogue.usable())

    def states(self) -> list[ServerState]:
        """How each server is, as far as this worker knows."""
        return [
            ServerState(name=name, tools=self.catalogue.count(name), down=session.down)
            for name, session in self._sessions.items()
        ]

    def gaps(self) -> list[str]:
        """What cannot be used now, one sentence each: servers that are down, tools that changed or take a name."""
        down = [session.down for session in self._sessions.values() if session.down]
        return (
            down + self.catalogue.gaps() + [gap for gaps in self._refused.values() for gap in gaps]
        )

    async def accept(self) -> dict[str, int]:
        """Accept the tools of all pinned servers as they are now; how many of each that can be reached."""
        counts: dict[str, int] = {}
        for name, session in self._sessions.items():
            if session.spec.pin and await self._refresh(session):
                counts[name] = await self.catalogue.accept(name)
        return counts

    async def call(
        self, tool: Tool, call: ToolCall, *, within: float, meta: Mapping[str, Any]
    ) -> ToolResult:
        """Run one call on the tool's server; every failure is a result with `is_error`."""
        session = self._sessions[tool.server]
        limit = min(within, session.spec.timeout)
        try:
            result = await session.call(
                tool.remote_name,
                call.arguments,
                within=limit,
                meta=meta,
                again=tool.read_only,
                permitted=lambda: self.catalogue.may_be_called(tool),
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
        except NotOffered:
            return self.unavailable(call)
        text, failed = _text(result), bool(result.is_error)
        return ToolResult(
            call=call,
            text=text or "(empty result)",
            is_error=failed,
            gap=_gap(call, text, failed=failed),
            data=result.structured_content,
        )

    def unavailable(self, call: ToolCall) -> ToolResult:
        """The answer to a call of a tool that may not be used, or that there is not."""
        gaps = "; ".join(self.gaps())
        if gaps:
            text = f"{call.name} is not available: {gaps}."
        else:
            text = f"There is no tool named {call.name!r}. Use one of the tools you were given."
        return ToolResult(call=call, text=text, is_error=True, gap=gaps)

    def _session(self, spec: ServerSpec, logs: Path | None) -> McpSession:
        async def listed(tools: Sequence[mcp_types.Tool]) -> None:
            offered = [_tool(spec, tool) for tool in tools]
            refused = {tool.remote_name: why for tool in offered if (why := problem(tool))}
            self._refused[spec.name] = [
                f"the tool {tool.remote_name!r} of MCP server {spec.name!r} cannot be offered: {refused[tool.remote_name]}"
                for tool in offered
                if tool.remote_name in refused and permits(spec.allow, tool)
            ]
            for gap in self._refused[spec.name]:
                log.warning(gap)
            await self.catalogue.take(
                spec, [tool for tool in offered if tool.remote_name not in refused]
            )

        return McpSession(spec, listed, log=logs / f"mcp-{spec.name}.log" if logs else None)

    async def _learn(self, session: McpSession) -> None:
        """Know the server's tools. A server that is down is waited for once; afterwards it is asked on the side."""
        name = session.spec.name
        known = self.catalogue.knows(name) or await self.catalogue.recall(session.spec)
        if known and not session.stale:
            return
        task = self._learning.get(name)
        if task is None or task.done():
            task = self._learning[name] = asyncio.create_task(self._refresh(session))
        if known or name not in self._asked:
            await asyncio.shield(task)

    async def _refresh(self, session: McpSession) -> bool:
        try:
            await session.refresh()
        except TemporaryError as error:
            log.warning("mcp server unavailable", server=session.spec.name, error=str(error))
            return False
        finally:
            self._asked.add(session.spec.name)
        return True


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
        return self._pool.unavailable(call)


def _tool(spec: ServerSpec, listed: mcp_types.Tool) -> Tool:
    hints = listed.annotations or mcp_types.ToolAnnotations()
    said = listed.model_dump(
        mode="json", by_alias=True, exclude_none=True, exclude={"meta", "icons", "execution"}
    )
    return Tool(
        name=re.sub(r"[^a-zA-Z0-9_-]", "_", f"{spec.tool_prefix}{listed.name}")[:128],
        description=listed.description or listed.title or listed.name,
        input_schema=listed.input_schema,
        server=spec.name,
        remote_name=listed.name,
        read_only=bool(hints.read_only_hint),
        destructive=bool(hints.destructive_hint),
        said=json.dumps(said, sort_keys=True, ensure_ascii=False),
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
    whole = "\n".join(parts)
    return whole if len(whole) <= MAX_RESULT_CHARS else whole[:MAX_RESULT_CHARS] + CUT


def _gap(call: ToolCall, text: str, *, failed: bool) -> str:
    """What could not be seen because somebody did not permit or answer it, or because it was too long."""
    if failed and (found := _KEPT_BACK.search(text)):
        line = text[text.rfind("\n", 0, found.start()) + 1 :].partition("\n")[0]
        return f"{call.name}: {line.strip()[:_LONGEST_GAP]}"
    if text.endswith(CUT):
        return f"{call.name}: its result was too long and was cut"
    return ""
