"""Arguments that the model may not choose: set by the configuration, or never sent.

Other people's tools let their caller name a cluster, a region, an account, a repository or an address. Where that is for
the configuration to say, the argument leaves the tool's schema (and the prompt), and its value is put in here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.tools.toolset import Tool, ToolCall, ToolResult, Toolset

Values = Mapping[str, Any]
"""Argument name to its value; None: it is never sent."""


class Fixed:
    """A toolset whose tools lack the arguments fixed for their server. Only arguments of the top level can be fixed."""

    def __init__(self, inner: Toolset, values: Mapping[str, Values]) -> None:
        self._inner = inner
        self._values = values

    async def tools(self) -> Sequence[Tool]:
        return [
            without(tool, self._values.get(tool.server, {})) for tool in await self._inner.tools()
        ]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        for tool in await self._inner.tools():
            values = self._values.get(tool.server, {})
            if tool.name == call.name and values:
                arguments = filled(tool, call.arguments, values)
                sent = call.model_copy(update={"arguments": arguments})
                result = await self._inner.call(sent, within=within)
                return result.model_copy(update={"call": call})
        return await self._inner.call(call, within=within)


def without(tool: Tool, values: Values) -> Tool:
    """The tool as the model sees it."""
    properties = tool.input_schema.get("properties") or {}
    if not values.keys() & properties.keys():
        return tool
    schema = {
        **tool.input_schema,
        "properties": {name: value for name, value in properties.items() if name not in values},
    }
    if "required" in schema:
        schema["required"] = [name for name in schema["required"] if name not in values]
    return tool.model_copy(update={"input_schema": schema})


def filled(tool: Tool, arguments: Mapping[str, Any], values: Values) -> dict[str, Any]:
    """The arguments as the server gets them."""
    known = tool.input_schema.get("properties") or {}
    chosen = {name: value for name, value in arguments.items() if name not in values}
    return chosen | {
        name: value for name, value in values.items() if value is not None and name in known
    }
