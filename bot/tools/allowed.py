"""Tools that are not allowed are neither shown nor callable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from bot.tools.toolset import Tool, ToolCall, ToolResult, Toolset

_WILDCARDS = "*?["


class Allowed:
    """Lets through the tools whose name matches one of their server's `allow` patterns (shell wildcards).

    Patterns match the name that the server itself gave the tool. A server without patterns allows nothing.
    """

    def __init__(self, inner: Toolset, patterns: Mapping[str, Iterable[str]]) -> None:
        self._inner = inner
        self._patterns = {server: tuple(names) for server, names in patterns.items()}

    async def tools(self) -> Sequence[Tool]:
        return [tool for tool in await self._inner.tools() if self.permits(tool)]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        found = [tool for tool in await self._inner.tools() if tool.name == call.name]
        if any(not self.permits(tool) for tool in found):
            text = f"There is no tool named {call.name!r}. Use one of the tools you were given."
            return ToolResult(call=call, text=text, is_error=True)
        return await self._inner.call(call, within=within)

    def permits(self, tool: Tool) -> bool:
        """Whether the tool's server allows it by pattern."""
        return permits(self._patterns.get(tool.server, ()), tool)


def permits(patterns: Iterable[str], tool: Tool) -> bool:
    """Whether one of the patterns allows the tool.

    A tool that is not read-only, or that is marked destructive, needs its exact name listed: a server cannot widen a
    wildcard by a new tool, nor by the name it gives one.
    """
    patterns = tuple(patterns)
    if tool.remote_name in names(patterns):
        return True
    if not tool.read_only or tool.destructive:
        return False
    return any(fnmatchcase(tool.remote_name, pattern) for pattern in patterns)


def names(patterns: Iterable[str]) -> frozenset[str]:
    """The patterns that are exact names."""
    return frozenset(
        pattern for pattern in patterns if not any(sign in pattern for sign in _WILDCARDS)
    )
