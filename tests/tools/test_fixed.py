"""Arguments that the configuration chooses are neither shown to the model nor taken from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from bot.tools.fixed import Fixed
from bot.tools.toolset import Tool, ToolCall, ToolResult

SCHEMA = {
    "type": "object",
    "properties": {"owner": {"type": "string"}, "path": {"type": "string"}, "url": {}},
    "required": ["owner", "path"],
}


class Echo:
    """A toolset that answers with the arguments it was given."""

    async def tools(self) -> Sequence[Tool]:
        plain = {"type": "object", "properties": {"path": {}}}
        return [
            Tool(name="read", description="", input_schema=SCHEMA, server="github"),
            Tool(name="tree", description="", input_schema=plain, server="github"),
            Tool(name="other", description="", input_schema=SCHEMA, server="other"),
        ]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        return ToolResult(call=call, text=json.dumps(call.arguments))


async def _call(name: str, **arguments: Any) -> ToolResult:
    fixed = Fixed(Echo(), {"github": {"owner": "acme", "url": None}})
    return await fixed.call(ToolCall(id="t", label="c1", name=name, arguments=arguments), within=1)


async def test_fixed_arguments_leave_the_schema() -> None:
    """Of the tools of that server only."""
    tools = await Fixed(Echo(), {"github": {"owner": "acme", "url": None}}).tools()
    read, tree, other = tools

    assert list(read.input_schema["properties"]) == ["path"]
    assert read.input_schema["required"] == ["path"]
    assert list(tree.input_schema["properties"]) == ["path"]
    assert other.input_schema == SCHEMA


async def test_fixed_values_are_put_in_whatever_the_model_says() -> None:
    """A value where the tool takes it; an argument that is never sent is dropped."""
    read = await _call("read", path="a", owner="evil", url="http://evil")
    tree = await _call("tree", path="a")
    other = await _call("other", owner="mine")

    assert json.loads(read.text) == {"path": "a", "owner": "acme"}
    assert json.loads(tree.text) == {"path": "a"}
    assert json.loads(other.text) == {"owner": "mine"}
    assert read.call.arguments == {"path": "a", "owner": "evil", "url": "http://evil"}
