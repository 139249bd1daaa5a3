"""Posting, editing, deleting, reacting: chat.*, reactions.*, webhooks."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import SlackSimulator


async def _code(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_posted_message_names_its_author(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """The answer carries the stored message with bot profile, ids and metadata."""
    metadata = {"event_type": "run", "event_payload": {"id": "r1"}}
    channel = slack.channel("general")
    answer = await client.chat_postMessage(
        channel=channel, text="hi", metadata=metadata, unfurl_links=False, unfurl_media=False
    )
    message = answer["message"]
    assert message["user"] == slack.bot_user_id
    assert message["bot_profile"]["app_id"] == slack.app_id
    assert message["metadata"] == metadata
    assert slack.display_options(channel, answer["ts"]) == {
        "unfurl_links": False,
        "unfurl_media": False,
    }


@pytest.mark.filterwarnings("ignore:The top-level `text` argument is missing:UserWarning")
async def test_reasons_not_to_post(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """Each refusal has its own code."""
    general, private = slack.channel("general"), slack.add_channel("secret", private=True)
    outside = slack.add_channel("outside")
    assert await _code(client.chat_postMessage(channel="C0NONE", text="x")) == "channel_not_found"
    assert await _code(client.chat_postMessage(channel=private, text="x")) == "channel_not_found"
    assert await _code(client.chat_postMessage(channel=outside, text="x")) == "not_in_channel"
    assert await _code(client.chat_postMessage(channel=general, text="")) == "no_text"
    both = client.chat_postMessage(channel=general, text="x", markdown_text="y")
    assert await _code(both) == "markdown_text_conflict"
    many = [{"text": "x", "fallback": "x"}] * 101
    assert (
        await _code(client.chat_postMessage(channel=general, attachments=many))
        == "too_many_attachments"
    )
    wrong = client.chat_postMessage(channel=general, text="x", metadata={"event_type": 1})
    assert await _code(wrong) == "invalid_metadata_format"
    slack.advance(10)
    not_json = client.chat_postMessage(channel=general, text="x", blocks="not json")
    assert await _code(not_json) == "invalid_blocks_format"


async def test_invalid_blocks_have_slacks_shape(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """`errors` and `response_metadata.messages` both carry the JSON pointer."""
    blocks: list[dict[str, Any]] = [
        {"type": "divider"},
        {"type": "header", "text": {"type": "plain_text", "text": ""}},
    ]
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=slack.channel("general"), text="x", blocks=blocks)
    reason = "must be more than 0 characters [json-pointer:/blocks/1/text/text]"
    assert caught.value.response["errors"] == [reason]
    assert caught.value.response["response_metadata"]["messages"] == [f"[ERROR] {reason}"]


async def test_long_text_is_cut_with_a_warning(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """More than 40,000 characters are truncated."""
    answer = await client.chat_postMessage(channel=slack.channel("general"), text="x" * 40_001)
    assert len(answer["message"]["text"]) == 40_000
    assert answer["warning"] == "message_truncated"


@pytest.mark.filterwarnings("ignore:The top-level `text` argument is missing:UserWarning")
async def test_editing_replaces_blocks_only_when_told(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """Text alone removes blocks and marks the message edited; blocks alone keep the text unmarked."""
    channel = slack.channel("general")
    ts = (await client.chat_postMessage(channel=channel, text="a", blocks=[{"type": "divider"}]))[
        "ts"
    ]
    await client.chat_update(channel=channel, ts=ts, blocks=[{"type": "divider"}] * 2)
    assert slack.message(channel, ts)["text"] == "a"
    assert "edited" not in slack.message(channel, ts)
    await client.chat_update(channel=channel, ts=ts, text="b")
    assert "blocks" not in slack.message(channel, ts)
    assert slack.message(channel, ts)["edited"]["user"] == slack.bot_user_id


async def test_only_own_messages_are_edited_and_deleted(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """Somebody else's message is neither edited nor deleted, and an edit has 4,000 bytes."""
    channel = slack.channel("incidents")
    theirs = await slack.post_as_app(channel, {"text": "alarm"}, app="Datadog")
    mine = (await client.chat_postMessage(channel=channel, text="mine"))["ts"]
    update, delete = client.chat_update, client.chat_delete
    assert await _code(update(channel=channel, ts=theirs, text="x")) == "cant_update_message"
    assert await _code(delete(channel=channel, ts=theirs)) == "cant_delete_message"
    assert await _code(update(channel=channel, ts=mine, text="é" * 2001)) == "msg_too_long"
    assert await _code(update(channel=channel, ts="1.000000", text="x")) == "message_not_found"
    await client.chat_delete(channel=channel, ts=mine)
    assert [item["ts"] for item in slack.messages(channel)] == [theirs]


