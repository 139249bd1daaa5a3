"""Links, drafts, menus and the connection: what a person relies on while messages come and change."""

from __future__ import annotations

import asyncio

import pytest
from playwright.async_api import Route, expect
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import SlackSimulator
from tests.page import samples
from tests.page.conftest import Visit

pytestmark = pytest.mark.asyncio(loop_scope="session")
CHANNEL = "#incidents"


async def test_a_copied_link_leads_back_to_the_message(slack: SlackSimulator, visit: Visit) -> None:
    """Also to one inside a thread, which then stands open."""
    root = await slack.post_as_app(CHANNEL, samples.ALARM, app="Monitoring")
    reply = await slack.post_as_user(CHANNEL, "looking", thread_ts=root)
    visitor = await visit(slack.url)
    await visitor.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await visitor.open_thread(root)
    await visitor.reply(reply).hover()
    await visitor.reply(reply).get_by_role("button", name="More actions").click()
    await visitor.thread.get_by_role("menuitem", name="Copy link").click()
    await expect(visitor.page.locator(".toast")).to_have_text("The link is copied")
    address = await visitor.page.evaluate("navigator.clipboard.readText()")
    assert address.startswith(f"{slack.url}/archives/")
    other = await visit(address)

    await expect(other.reply(reply)).to_be_in_viewport()

    await expect(other.reply(reply)).to_contain_class("highlight")


async def test_every_conversation_keeps_its_draft(slack: SlackSimulator, visit: Visit) -> None:
    """What was begun in one channel is not sent in another."""
    visitor = await visit(slack.url)
    area = visitor.page.locator("#channel-composer textarea")
    await area.fill("half a thou")
    await visitor.go_to("general")
    await expect(area).to_have_value("")
    await visitor.write("hello")
    await expect(visitor.channel.locator(".message")).to_contain_text(["hello"])
    await visitor.go_to("incidents")

    await expect(area).to_have_value("half a thou")

    assert slack.messages(CHANNEL) == []


async def test_what_is_pressed_and_open_survives_a_change(
    slack: SlackSimulator, visit: Visit
) -> None:
    """A message that changes under the pointer still gets the click; its menu stays until it is left."""
    root = await slack.post_as_app(CHANNEL, samples.ALARM, app="Monitoring")
    await slack.post_as_user(CHANNEL, "looking", thread_ts=root)
    visitor = await visit(slack.url)
    await visitor.message(root).hover()
    await visitor.message(root).get_by_role("button", name="More actions").click()
    await slack.react(CHANNEL, root, "eyes")
    await expect(visitor.message(root).locator(".reaction")).to_have_count(1)
    await expect(visitor.message(root).locator(".menu")).to_be_visible()
    await expect(visitor.message(root).locator(".menu button").first).to_be_focused()
    await visitor.page.keyboard.press("Escape")
    await expect(visitor.message(root).locator(".menu")).to_have_count(0)
    await visitor.message(root).locator(".summary").hover()
    await visitor.page.mouse.down()
    second = await visit(slack.url)
    await slack.react(CHANNEL, root, "fire")
    await expect(second.message(root).locator(".reaction")).to_have_count(2)
    await expect(visitor.message(root).locator(".reaction")).to_have_count(1)
    await visitor.page.mouse.up()

    await expect(visitor.thread).to_be_visible()

    await expect(visitor.message(root).locator(".reaction")).to_have_count(2)


async def test_the_menu_of_the_last_message_is_within_reach(
    slack: SlackSimulator, visit: Visit
) -> None:
    """It opens upwards where there is no room below."""
    for number in range(40):
        await slack.post_as_user(CHANNEL, f"message {number}")
    last = slack.messages(CHANNEL)[-1]["ts"]
    visitor = await visit(slack.url)
    await visitor.message(last).hover()
    await visitor.message(last).get_by_role("button", name="More actions").click()

    await expect(visitor.message(last).locator(".menu")).to_be_in_viewport(ratio=1)

    await visitor.message(last).get_by_role("menuitem", name="Delete message").click()
    await expect(visitor.message(last).locator(".tombstone, .text")).to_have_count(0)


async def test_the_page_says_that_the_workspace_has_ended(visit: Visit) -> None:
    """Instead of looking alive."""
    async with SlackSimulator() as slack:
        visitor = await visit(slack.url)
        await expect(visitor.page.locator("#sidebar")).to_contain_text("is not connected")

    await expect(visitor.page.locator("#sidebar")).to_contain_text("This workspace has ended")

    assert all("WebSocket" in line for line in visitor.complaints)
    visitor.complaints.clear()


async def test_an_unknown_command_is_refused_at_once(slack: SlackSimulator, visit: Visit) -> None:
    """As Slack does, without asking the app."""
    visitor = await visit(slack.url)
    await visitor.write("/nothing here")

    await expect(visitor.page.locator(".toast")).to_have_text("/nothing is not a valid command.")

    assert slack.visible_errors() == []


