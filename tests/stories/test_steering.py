"""People speak into a running investigation, and it listens."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from bot.demo.world import CHANNEL
from bot.simulators.messages_api import StandIn, tool_use
from tests.stories.conftest import Open, said
from tests.stories.test_prompt_prefix import moved

JOINS_AS = "HighLatency"
JOINS = f'[FIRING:1] {JOINS_AS} cartservice (namespace="boutique")'


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


async def test_what_comes_in_during_a_run_enters_at_the_next_turn(oncall: Open) -> None:
    """A reply and a related alarm are heard in the same run, once, without a second investigation; the cached prefix does
    not move, and the reply is marked as answered."""
    async with oncall("cartservice-guard") as story:
        gate = Gate()
        story.model.script(gate)
        root = await story.alarm()
        await story.until(lambda: gate.asked == 2 or len(story.model.requests) >= 2)
        ts = await story.slack.post_as_user(
            CHANNEL, "look at the payment service too", thread_ts=root
        )
        await story.until(lambda: "eyes" in story.slack.reactions(CHANNEL, ts))
        other = {"attachments": [{"color": "danger", "title": JOINS, "fallback": JOINS}]}
        await story.slack.post_as_app(CHANNEL, {"text": "", **other}, app="Alertmanager")
        await story.until(lambda: any("related alarm" in said(m) for m in story.thread(root)))
        gate.open.set()
        await story.final(root)

        bodies = [request.body for request in story.model.requests]
        last = json.dumps(bodies[-1]["messages"])
        assert last.count("look at the payment service too") == 1
        assert last.count("further alarms joined this incident") == 1
        assert f'<untrusted source=\\"alarm\\">\\n{JOINS_AS} (service cartservice' in last
        assert moved(bodies) == []
        assert len(story.finals(root)) == 1
        await story.until(lambda: set(story.slack.reactions(CHANNEL, ts)) == {"white_check_mark"})
