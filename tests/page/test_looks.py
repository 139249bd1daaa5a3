"""Light and dark, wide and narrow: everything can be read and reached."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import pytest
import pytest_asyncio
from playwright.async_api import expect
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import GalleryItem, SlackSimulator
from tests.page import samples
from tests.page.conftest import Visit
from tests.page.visitor import Scheme, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")
CHANNEL = "#incidents"
CONTRAST = Path(__file__).with_name("contrast.js").read_text(encoding="utf-8")


@pytest_asyncio.fixture(loop_scope="session")
async def slack() -> AsyncIterator[SlackSimulator]:
    """A workspace with an alarm in its gallery."""
    gallery = [GalleryItem("The cart is down", "Monitoring", samples.ALARM)]
    async with SlackSimulator(gallery=gallery) as simulator:
        yield simulator


async def _sample(slack: SlackSimulator) -> str:
    """An alarm whose thread holds everything that the bot can say; the root's `ts`."""
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    channel = slack.channel(CHANNEL)
    slack.invite_bot(CHANNEL)
    root = await slack.post_as_app(CHANNEL, samples.ALARM, app="Monitoring")
    await slack.post_as_user(CHANNEL, "<@BOT> why?", thread_ts=root)
    await client.chat_postMessage(
        channel=channel, thread_ts=root, text="all of it", blocks=samples.BLOCKS
    )
    ada = slack.users["ada"].id
    await client.chat_postEphemeral(channel=channel, thread_ts=root, user=ada, text="only for you")
    await slack.react(CHANNEL, root, "eyes", user="ada")
    await slack.react(CHANNEL, root, "fire", user="grace")
    return root


async def _legible(visitor: Visitor) -> None:
    """Nothing is moving, and nothing is too faint."""
    await visitor.page.evaluate(
        "() => Promise.all(document.getAnimations().filter((a) => a.effect.getTiming().iterations < 9).map((a) => a.finished))"
    )
    assert await visitor.page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("scheme", get_args(Scheme))
async def test_every_text_stands_out(slack: SlackSimulator, visit: Visit, scheme: Scheme) -> None:
    """At least 4.5 to 1 (3 to 1 when large) in messages, menus, dialogs and notes: WCAG 2.2, 1.4.3."""
    root = await _sample(slack)
    visitor = await visit(slack.url, scheme=scheme)
    await visitor.open_thread(root)
    await expect(visitor.thread.locator(".plan")).to_be_visible()
    await _legible(visitor)
    await visitor.page.locator("#channel-composer textarea").fill("@")
    await visitor.message(root).hover()
    await visitor.message(root).get_by_role("button", name="More actions").click()
    await _legible(visitor)
    await visitor.go_to("Set off an alarm")
    await _legible(visitor)
    await visitor.page.keyboard.press("Escape")
    await visitor.thread.get_by_role("button", name="Stop").click()
    await _legible(visitor)
    await visitor.dialog.get_by_role("button", name="Restart it").click()
    await expect(visitor.page.locator(".toast")).to_contain_text("is not connected")
    await _legible(visitor)


async def test_a_question_comes_before_the_deed(slack: SlackSimulator, visit: Visit) -> None:
    """The app hears of a button with a confirm dialog only after the second yes."""
    root = await _sample(slack)
    visitor = await visit(slack.url)
    await visitor.open_thread(root)
    stop = visitor.thread.get_by_role("button", name="Stop")
    for leave in ("Leave it", "Escape"):
        await stop.click()
        await expect(visitor.dialog).to_contain_text("It cannot be undone.")
        if leave == "Escape":
            await visitor.page.keyboard.press("Escape")
        else:
            await visitor.dialog.get_by_role("button", name=leave).click()
        await expect(visitor.dialog).to_have_count(0)
        await expect(stop).to_be_focused()
    assert slack.visible_errors() == []
    await stop.click()
    await visitor.dialog.get_by_role("button", name="Restart it").click()

    await expect(visitor.page.locator(".toast")).to_contain_text("is not connected")

    assert [error.doing for error in slack.visible_errors()] == ["click Stop"]