async def test_new_messages_wait_for_a_reader_who_looks_back(
    slack: SlackSimulator, visit: Visit
) -> None:
    """Who has scrolled up is not pulled down, and is told; one press leads to the end."""
    for number in range(40):
        await slack.post_as_user(CHANNEL, f"message {number}")
    visitor = await visit(slack.url)
    first = visitor.channel.get_by_text("message 0")
    told = visitor.page.locator("#center .new-messages")
    await first.scroll_into_view_if_needed()
    await expect(first).to_be_in_viewport()
    last = await slack.post_as_user(CHANNEL, "news")
    await expect(told).to_be_visible()
    await expect(first).to_be_in_viewport()
    await told.click()

    await expect(visitor.message(last)).to_be_in_viewport()

    await expect(told).to_be_hidden()


async def test_what_came_in_elsewhere_is_counted(slack: SlackSimulator, visit: Visit) -> None:
    """In the sidebar and in the tab's title, until the channel is looked at."""
    visitor = await visit(slack.url)
    await visitor.go_to("Tocsin Home")
    await slack.post_as_app(CHANNEL, samples.ALARM, app="Monitoring")
    await slack.post_as_user("#general", "hello", user="grace")
    incidents = visitor.page.locator("#sidebar .item", has_text="incidents")
    await expect(incidents.locator(".count")).to_have_text("1")
    await expect(visitor.page).to_have_title("(2) Tocsin · Tocsin Demo")
    await visitor.go_to("incidents")

    await expect(visitor.page).to_have_title("(1) #incidents · Tocsin Demo")

    await expect(incidents.locator(".count")).to_have_count(0)


async def test_any_emoji_can_be_reacted_with(slack: SlackSimulator, visit: Visit) -> None:
    """From a palette that opens in place of the menu and closes when one is chosen."""
    root = await slack.post_as_app(CHANNEL, samples.ALARM, app="Monitoring")
    visitor = await visit(slack.url)
    await visitor.message(root).hover()
    await visitor.message(root).get_by_role("button", name="More actions").click()
    await visitor.message(root).get_by_role("button", name="Add reaction").click()
    await expect(visitor.message(root).locator(".menu")).to_have_count(1)
    await visitor.message(root).get_by_role("menuitem", name="tada").click()

    await expect(visitor.message(root).locator(".reaction")).to_have_text(["🎉1"])

    await expect(visitor.message(root).locator(".menu")).to_have_count(0)


async def test_a_conversation_with_the_app_can_be_begun(
    slack: SlackSimulator, visit: Visit
) -> None:
    """From the sidebar, before the app ever wrote."""
    visitor = await visit(slack.url)
    await visitor.page.locator("#sidebar").get_by_role("button", name="Tocsin", exact=True).click()
    await visitor.write("are you there?")
    await expect(visitor.channel.locator(".message")).to_contain_text(["are you there?"])

    assert [each["text"] for each in slack.messages(slack.direct("ada"))] == ["are you there?"]


async def test_nothing_is_written_elsewhere_while_a_conversation_opens(
    slack: SlackSimulator, visit: Visit
) -> None:
    """What is typed at once after choosing the app is for the app, however long opening takes."""
    visitor = await visit(slack.url)
    opened = asyncio.Event()

    async def held_back(route: Route) -> None:
        await opened.wait()
        await route.continue_()

    await visitor.page.route("**/_emu/open_direct", held_back)
    await visitor.page.locator("#sidebar").get_by_role("button", name="Tocsin", exact=True).click()
    await expect(visitor.page.locator("#channel-composer")).to_be_hidden()
    opened.set()
    await visitor.write("are you there?")
    await expect(visitor.channel.locator(".message")).to_contain_text(["are you there?"])

    assert slack.messages(CHANNEL) == []


async def test_what_was_typed_survives_an_update_of_the_form(
    slack: SlackSimulator, visit: Visit
) -> None:
    """The app hears with a button what stands in the inputs, and gets it back when it changes the view."""
    row = {"type": "actions", "block_id": "row", "elements": [samples.button("More")]}
    form = {
        "type": "modal",
        "title": samples.plain("Why?"),
        "submit": samples.plain("Send"),
        "blocks": [samples.text_input("Cause"), row],
    }
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
    visitor = await visit(slack.url)
    trigger = (await slack.slash("/diagnose")).trigger_id
    view = (await client.views_open(trigger_id=trigger, view=form))["view"]
    await visitor.dialog.get_by_label("Cause").fill("a full disk")
    async with visitor.page.expect_response("**/_emu/click_in_view"):
        await visitor.dialog.get_by_role("button", name="More").click()
    longer = {**form, "title": samples.plain("Why, really?")}
    await client.views_update(view_id=view["id"], view=longer)
    await expect(visitor.dialog.get_by_role("heading")).to_have_text("Why, really?")

    await expect(visitor.dialog.get_by_label("Cause")).to_have_value("a full disk")
