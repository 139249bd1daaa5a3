"""People start by hand, and look at the Home, in a browser."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.demo.world import CHANNEL
from tests.page.conftest import Desk, Visit
from tests.page.visitor import Visitor
from tests.stories.conftest import OnCall

pytestmark = pytest.mark.asyncio(loop_scope="session")
FAULT = "Fault in deployment/cartservice"


async def test_an_investigation_is_started_by_hand(desk: Desk, visit: Visit) -> None:
    """By the command, which is completed, and by the shortcut on a message in a channel that is not watched."""
    async with desk() as story:
        visitor = await visit(story.slack.page_url)
        await _command(visitor)
        await _shortcut(story, visitor)


async def _command(visitor: Visitor) -> None:
    """`/di` and Tab write the command, its hint says what may follow, and an investigation starts."""
    area = visitor.page.locator("#channel-composer textarea")
    await area.press_sequentially("/di")
    choices = visitor.page.locator("#channel-composer .choices button")
    await expect(choices).to_contain_text(["[service | question"])
    await area.press("Tab")
    await expect(area).to_have_value("/diagnose ")
    await area.press_sequentially("cartservice")
    await expect(choices).to_have_count(0)
    await area.press("Enter")
    await visitor.channel.locator(".summary").click()

    await expect(visitor.thread.locator(".block-header")).to_contain_text(FAULT)

    await expect(area).to_have_value("")


async def _shortcut(story: OnCall, visitor: Visitor) -> None:
    """From the menu of a message."""
    post = story.world.scenario.alarm.post
    assert post is not None
    root = await story.slack.post_as_app("#general", post, app="Amazon Q Developer")
    await visitor.go_to("general")
    await visitor.pick(root, "Diagnose this alarm")
    await visitor.open_thread(root)

    await expect(visitor.thread.locator(".block-header")).to_contain_text(FAULT)

    await expect(visitor.channel.locator(".menu")).to_have_count(0)


async def test_home_lists_the_open_incidents(desk: Desk, visit: Visit) -> None:
    """Published anew when somebody opens it, with the commands."""
    async with desk(worker=False) as story:
        visitor = await visit(story.slack.page_url)
        await visitor.go_to("Tocsin Home")
        await expect(visitor.page.locator(".home")).to_contain_text("Nothing is open")
        await expect(visitor.page.locator(".home")).to_contain_text("/diagnose <service>")
        await visitor.go_to("incidents")
        root = await story.alarm()
        await expect(visitor.message(root).locator(".reaction")).to_have_text(["👀1"])
        await visitor.go_to("Tocsin Home")

        await expect(visitor.page.locator(".home")).to_contain_text("1 open incident")

        await expect(visitor.page.locator(".home .mention").first).to_have_text(CHANNEL)
