"""Uploads, modals and Homes, response URLs, and blocks.validate."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import CommandError, SlackSimulator

if TYPE_CHECKING:
    from tests.simulators.slack.conftest import BoltApp


async def _code(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


def _modal(title: str = "Why?") -> dict[str, Any]:
    text = {"type": "mrkdwn", "text": "hello"}
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": title},
        "blocks": [{"type": "section", "text": text}],
    }


async def test_upload_into_a_thread(
    slack: SlackSimulator, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    """files_upload_v2 posts a file_share reply; the bytes come back with a token and not without."""
    channel = slack.channel("general")
    root = await slack.post_as_user(channel, "plot?")
    await client.files_upload_v2(
        channel=channel,
        thread_ts=root,
        content=b"\x89PNG",
        filename="p.png",
        initial_comment="here",
    )
    (reply,) = slack.replies(channel, root)
    assert (reply["subtype"], reply["text"]) == ("file_share", "here")
    (upload,) = slack.uploads()
    assert upload["data"] == b"\x89PNG"
    assert reply["files"][0]["id"] == upload["id"]
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    async with session.get(upload["url_private"], headers=headers) as response:
        assert await response.read() == b"\x89PNG"
        assert response.content_type == "image/png"
    async with session.get(upload["url_private"], allow_redirects=False) as response:
        assert response.status == 302


async def test_upload_refusals(
    slack: SlackSimulator, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    """An empty or unknown file, one whose bytes never came, a channel by name or archived, and bytes that come too late."""
    empty = client.files_getUploadURLExternal(filename="a", length=0)
    assert await _code(empty) == "missing_argument"
    unknown = client.files_completeUploadExternal(files=[{"id": "F0NONE"}])
    assert await _code(unknown) == "file_not_found"
    ticket = await client.files_getUploadURLExternal(filename="a", length=3)
    unsent = client.files_completeUploadExternal(files=[{"id": ticket["file_id"]}])
    assert await _code(unsent) == "file_not_found"
    by_name = client.files_completeUploadExternal(
        files=[{"id": ticket["file_id"]}], channel_id="general"
    )
    assert await _code(by_name) == "channel_not_found"
    async with session.post(ticket["upload_url"], data=b"abc") as response:
        assert response.status == 200
    slack.archive_channel("#general")
    files = [{"id": ticket["file_id"]}]
    where: dict[str, Any] = {"files": files, "channel_id": slack.channel("#general")}
    assert await _code(client.files_completeUploadExternal(**where)) == "is_archived"
    await client.files_completeUploadExternal(**{**where, "channel_id": None})
    async with session.post(ticket["upload_url"], data=b"another") as response:
        assert response.status == 404
    assert [file["data"] for file in slack.uploads()] == [b"abc"]


async def test_image_block_of_an_uploaded_file(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """A slack_file in a block is refused until its upload is complete."""
    channel = slack.channel("general")
    ticket = await client.files_getUploadURLExternal(filename="p.png", length=3)
    image = {"type": "image", "slack_file": {"id": ticket["file_id"]}, "alt_text": "plot"}
    early = client.chat_postMessage(channel=channel, text="x", blocks=[image])
    assert await _code(early) == "invalid_blocks"
    done = await client.files_upload_v2(content=b"png", filename="p.png")
    image["slack_file"] = {"id": done["file"]["id"]}
    await client.chat_postMessage(channel=channel, text="x", blocks=[image])


async def test_trigger_is_for_one_view_within_three_seconds(
    slack: SlackSimulator, bolt: BoltApp, client: AsyncWebClient
) -> None:
    """A trigger opens one view; a second use, a late use and an unknown one are told apart."""

    async def diagnose(ack: Any) -> None:
        await ack()

    bolt.app.command("/diagnose")(diagnose)
    async with bolt.connected():
        first, second = await slack.slash("/diagnose"), await slack.slash("/diagnose")
    await client.views_open(trigger_id=first.trigger_id, view=_modal())
    again = client.views_open(trigger_id=first.trigger_id, view=_modal())
    assert await _code(again) == "exchanged_trigger_id"
    slack.advance(3.1)
    late = client.views_open(trigger_id=second.trigger_id, view=_modal())
    assert await _code(late) == "expired_trigger_id"
    unknown = client.views_open(trigger_id="1.2.x", view=_modal())
    assert await _code(unknown) == "invalid_trigger_id"
    assert len(slack.views("ada")) == 1


async def test_views_are_pushed_updated_and_closed(
    slack: SlackSimulator, bolt: BoltApp, client: AsyncWebClient
) -> None:
    """Three views stack up; a stale hash is a conflict; closing tells the app only when asked to."""
    closed: list[str] = []

    async def diagnose(ack: Any) -> None:
        await ack()

    async def gone(ack: Any, view: dict[str, Any]) -> None:
        await ack()
        closed.append(view["id"])

    bolt.app.command("/diagnose")(diagnose)
    bolt.app.view_closed("noisy")(gone)
    async with bolt.connected():
        triggers = [(await slack.slash("/diagnose")).trigger_id for _ in range(4)]
        root = (await client.views_open(trigger_id=triggers[0], view=_modal("1")))["view"]
        await client.views_push(trigger_id=triggers[1], view=_modal("2"))
        noisy = {**_modal("3"), "callback_id": "noisy", "notify_on_close": True}
        top = (await client.views_push(trigger_id=triggers[2], view=noisy))["view"]
        fourth = client.views_push(trigger_id=triggers[3], view=_modal("4"))
        assert await _code(fourth) == "push_limit_reached"
        assert top["root_view_id"] == root["id"]
        await client.views_update(
            view_id=top["id"], hash=top["hash"], view={**noisy, "callback_id": "noisy"}
        )
        stale = client.views_update(view_id=top["id"], hash=top["hash"], view=noisy)
        assert await _code(stale) == "hash_conflict"
        await slack.close_view(top["id"])
        await slack.close_view(slack.views("ada")[-1]["id"])
        await slack.wait_for(lambda: closed)
    assert closed == [top["id"]]
    assert [view["id"] for view in slack.views("ada")] == [root["id"]]


async def test_bad_views_are_invalid_arguments(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """The reasons stand in response_metadata.messages."""
    with pytest.raises(SlackApiError) as caught:
        await client.views_publish(
            user_id=slack.users["ada"].id, view={"type": "home", "blocks": [{"type": "plan"}]}
        )
    assert caught.value.response["error"] == "invalid_arguments"
    messages = caught.value.response["response_metadata"]["messages"]
    assert messages == ["[ERROR] unsupported type: plan [json-pointer:/view/blocks/0/type]"]


async def test_select_in_a_home_and_required_input(
    slack: SlackSimulator, bolt: BoltApp, client: AsyncWebClient
) -> None:
    """A choice in a Home arrives with its option; an empty required input never leaves the client."""
    chosen: list[str] = []

    async def choose(ack: Any, action: dict[str, Any]) -> None:
        await ack()
        chosen.append(action["selected_option"]["value"])

    bolt.app.action("service")(choose)
    options = [
        {"text": {"type": "plain_text", "text": name.title()}, "value": name}
        for name in ("cart", "checkout")
    ]
    select = {"type": "static_select", "action_id": "service", "options": options}
    home = {"type": "home", "blocks": [{"type": "actions", "elements": [select]}]}
    async with bolt.connected():
        view = (await client.views_publish(user_id=slack.users["ada"].id, view=home))["view"]
        await slack.click_in_view(view["id"], "service", value="Checkout")
        await slack.wait_for(lambda: chosen)
    assert chosen == ["checkout"]
    with pytest.raises(CommandError, match="no element with action_id 'other'"):
        await slack.click_in_view(view["id"], "other")


async def test_response_url_is_used_up(
    slack: SlackSimulator, bolt: BoltApp, session: aiohttp.ClientSession
) -> None:
    """Five answers, bad blocks reported as such; the sixth answer is 404 used_url."""

    async def diagnose(ack: Any) -> None:
        await ack()

    bolt.app.command("/diagnose")(diagnose)
    async with bolt.connected():
        result = await slack.slash("/diagnose")
    async with session.post(result.response_url, json={"blocks": [{"type": "x"}]}) as response:
        assert (await response.json())["error"] == "invalid_blocks"
    for number in range(4):
        async with session.post(result.response_url, json={"text": str(number)}) as response:
            assert await response.text() == "ok"
    async with session.post(result.response_url, json={"text": "x"}) as response:
        assert (response.status, await response.text()) == (404, "used_url")
    assert [item["text"] for item in result.messages] == ["0", "1", "2", "3"]


async def test_answers_to_a_click_stay_where_the_message_is(
    slack: SlackSimulator, bolt: BoltApp, client: AsyncWebClient
) -> None:
    """respond() answers a reply in its thread, and a message of the channel in the channel."""

    async def clicked(ack: Any, respond: Any) -> None:
        await ack()
        await respond("not allowed")

    bolt.app.action("go")(clicked)
    channel = slack.channel("general")
    button = {"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}
    blocks: list[dict[str, Any]] = [{"type": "actions", "elements": [button]}]
    async with bolt.connected():
        root = (await client.chat_postMessage(channel=channel, text="x", blocks=blocks))["ts"]
        reply = await client.chat_postMessage(
            channel=channel, thread_ts=root, text="y", blocks=blocks
        )
        for ts in (reply["ts"], root):
            await slack.click(channel, ts, "go")
        first, second = (
            await slack.wait_for(
                lambda: slack.ephemerals() if len(slack.ephemerals()) == 2 else None
            )
            or []
        )
    threads = {first.get("thread_ts"), second.get("thread_ts")}
    assert threads == {root, None}


async def test_response_url_changes_only_what_stands_and_is_the_apps_own(
    slack: SlackSimulator, client: AsyncWebClient, session: aiohttp.ClientSession
) -> None:
    """Not a message that is gone, in the channel or on one screen, and not a person's, from its shortcut."""
    general, ada = slack.channel("general"), slack.users["ada"].id
    button = {"type": "button", "text": {"type": "plain_text", "text": "Stop"}, "action_id": "stop"}
    content: dict[str, Any] = {
        "channel": general,
        "text": "x",
        "blocks": [{"type": "actions", "elements": [button]}],
    }
    posted = (await client.chat_postMessage(**content))["ts"]
    shown = (await client.chat_postEphemeral(user=ada, **content))["message_ts"]

    async def answered(url: str, **body: Any) -> str:
        async with session.post(url, json=body) as response:
            return await response.text()

    for ts in (posted, shown):
        url = (await slack.click(general, ts, "stop")).response_url
        assert await answered(url, delete_original=True) == "ok"
        assert "message_not_found" in await answered(url, delete_original=True)
        assert "message_not_found" in await answered(url, replace_original=True, text="ghost")
    written = await slack.post_as_user(general, "mine")
    url = (await slack.shortcut("diagnose_message", general, written)).response_url
    assert "cant_update_message" in await answered(url, replace_original=True, text="yours")
    assert [message["text"] for message in slack.messages(general)] == ["mine"]
    assert slack.ephemerals() == []


