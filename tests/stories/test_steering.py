"""People speak into a running investigation, and it listens."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from bot.demo.world import CHANNEL
from bot.simulators.messages_api import StandIn, tool_use
from tests.stories.conftest import Open
from tests.stories.test_prompt_prefix import moved


class Gate:
    """A model that looks once, waits until it is let on, and then goes on as the stand-in."""

    def __init__(self) -> None:
        self.asked = 0
        self.open = asyncio.Event()
        self._stand_in = StandIn()

    async def __call__(self, request: dict[str, Any]) -> Any:
        self.asked += 1
        if self.asked == 1:
            return tool_use("kubernetes_list_pods", {})
        await self.open.wait()
        return await self._stand_in.reply(request)


async def test_a_reply_during_a_run_enters_at_the_next_turn(oncall: Open) -> None:
    """Heard in the same run, without a second investigation, and the cached prefix does not move."""
    async with oncall("cartservice-guard") as story:
        gate = Gate()
        story.model.script(gate)
        root = await story.alarm()
        await story.until(lambda: gate.asked == 2 or len(story.model.requests) >= 2)
        ts = await story.slack.post_as_user(
            CHANNEL, "look at the payment service too", thread_ts=root
        )
        await story.until(lambda: "eyes" in story.slack.reactions(CHANNEL, ts))
        gate.open.set()
        await story.final(root)

        bodies = [request.body for request in story.model.requests]
        said = [json.dumps(body["messages"]) for body in bodies]
        assert any("look at the payment service too" in text for text in said)
        assert moved(bodies) == []
        assert len(story.finals(root)) == 1