async def test_thread_counts_its_replies(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """The parent counts replies and repliers; a broadcast reply shows in the channel too."""
    channel = slack.channel("general")
    root = await slack.post_as_user(channel, "question")
    await client.chat_postMessage(channel=channel, thread_ts=root, text="answer")
    last = await slack.post_as_user(channel, "thanks", user="grace", thread_ts=root, broadcast=True)
    parent = slack.message(channel, root)
    assert (parent["reply_count"], parent["latest_reply"]) == (2, last)
    assert parent["reply_users"] == [slack.bot_user_id, slack.users["grace"].id]
    assert [item["ts"] for item in slack.messages(channel)] == [root, last]
    assert [item["text"] for item in slack.replies(channel, root)] == ["answer", "thanks"]


async def test_reply_to_a_missing_parent_lands_in_the_channel(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """Slack posts it anyway, without thread_ts: the caller has to look."""
    answer = await client.chat_postMessage(
        channel=slack.channel("general"), thread_ts="1.000000", text="lost"
    )
    assert "thread_ts" not in answer["message"]


async def test_deleted_parent_leaves_a_tombstone(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """Replies stay readable under a deleted parent, and nobody can reply any more."""
    channel = slack.channel("general")
    root = (await client.chat_postMessage(channel=channel, text="root"))["ts"]
    await slack.post_as_user(channel, "reply", thread_ts=root)
    await client.chat_delete(channel=channel, ts=root)
    assert slack.message(channel, root)["subtype"] == "tombstone"
    again = client.chat_postMessage(channel=channel, thread_ts=root, text="x")
    assert await _code(again) == "cannot_reply_to_message"
    await slack.delete_message(channel, slack.replies(channel, root)[0]["ts"])
    assert slack.messages(channel) == []


async def test_reactions_are_added_once_and_removed_once(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """A second add is already_reacted, a second remove is no_reaction."""
    channel = slack.channel("general")
    ts = await slack.post_as_user(channel, "x")
    await slack.react(channel, ts, "eyes", user="grace")
    item: dict[str, Any] = {"channel": channel, "timestamp": ts}
    await client.reactions_add(name="eyes", **item)
    assert await _code(client.reactions_add(name="eyes", **item)) == "already_reacted"
    assert (await client.reactions_get(**item))["message"]["reactions"][0]["count"] == 2
    await client.reactions_remove(name="eyes", **item)
    assert await _code(client.reactions_remove(name="eyes", **item)) == "no_reaction"
    assert await _code(client.reactions_add(name="Not a name", **item)) == "invalid_name"
    wrong = client.reactions_add(name="eyes", channel=channel, timestamp="yesterday")
    assert await _code(wrong) == "bad_timestamp"
    assert slack.reactions(channel, ts) == {"eyes": [slack.users["grace"].id]}


async def test_ephemeral_is_for_one_member_and_not_in_history(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """Only a member can get one, and the channel's history does not know it."""
    channel, ada = slack.channel("general"), slack.users["ada"].id
    await client.chat_postEphemeral(channel=channel, user=ada, text="only you")
    assert [item["text"] for item in slack.ephemerals(channel, "ada")] == ["only you"]
    assert slack.ephemerals(channel, "grace") == []
    assert (await client.conversations_history(channel=channel))["messages"] == []
    stranger = client.chat_postEphemeral(channel=channel, user="U0NONE", text="x")
    assert await _code(stranger) == "user_not_in_channel"


async def test_alertmanager_posts_through_a_webhook(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """The JSON Alertmanager sends becomes a bot_message of that name, without a user."""
    body = {
        "channel": "#incidents",
        "username": "Alertmanager",
        "attachments": [
            {
                "title": "[FIRING:1] PodCrashLooping",
                "title_link": "http://alertmanager.example:9093/#/alerts",
                "text": "",
                "fallback": "[FIRING:1] PodCrashLooping",
                "fields": [{"title": "severity", "value": "warning", "short": True}],
                "actions": [{"type": "button", "text": "Runbook"}],
                "color": "danger",
                "mrkdwn_in": ["fallback", "pretext", "text"],
            }
        ],
    }
    async with session.post(slack.webhooks()["Alertmanager"], json=body) as response:
        assert (response.status, await response.text()) == (200, "ok")
    (message,) = slack.messages("#incidents")
    assert (message["subtype"], message["username"]) == ("bot_message", "Alertmanager")
    assert "user" not in message
    assert message["text"] == ""
    assert message["attachments"][0]["id"] == 1


async def test_alertmanager_posts_and_edits_with_a_token(slack: SlackSimulator) -> None:
    """With a bot token and chat:write.customize the same message can be updated later."""
    client = AsyncWebClient(
        token=slack.monitoring_token("Alertmanager"), base_url=slack.api_url, retry_handlers=[]
    )
    firing = [{"title": "[FIRING:1] Down", "color": "danger", "fallback": "down"}]
    posted = await client.chat_postMessage(
        channel="#incidents", username="Alertmanager", attachments=firing
    )
    resolved = [{"title": "[RESOLVED] Down", "color": "good", "fallback": "up"}]
    await client.chat_update(channel=posted["channel"], ts=posted["ts"], attachments=resolved)
    (message,) = slack.messages("#incidents")
    assert message["username"] == "Alertmanager"
    assert message["attachments"][0]["title"] == "[RESOLVED] Down"


@pytest.mark.parametrize(
    ("path", "data", "status", "text"),
    [
        pytest.param("/services/T1/B1/wrong", "{}", 404, "no_service", id="unknown"),
        pytest.param("", "not json", 400, "invalid_payload", id="not-json"),
        pytest.param("", "{}", 400, "no_text", id="empty"),
        pytest.param("", '{"text": " "}', 400, "no_text", id="blank"),
        pytest.param("", '{"text": "x", "thread_ts": []}', 400, "invalid_arguments", id="kind"),
        pytest.param("", '{"text": "\udcff"}', 400, "invalid_payload", id="not-utf-8"),
    ],
)
async def test_webhook_refusals_are_text(
    slack: SlackSimulator,
    session: aiohttp.ClientSession,
    path: str,
    data: str,
    status: int,
    text: str,
) -> None:
    """A webhook answers HTTP 4xx with the code as plain text."""
    url = slack.url + path if path else slack.webhooks()["Grafana"]
    async with session.post(
        url,
        data=data.encode(errors="surrogateescape"),
        headers={"Content-Type": "application/json"},
    ) as response:
        assert (response.status, await response.text()) == (status, text)


async def test_an_archived_channel_takes_no_webhooks(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """HTTP 410 says that it is of no use to try again."""
    slack.archive_channel("#incidents")
    async with session.post(slack.webhooks()["Grafana"], json={"text": "x"}) as response:
        assert (response.status, await response.text()) == (410, "channel_is_archived")
    assert slack.messages("#incidents") == []


async def test_permalink_and_people(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """A permalink points at the page; users, bots and the team can be looked up."""
    channel = slack.channel("general")
    root = await slack.post_as_user(channel, "root")
    reply = await slack.post_as_user(channel, "reply", thread_ts=root)
    link = (await client.chat_getPermalink(channel=channel, message_ts=reply))["permalink"]
    assert (
        link
        == f"{slack.url}/archives/{channel}/p{reply.replace('.', '')}?thread_ts={root}&cid={channel}"
    )
    ada = slack.users["ada"].id
    assert (await client.users_info(user=ada))["user"]["real_name"] == "Ada Lovelace"
    assert (await client.bots_info(bot=slack.bot_id))["bot"]["app_id"] == slack.app_id
    assert (await client.team_info())["team"]["id"] == slack.team_id
    assert await _code(client.users_info(user="U0NONE")) == "user_not_found"
    assert await _code(client.bots_info(bot="B0NONE")) == "bot_not_found"


async def test_duplicate_posts_are_found(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """Two equal posts of an app are reported, different ones and people's are not."""
    channel = slack.channel("general")
    await slack.post_as_user(channel, "same")
    await slack.post_as_user(channel, "same")
    await client.chat_postMessage(channel=channel, text="once")
    assert slack.duplicate_posts() == []
    await client.chat_postMessage(channel=channel, text="once")
    assert len(slack.duplicate_posts()) == 2
