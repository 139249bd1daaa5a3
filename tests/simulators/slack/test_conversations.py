"""Reading back: conversations.*."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import SlackSimulator


async def _code(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_history_pages_from_new_to_old(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """Newest first, with cursors, bounds, and without thread replies."""
    channel = slack.channel("general")
    sent = [await slack.post_as_user(channel, str(number)) for number in range(5)]
    await slack.post_as_user(channel, "reply", thread_ts=sent[0])
    first = await client.conversations_history(channel=channel, limit=2)
    assert [item["ts"] for item in first["messages"]] == [sent[4], sent[3]]
    assert first["has_more"]
    cursor = first["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel=channel, limit=9, cursor=cursor)
    assert [item["ts"] for item in rest["messages"]] == sent[2::-1]
    since = await client.conversations_history(channel=channel, oldest=sent[2])
    assert [item["ts"] for item in since["messages"]] == [sent[4], sent[3]]
    until = await client.conversations_history(channel=channel, latest=sent[1], inclusive=True)
    assert [item["ts"] for item in until["messages"]] == [sent[1], sent[0]]
    assert (
        await _code(client.conversations_history(channel=channel, cursor="!")) == "invalid_cursor"
    )


async def test_pages_stay_put_while_messages_come_and_go(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """A cursor names where the next page begins: nothing is read twice and nothing is left out."""
    channel = slack.channel("general")
    sent = [await slack.post_as_user(channel, str(number)) for number in range(6)]
    first = await client.conversations_history(channel=channel, limit=2)
    await slack.post_as_user(channel, "news")
    await slack.delete_message(channel, sent[5])
    await slack.delete_message(channel, sent[3])
    cursor = first["response_metadata"]["next_cursor"]
    rest = await client.conversations_history(channel=channel, limit=9, cursor=cursor)
    assert [item["ts"] for item in rest["messages"]] == sent[2::-1]
    people = await client.users_list(limit=1)
    cursor = people["response_metadata"]["next_cursor"]
    people_left = await client.users_list(cursor=cursor)
    assert len(people["members"] + people_left["members"]) == len(slack.users)


async def test_replies_start_with_the_parent_and_show_metadata_on_request(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """The parent comes first even with `oldest`; metadata only with include_all_metadata."""
    channel = slack.channel("general")
    root = await slack.post_as_user(channel, "root")
    metadata = {"event_type": "run", "event_payload": {"seq": 1}}
    reply = await client.chat_postMessage(
        channel=channel, thread_ts=root, text="a", metadata=metadata
    )
    plain = await client.conversations_replies(channel=channel, ts=root, oldest=root)
    assert [item["ts"] for item in plain["messages"]] == [root, reply["ts"]]
    assert "metadata" not in plain["messages"][1]
    full = await client.conversations_replies(channel=channel, ts=root, include_all_metadata=True)
    assert full["messages"][1]["metadata"] == metadata
    missing = client.conversations_replies(channel=channel, ts="1.000000")
    assert await _code(missing) == "thread_not_found"


async def test_history_needs_membership_and_the_right_scope(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """A channel the bot is not in is closed to it, and a private one needs groups:history."""
    outside = slack.add_channel("outside")
    assert await _code(client.conversations_history(channel=outside)) == "not_in_channel"
    private = slack.add_channel("secret", private=True)
    slack.invite_bot(private)
    await client.conversations_history(channel=private)
    slack.remove_scope("groups:history")
    assert await _code(client.conversations_history(channel=private)) == "missing_scope"


async def test_channels_are_listed_joined_and_opened(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """list, users.conversations, join, members and open agree with each other."""
    other = slack.add_channel("other")
    listed = await client.conversations_list()
    assert {item["name"] for item in listed["channels"]} == {"incidents", "general", "other"}
    assert other not in {item["id"] for item in (await client.users_conversations())["channels"]}
    assert (await client.conversations_join(channel=other))["channel"]["is_member"]
    assert slack.bot_user_id in (await client.conversations_members(channel=other))["members"]
    ada = slack.users["ada"].id
    direct = (await client.conversations_open(users=ada))["channel"]["id"]
    assert direct == slack.direct("ada")
    await client.chat_postMessage(channel=ada, text="psst")
    assert [item["text"] for item in slack.messages(direct)] == ["psst"]
