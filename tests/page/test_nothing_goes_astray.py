"""What a person types or presses reaches its place while the page loads, loads again, or has lost the workspace."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, expect
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import SlackSimulator
from tests.page import samples
from tests.page.conftest import Visit
from tests.page.visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")
CHANNEL = "#incidents"


def _client(slack: SlackSimulator) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


def _direct(visitor: Visitor) -> Any:
    """The conversation with the app, in the sidebar."""
    return visitor.page.locator("#sidebar").get_by_role("button", name="Tocsin", exact=True)


def _said(slack: SlackSimulator, channel: str) -> list[str]:
    return [str(message["text"]) for message in slack.messages(channel)]


@contextlib.asynccontextmanager
async def _held(page: Page, path: str) -> AsyncIterator[asyncio.Event]:
    """Answers to `path` stay on their way until the block ends; the event is set when one is."""
    on_its_way, go = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        answer = await route.fetch()
        on_its_way.set()
        await go.wait()
        await route.fulfill(response=answer)

    await page.route(path, hold)
    try:
        yield on_its_way
    finally:
        go.set()


async def test_nothing_can_be_written_before_the_workspace_is_known(
    slack: SlackSimulator, browser: Browser
) -> None:
    """It would belong to no channel, and the first drawing would wipe it out."""
    page = await (await browser.new_context()).new_page()
    composer = page.locator("#channel-composer")
    async with _held(page, "**/_emu/state") as on_its_way:
        await page.goto(slack.url)
        await on_its_way.wait()
        await expect(composer).to_be_hidden()
    await composer.locator("textarea").fill("hello")
    await composer.locator("textarea").press("Enter")
    await expect(page.locator("#channel-messages .message")).to_contain_text(["hello"])
    await page.context.close()


async def test_what_could_not_be_sent_stands_in_its_box_again(
    slack: SlackSimulator, visit: Visit
) -> None:
    """Also when its writer has gone elsewhere, and written on, by then."""
    visitor = await visit(slack.url)
    area = visitor.page.locator("#channel-composer textarea")
    await visitor.write("/nothing here")
    await expect(area).to_have_value("/nothing here")
    slack.archive_channel(CHANNEL)
    async with _held(visitor.page, "**/_emu/post_as_user") as on_its_way:
        await visitor.write("the disk is full")
        await on_its_way.wait()
        await area.fill("or is it?")
        await visitor.go_to("general")
    await expect(visitor.page.locator(".toast", has_text="is archived")).to_be_visible()
    await visitor.go_to("incidents")

    await expect(area).to_have_value("the disk is full\nor is it?")

    assert all("400" in line for line in visitor.complaints)
    visitor.complaints.clear()


async def test_messages_keep_the_order_in_which_they_were_written(
    slack: SlackSimulator, visit: Visit
) -> None:
    """However long the first is on its way."""
    visitor = await visit(slack.url)
    started = asyncio.Event()

    async def slow(route: Route) -> None:
        first = not started.is_set()
        started.set()
        if first:
            await typed.wait()
        await route.continue_()

    typed = asyncio.Event()
    await visitor.page.route("**/_emu/post_as_user", slow)
    await visitor.write("one")
    await started.wait()
    await visitor.write("two")
    typed.set()

    await expect(visitor.channel.locator(".message")).to_contain_text(["one", "two"])

    assert _said(slack, CHANNEL) == ["one", "two"]


async def test_who_goes_elsewhere_is_not_called_back(slack: SlackSimulator, visit: Visit) -> None:
    """A conversation that opens late does not take its visitor away from where they are writing by then."""
    visitor = await visit(slack.url)
    area = visitor.page.locator("#channel-composer textarea")
    async with (
        visitor.page.expect_request_finished(lambda request: "open_direct" in request.url),
        _held(visitor.page, "**/_emu/open_direct") as on_its_way,
    ):
        await _direct(visitor).click()
        await on_its_way.wait()
        await visitor.go_to("general")
        await area.fill("hello")
        assert await visitor.page.locator(".toast").count() == 0  # it was not given up before
    await area.press("Enter")
    await expect(visitor.channel.locator(".message")).to_contain_text(["hello"])

    assert _said(slack, "#general") == ["hello"]


async def test_a_conversation_opens_while_the_page_loads_again(
    slack: SlackSimulator, visit: Visit
) -> None:
    """The answer that is on its way does not know the conversation yet; the next one does."""
    visitor = await visit(slack.url)
    async with _held(visitor.page, "**/_emu/state") as on_its_way:
        slack.add_channel("payments")
        await on_its_way.wait()
        async with visitor.page.expect_response("**/_emu/open_direct"):
            await _direct(visitor).click()
    await expect(visitor.page.locator("#channel-header h1")).to_have_text("Tocsin")
    await visitor.write("are you there?")
    await expect(visitor.channel.locator(".message")).to_contain_text(["are you there?"])

    assert _said(slack, slack.direct("ada")) == ["are you there?"]


async def test_one_does_not_write_into_the_conversation_of_another(
    slack: SlackSimulator, visit: Visit
) -> None:
    """Who becomes somebody else leaves the direct conversation that is not theirs."""
    await slack.post_as_user(slack.direct("ada"), "secret")
    visitor = await visit(slack.url)
    await _direct(visitor).click()
    await expect(visitor.channel.locator(".message")).to_contain_text(["secret"])
    await visitor.go_to("grace")

    await expect(visitor.channel.locator(".message")).to_have_count(0)

    await visitor.write("hello")
    await expect(visitor.channel.locator(".message")).to_contain_text(["hello"])
    assert _said(slack, CHANNEL) == ["hello"]


async def test_the_keyboard_keeps_its_place(slack: SlackSimulator, visit: Visit) -> None:
    """On the buttons around a thread while its messages change, in the sidebar, and between press and release."""
    root = await slack.post_as_app(CHANNEL, samples.ALARM, app="Monitoring")
    await slack.post_as_user(CHANNEL, "looking", thread_ts=root)
    visitor = await visit(slack.url)
    keyboard = visitor.page.keyboard
    await visitor.open_thread(root)
    close = visitor.page.get_by_role("button", name="Close thread")
    await close.focus()
    await slack.post_as_user(CHANNEL, "found it", thread_ts=root)
    await expect(visitor.thread.locator(".message")).to_have_count(3)
    await expect(close).to_be_focused()
    await keyboard.down(" ")
    await slack.post_as_user(CHANNEL, "or not", thread_ts=root)
    other = await visit(slack.url)
    await expect(other.message(root).locator(".summary")).to_contain_text("3 replies")
    await keyboard.up(" ")
    await expect(visitor.thread).to_be_hidden()
    await expect(visitor.message(root).locator(".summary")).to_be_focused()
    more = visitor.message(root).get_by_role("button", name="More actions")
    await more.press("Enter")
    await expect(visitor.message(root).locator(".menu button").first).to_be_focused()
    await keyboard.press("Escape")
    await expect(more).to_be_focused()
    general = visitor.page.locator("#sidebar").get_by_role("button", name="general")
    await general.press("Enter")
    await expect(general).to_have_attribute("aria-current", "page")

    await expect(general).to_be_focused()


async def test_who_types_in_a_form_goes_on_when_the_app_changes_it(
    slack: SlackSimulator, visit: Visit
) -> None:
    """The field keeps its text, the keyboard's focus and the place of the cursor; afterwards the focus returns."""
    form = {
        "type": "modal",
        "title": samples.plain("Why?"),
        "submit": samples.plain("Send"),
        "blocks": [samples.text_input("Other"), samples.text_input("Cause")],
    }
    client = _client(slack)
    visitor = await visit(slack.url)
    area = visitor.page.locator("#channel-composer textarea")
    await area.focus()
    trigger = (await slack.slash("/diagnose")).trigger_id
    view = (await client.views_open(trigger_id=trigger, view=form))["view"]
    await visitor.dialog.get_by_label("Cause").press_sequentially("a full")
    await client.views_update(
        view_id=view["id"], view={**form, "title": samples.plain("Why, really?")}
    )
    await expect(visitor.dialog.get_by_role("heading")).to_have_text("Why, really?")
    await visitor.page.keyboard.type(" disk")

    await expect(visitor.dialog.get_by_label("Cause")).to_have_value("a full disk")

    await visitor.page.keyboard.press("Escape")
    await expect(visitor.dialog).to_have_count(0)
    await expect(area).to_be_focused()


async def test_the_element_that_was_pressed_is_meant(slack: SlackSimulator, visit: Visit) -> None:
    """An action_id is unique inside its block only."""
    menu = {
        "type": "static_select",
        "action_id": "level",
        "options": [{"text": samples.plain("High"), "value": "high"}],
    }
    rows = [{"type": "actions", "block_id": name, "elements": [menu]} for name in ("one", "two")]
    sent = await _client(slack).chat_postMessage(
        channel=slack.channel(CHANNEL), text="x", blocks=rows
    )
    visitor = await visit(slack.url)
    async with visitor.page.expect_response("**/_emu/click") as answer:
        await visitor.message(sent["ts"]).locator("select").nth(1).select_option("high")
    assert (await (await answer.value).json())["ok"]

    state = (await slack.click(CHANNEL, sent["ts"], "level", value="high", block_id="one")).payload
    assert set(state["state"]["values"]) == {"one", "two"}
    assert state["state"]["values"]["two"]["level"]["selected_option"]["value"] == "high"