async def test_external_id_names_one_open_view(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """A second one is refused as long as the first is on the screen."""
    view = {
        "type": "modal",
        "external_id": "why",
        "title": {"type": "plain_text", "text": "Why?"},
        "blocks": [{"type": "divider"}],
    }
    trigger = (await slack.slash("/diagnose")).trigger_id
    await client.views_open(trigger_id=trigger, view=view)
    trigger = (await slack.slash("/diagnose", user="grace")).trigger_id
    with pytest.raises(SlackApiError) as caught:
        await client.views_open(trigger_id=trigger, view=view)
    assert caught.value.response["error"] == "duplicate_external_id"


async def test_response_url_expires(
    slack: SlackSimulator, bolt: BoltApp, session: aiohttp.ClientSession
) -> None:
    """After thirty minutes it is 404 expired_url."""

    async def diagnose(ack: Any) -> None:
        await ack()

    bolt.app.command("/diagnose")(diagnose)
    async with bolt.connected():
        result = await slack.slash("/diagnose")
    slack.advance(30 * 60 + 1)
    async with session.post(result.response_url, json={"text": "x"}) as response:
        assert (response.status, await response.text()) == (404, "expired_url")


async def test_blocks_validate_lists_every_problem(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """Good blocks pass; bad ones come back with pointer, code, message and constraint."""
    good = [{"type": "divider"}]
    assert (await client.blocks_validate(blocks=good))["ok"]
    with pytest.raises(SlackApiError) as caught:
        await client.blocks_validate(message={"blocks": [{"type": "song"}]})
    assert caught.value.response["error"] == "invalid_message"
    (problem,) = caught.value.response["errors"]
    assert problem["pointer"] == "/blocks/0/type"
    assert problem["code"] == "unsupported_type"
    assert problem["constraint"]["got"] == "song"
    both = client.blocks_validate(blocks=good, view=_modal())
    assert await _code(both) == "invalid_arguments"


async def test_bookmarks_pins_and_canvases(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """What hangs around a channel can be put up and read back."""
    channel = slack.channel("general")
    ts = await slack.post_as_user(channel, "pin me")
    await client.bookmarks_add(channel_id=channel, title="Board", type="link", link="https://e.com")
    assert [
        item["title"] for item in (await client.bookmarks_list(channel_id=channel))["bookmarks"]
    ] == ["Board"]
    await client.pins_add(channel=channel, timestamp=ts)
    assert await _code(client.pins_add(channel=channel, timestamp=ts)) == "already_pinned"
    assert [
        item["message"]["ts"] for item in (await client.pins_list(channel=channel))["items"]
    ] == [ts]
    content = {"type": "markdown", "markdown": "# Report"}
    canvas = (await client.canvases_create(title="Report", document_content=content))["canvas_id"]
    more = [{"operation": "insert_at_end", "document_content": content}]
    await client.canvases_edit(canvas_id=canvas, changes=more)
