"""Tools are frozen with the conversation, except where there were none to freeze."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from redis.asyncio import Redis

from bot.agent.messages import text, user
from bot.conversations.store import ConversationStore
from bot.fencing import Superseded, epoch_key
from bot.investigation.cascade import Cascade
from bot.investigation.stage import Stage, Stages
from bot.tools.toolset import Tool, ToolCall, ToolResult
from tests.conftest import START

ID = "0123456789abcdef-00000002"
OWN = ["read_result", "submit_diagnosis"]


class Servers:
    """Tools of servers that come and go."""

    def __init__(self) -> None:
        self.names: list[str] = []

    async def tools(self) -> Sequence[Tool]:
        return [Tool(name=name, description="d", input_schema={}) for name in self.names]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        raise NotImplementedError


def names(stage: Stage) -> list[str]:
    """The tools of the next request."""
    return [tool["name"] for tool in stage.transcript.prompt().tools]


async def test_a_conversation_that_began_without_servers_takes_the_tools_of_its_next_run(
    redis: Redis,
) -> None:
    """What was frozen was nothing; from then on it stays as it is."""
    stages = Stages(ConversationStore(redis), Cascade(["m"]), lambda: START)
    servers = Servers()
    await redis.set(epoch_key(ID), 1, ex=60)
    first = await stages.enter(ID, "run:1", 1, servers)
    assert names(first) == OWN
    await first.transcript.begin(user(text("An alarm.")), START)

    servers.names = ["pods"]
    second = await stages.enter(ID, "run:2", 1, servers)
    assert names(second) == ["pods", *OWN]
    assert second.conversation.messages == first.conversation.messages

    servers.names = ["logs", "pods"]
    assert names(await stages.enter(ID, "run:3", 1, servers)) == ["pods", *OWN]
    servers.names = []
    assert names(await stages.enter(ID, "run:4", 1, servers)) == ["pods", *OWN]


async def test_who_was_superseded_changes_no_tools(redis: Redis) -> None:
    """Another worker has taken the incident over."""
    stages = Stages(ConversationStore(redis), Cascade(["m"]), lambda: START)
    servers = Servers()
    await redis.set(epoch_key(ID), 1, ex=60)
    await stages.enter(ID, "run:1", 1, servers)
    await redis.set(epoch_key(ID), 2, ex=60)
    servers.names = ["pods"]

    with pytest.raises(Superseded):
        await stages.enter(ID, "run:1", 1, servers)
    assert names(await stages.enter(ID, "run:1", 2, servers)) == ["pods", *OWN]