@pytest.mark.parametrize("width", [1440, 980, 390])
async def test_nothing_hides_beyond_the_edge(
    slack: SlackSimulator, visit: Visit, width: int
) -> None:
    """No sideways scrolling; sidebar, thread and composer stay within reach, on a phone too."""
    root = await _sample(slack)
    visitor = await visit(slack.url, width=width)
    await visitor.open_thread(root)

    for pane in ("#sidebar", "#thread", "#thread-composer textarea", "#thread-header button"):
        await expect(visitor.page.locator(pane)).to_be_in_viewport(ratio=1)
    assert await visitor.page.evaluate(
        "() => [...document.querySelectorAll('body, .messages, #sidebar')].every((node) => node.scrollWidth <= node.clientWidth)"
    )
    await visitor.thread.get_by_role("button", name="Close thread").click()
    await expect(visitor.page.locator("#channel-composer textarea")).to_be_in_viewport(ratio=1)


async def test_labels_and_dates_are_slacks_own(slack: SlackSimulator, visit: Visit) -> None:
    """A label may hold bars; a date stands in the reader's time, after the words of its format."""
    text = "<https://a.example|Alarm | cart | eu-west-1> <!date^1795330680^Since {date_num} {time}|1795330680>"
    visitor = await visit(slack.url)
    shown = visitor.message(await slack.post_as_app(CHANNEL, {"text": text}, app="Monitoring"))

    await expect(shown.locator("a")).to_have_text("Alarm | cart | eu-west-1")

    await expect(shown.locator(".text time")).to_contain_text("2026")
    await expect(shown.locator(".text time")).to_contain_text("Since")


async def test_menus_dates_and_ticks_speak_in_messages(slack: SlackSimulator, visit: Visit) -> None:
    """What is chosen in a message reaches the app in the form that Slack gives it."""
    options = [{"text": samples.plain(name), "value": name} for name in ("one", "two")]
    elements: list[samples.Json] = [
        {"type": "datepicker", "action_id": "day", "initial_date": "2026-11-22"},
        {"type": "checkboxes", "action_id": "boxes", "options": options},
        {"type": "static_select", "action_id": "menu", "options": options},
    ]
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    blocks = [{"type": "actions", "elements": elements}]
    posted = await client.chat_postMessage(
        channel=slack.channel(CHANNEL), text="choose", blocks=blocks
    )
    visitor = await visit(slack.url)
    shown = visitor.message(str(posted["ts"]))
    chosen: list[tuple[str, object]] = []
    deeds = (
        lambda: shown.locator("input[type=date]").fill("2026-11-24"),
        lambda: shown.get_by_label("two").check(),
        lambda: shown.locator("select").select_option("two"),
    )
    for deed in deeds:
        async with visitor.page.expect_request("**/_emu/click") as request:
            await deed()
        sent = json.loads((await request.value).post_data or "{}")
        chosen.append((sent["action_id"], sent["value"]))

    assert chosen == [("day", "2026-11-24"), ("boxes", ["two"]), ("menu", "two")]


async def test_long_code_is_shown_when_somebody_wants_it(
    slack: SlackSimulator, visit: Visit
) -> None:
    """The beginning first, all of it by a press, also after the message was drawn anew."""
    lines = "\n".join(f"line {number}" for number in range(60))
    visitor = await visit(slack.url)
    post = {"text": f"```{lines}```"}
    shown = visitor.message(ts := await slack.post_as_app(CHANNEL, post, app="Monitoring"))
    before = await shown.locator("pre").bounding_box()
    await shown.get_by_role("button", name="Show all 60 lines").click()
    await slack.react(CHANNEL, ts, "eyes")
    await expect(shown.locator(".reaction")).to_have_count(1)
    after = await shown.locator("pre").bounding_box()

    assert before is not None
    assert after is not None
    assert before["height"] < 300 < 1000 < after["height"]
    await expect(shown.get_by_role("button", name="Show less")).to_be_visible()
