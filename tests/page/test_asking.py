"""People ask on, start by hand and say what they think of it, in a browser."""

from __future__ import annotations

import pytest
from playwright.async_api import expect
from redis.asyncio import Redis

from bot.demo.world import CHANNEL
from bot.redis_client import connect
from bot.slack.ballot import Ballot, Opinion
from tests.page.conftest import Desk, Visit
from tests.stories.conftest import OnCall

pytestmark = pytest.mark.asyncio(loop_scope="session")
FAULT = "Fault in deployment/cartservice"


async def test_a_diagnosis_is_voted_on_and_asked_about(desk: Desk, visit: Visit) -> None:
    """Right is thanked for; Wrong asks what it was, which must be filled in; a reply is answered in the thread."""
    async with desk() as story:
        visitor = await visit(story.slack.page_url)
        root = await story.alarm()
        final = visitor.reply((await story.final(root))["ts"])
        await visitor.open_thread(root)
        await final.get_by_role("button", name="Right").click()
        await expect(visitor.thread.locator(".ephemeral")).to_contain_text("noted as right")
        await final.get_by_role("button", name="Wrong").click()
        await visitor.dialog.get_by_role("button", name="Send").click()
        await expect(visitor.dialog.locator(".error")).to_contain_text("complete this required")
        await visitor.dialog.get_by_label("The real cause").fill("A full disk on node 3")
        await visitor.dialog.get_by_role("button", name="Send").click()
        await expect(visitor.dialog).to_have_count(0)
        await visitor.write("what about the payment service?", where="thread")
        answer = await story.final(root, count=2)

        await expect(visitor.reply(answer["ts"])).to_contain_text("payment")

        await expect(final.locator(".feedback [aria-pressed=true]")).to_have_text(["👎"])
        opinions = [(item.vote.vote, item.really) for item in await _opinions(story, root)]
        assert opinions == [("wrong", "A full disk on node 3")]


async def _opinions(story: OnCall, root: str) -> list[Opinion]:
    incident = (await story.conversation(root)).id
    redis: Redis = connect(story.environment["REDIS_URL"])
    try:
        return await Ballot(redis).opinions(incident)
    finally:
        await redis.aclose()


async def test_the_command_is_completed_and_opens_a_thread(desk: Desk, visit: Visit) -> None:
    """`/di` and Tab write the command, its hint says what may follow, and an investigation starts."""
    async with desk() as story:
        visitor = await visit(story.slack.page_url)
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


async def test_the_shortcut_investigates_a_message(desk: Desk, visit: Visit) -> None:
    """From the menu of a message, in a channel whose posts are not watched."""
    async with desk() as story:
        post = story.world.scenario.alarm.post
        assert post is not None
        root = await story.slack.post_as_app("#general", post, app="Amazon Q Developer")
        visitor = await visit(story.slack.page_url)
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
