"""From the alarm to its diagnosis, watched and steered in a browser."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Locator, expect
from redis.asyncio import Redis

from bot.demo.world import CHANNEL
from bot.redis_client import connect
from bot.simulators.messages_api import Reply, StandIn
from bot.slack.ballot import Ballot, Opinion
from tests.page.conftest import Desk, Visit
from tests.page.visitor import Visitor
from tests.stories.conftest import OnCall, looks_and_thinks

pytestmark = pytest.mark.asyncio(loop_scope="session")
FAULT = "Fault in deployment/cartservice"


class Paced(StandIn):
    """The stand-in, which after its second reply waits until somebody looked."""

    def __init__(self) -> None:
        self.looked = asyncio.Event()
        self._replies = 0

    async def reply(self, request: dict[str, Any]) -> Reply:
        """Like the stand-in."""
        self._replies += 1
        if self._replies > 2:
            await self.looked.wait()
        return await super().reply(request)


async def _alarm(story: OnCall, visitor: Visitor) -> str:
    """Set off the alarm, open its thread; the root's `ts`."""
    await visitor.set_off_alarm(story.world.scenario.title)
    await expect(visitor.channel.locator(".message")).to_have_count(1)
    root = str(story.slack.messages(CHANNEL)[0]["ts"])
    await visitor.open_thread(root)
    return root


def _steps(visitor: Visitor) -> Locator:
    return visitor.thread.locator(".plan .task")


async def test_an_alarm_is_watched_judged_and_asked_about(desk: Desk, visit: Visit) -> None:
    """From the gallery to the diagnosis, the vote on it, and the answer to a question about something else."""
    async with desk() as story:
        visitor = await visit(story.slack.page_url)
        root = await _watch(story, visitor)
        final = visitor.reply(story.finals(root)[0]["ts"])
        await _judge(visitor, final)
        await visitor.write("what about the payment service?", where="thread")
        answer = await story.final(root, count=2)

        await expect(visitor.reply(answer["ts"])).to_contain_text("payment")

        await expect(final.locator(".feedback [aria-pressed=true]")).to_have_text(["👎"])
        opinions = [(item.vote.vote, item.really) for item in await _opinions(story, root)]
        assert opinions == [("wrong", "A full disk on node 3")]


async def _watch(story: OnCall, visitor: Visitor) -> str:
    """The card grows while the bot works; what a person unfolded and the keyboard's focus stay as they were."""
    model = Paced()
    story.model.use(model)
    root = await _alarm(story, visitor)
    step = _steps(visitor).filter(has_text="list pods")
    await step.locator(".line[aria-expanded=false]").press("Enter")
    await expect(visitor.thread.get_by_text("is working")).to_be_visible()
    early = await _steps(visitor).count()
    model.looked.set()

    await expect(visitor.thread.locator(".block-header")).to_contain_text(FAULT)

    await expect(visitor.thread.get_by_text("is working")).to_have_count(0)
    assert await _steps(visitor).count() > early
    await expect(visitor.thread.locator(".task:not(.complete)")).to_have_count(0)
    await expect(step.locator(".inside")).to_be_visible()
    await expect(step.locator(".line[aria-expanded=true]")).to_be_focused()
    await expect(visitor.message(root).locator(".reaction")).to_have_text(["✅1"])
    return root


async def _judge(visitor: Visitor, final: Locator) -> None:
    """Right is thanked for; Wrong asks what it was, which must be filled in."""
    await final.get_by_role("button", name="Right").click()
    await expect(visitor.thread.locator(".ephemeral")).to_contain_text("noted as right")
    await final.get_by_role("button", name="Wrong").click()
    await visitor.dialog.get_by_role("button", name="Send").click()
    await expect(visitor.dialog.locator(".error")).to_contain_text("complete this required")
    await visitor.dialog.get_by_label("The real cause").fill("A full disk on node 3")
    await visitor.dialog.get_by_role("button", name="Send").click()
    await expect(visitor.dialog).to_have_count(0)


async def _opinions(story: OnCall, root: str) -> list[Opinion]:
    incident = (await story.conversation(root)).id
    redis: Redis = connect(story.environment["REDIS_URL"])
    try:
        return await Ballot(redis).opinions(incident)
    finally:
        await redis.aclose()


async def test_stop_and_keep_going(desk: Desk, visit: Visit) -> None:
    """The card's Stop and Slack's own end a run in a message that offers to go on; going on ends in a diagnosis."""
    async with desk() as story:
        story.model.script(looks_and_thinks(2))
        visitor = await visit(story.slack.page_url)
        root = await _alarm(story, visitor)
        headers = visitor.thread.locator(".block-header")
        go_on = visitor.thread.get_by_role("button", name="Keep going")
        await story.until(lambda: len(story.model.requests) == 3)
        await visitor.thread.locator(".message .button.danger", has_text="Stop").click()
        if _asks(story, root):
            await visitor.dialog.locator("button[value=yes]").click()
        await expect(visitor.thread.locator(".ephemeral")).to_contain_text("Stopping")
        await expect(headers).to_contain_text(["Stopped"])
        await go_on.click()
        await expect(visitor.thread.get_by_text("@ada asked to keep going.")).to_have_count(1)
        await story.until(lambda: len(story.model.requests) == 4)
        await visitor.page.locator("#thread-status").get_by_role("button", name="Stop").click()
        await expect(headers).to_contain_text(["Stopped", "Stopped"])
        await expect(visitor.page.locator("#thread-status")).to_be_hidden()
        story.model.use(None)
        await go_on.click()

        await expect(headers).to_contain_text(["Stopped", "Stopped", FAULT])

        await expect(visitor.thread.get_by_text("@ada asked to keep going.")).to_have_count(2)
        await expect(go_on).to_have_count(0)


def _asks(story: OnCall, root: str) -> bool:
    """Whether the Stop button of the card wants to be confirmed."""
    card = story.card(root)
    assert card is not None
    buttons = [item for block in card["blocks"] for item in block.get("elements", [])]
    return any("confirm" in item for item in buttons if item["type"] == "button")
