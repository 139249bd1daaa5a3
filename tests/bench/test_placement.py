"""Other designs differ from ours in their breakpoints and in nothing else."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bot.agent.claude import Claude
from bot.agent.messages import Prompt, Turn, text, user
from bot.agent.model import Model
from bot.bench.placement import PlacedModel, peer, uncached
from bot.errors import PermanentError
from bot.simulators.messages_api import MessagesApiSimulator, thinking, tool_use
from bot.tools.toolset import ToolCall, ToolResult

TOOLS = [{"name": name, "description": "x", "input_schema": {"type": "object"}} for name in "ab"]


async def silent(_: str) -> None:
    """Nobody is told of delays."""


async def conversation(api: MessagesApiSimulator, model: Model) -> list[dict[str, Any]]:
    """The bodies of a run's two requests: a call with thinking, its result, an answer."""
    call_id = "toolu_1"
    api.script([[thinking("Hm."), tool_use("a", {"x": 1}, call_id)], "done"])
    first = Prompt(system="s", tools=TOOLS, messages=[user(text("go"))])
    reply = await model.reply(first, within=20, notice=silent)
    result = ToolResult(call=ToolCall(id=call_id, label="c1", name="a"), text="fine")
    turn = Turn(reply=reply, results=[result]).messages()
    later = first.model_copy(update={"messages": [*first.messages, *turn]})
    await model.reply(later, within=20, notice=silent)
    bodies = [request.body for request in api.requests]
    api.reset()
    return bodies


def unmarked(value: Any) -> Any:
    """A body without breakpoints."""
    if isinstance(value, list):
        return [unmarked(each) for each in value]
    if isinstance(value, dict):
        return {k: unmarked(v) for k, v in value.items() if k not in ("cache_control", "stream")}
    return value


def marks(body: dict[str, Any]) -> list[str]:
    """Where the breakpoints of a body are."""
    found = [f"tool {tool['name']}" for tool in body["tools"] if "cache_control" in tool]
    found += ["system" for block in body["system"] if "cache_control" in block]
    for at, message in enumerate(body["messages"]):
        found += [f"message {at}" for block in message["content"] if "cache_control" in block]
    return found


async def test_bodies_are_equal_but_for_the_breakpoints() -> None:
    """The real client, the peer's way and none at all send the same tools, system, messages and settings."""
    async with MessagesApiSimulator() as api, aiohttp.ClientSession() as session:
        claude = Claude(api_key=api.api_key, model="claude-sonnet-5-5", base_url=api.url)
        ours = await conversation(api, claude)
        await claude.close()
        theirs, plain = [
            await conversation(
                api,
                PlacedModel(
                    session,
                    api_key=api.api_key,
                    model="claude-sonnet-5-5",
                    base_url=api.url,
                    arrange=arrange,
                ),
            )
            for arrange in (peer, uncached)
        ]

    assert unmarked(ours) == unmarked(theirs) == unmarked(plain)
    assert [marks(body) for body in plain] == [[], []]
    assert [marks(body) for body in theirs] == [["tool b"], ["tool b", "message 2"]]
    assert marks(ours[1]) == ["tool b", "system", "message 0", "message 2"]


async def test_a_refused_request_ends_the_measurement() -> None:
    """A wrong key is no number."""
    async with MessagesApiSimulator() as api, aiohttp.ClientSession() as session:
        model = PlacedModel(
            session, api_key="wrong", model="claude-sonnet-5-5", base_url=api.url, arrange=peer
        )
        with pytest.raises(PermanentError, match="invalid x-api-key"):
            await model.reply(
                Prompt(system="s", tools=TOOLS, messages=[user(text("go"))]),
                within=20,
                notice=silent,
            )
