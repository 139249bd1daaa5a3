"""Tools that are not allowed are neither shown nor callable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from bot.tools.toolset import Tool, ToolCall, ToolResult, Toolset


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
        if not any(tool.name == call.name for tool in await self.tools()):
            text = f"There is no tool named {call.name!r}. Use one of the tools you were given."
            return ToolResult(call=call, text=text, is_error=True)
        return await self._inner.call(call, within=within)

    def permits(self, tool: Tool) -> bool:
        """Whether the tool's server allows it by pattern."""
        return permits(self._patterns.get(tool.server, ()), tool)


def permits(patterns: Iterable[str], tool: Tool) -> bool:
    """Whether one of the patterns allows the tool. A tool that is not read-only needs its exact name listed."""
    if tool.read_only:
        return any(fnmatchcase(tool.remote_name, pattern) for pattern in patterns)
    return tool.remote_name in patterns
