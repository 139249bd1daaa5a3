"""Streamed messages, agent sessions and thread statuses, with the lifetimes Slack gives them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import SlackSimulator

if TYPE_CHECKING:
    from tests.simulators.slack.conftest import BoltApp


async def _code(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def _start(slack: SlackSimulator, client: AsyncWebClient) -> tuple[str, str, str]:
    channel = slack.channel("general")
    root = await slack.post_as_user(channel, "why?")
    answer = await client.chat_startStream(
        channel=channel,
        thread_ts=root,
        recipient_user_id=slack.users["ada"].id,
        recipient_team_id=slack.team_id,
        task_display_mode="plan",
    )
    return channel, root, answer["ts"]


async def test_stream_merges_chunks(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """Markdown and details are appended, title and status replaced, blocks added at the end."""
    channel, root, ts = await _start(slack, client)
    assert slack.message(channel, ts)["streaming_state"] == "in_progress"
    task = {
        "type": "task_update",
        "id": "1",
        "title": "Logs",
        "status": "in_progress",
        "details": "a",
    }
    await client.chat_appendStream(channel=channel, ts=ts, chunks=[task])
    done = {**task, "title": "Read logs", "status": "complete", "details": "b"}
    plan = {"type": "plan_update", "title": "Looking"}
    await client.chat_appendStream(channel=channel, ts=ts, chunks=[done, plan])
    await client.chat_appendStream(channel=channel, ts=ts, markdown_text="**It is ")
    await client.chat_appendStream(channel=channel, ts=ts, markdown_text="Redis**")
    await client.chat_stopStream(channel=channel, ts=ts, blocks=[{"type": "divider"}])
    message = slack.message(channel, ts)
    plan_block, markdown, divider = message["blocks"]
    assert plan_block["title"] == "Looking"
    (card,) = plan_block["tasks"]
    assert (card["title"], card["status"]) == ("Read logs", "complete")
    assert card["details"]["elements"][0]["elements"][0]["text"] == "ab"
    assert markdown["text"] == "**It is Redis**"
    assert divider["type"] == "divider"
    assert message["streaming_state"] == "completed"
    session = slack.session(channel, root)
    assert session is not None
    assert session.status == "active"


async def test_open_stream_can_neither_be_edited_nor_deleted(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """chat.update is a conflict, chat.delete refused; afterwards update replaces everything."""
    channel, _, ts = await _start(slack, client)
    update = client.chat_update(channel=channel, ts=ts, text="x")
    assert await _code(update) == "streaming_state_conflict"
    assert await _code(client.chat_delete(channel=channel, ts=ts)) == "cant_delete_message"
    await client.chat_stopStream(channel=channel, ts=ts)
    await client.chat_update(channel=channel, ts=ts, text="x")
    assert slack.message(channel, ts)["text"] == "x"


async def test_stream_dies_after_five_minutes(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """Appending does not keep it alive, and the text so far stays."""
    channel, _, ts = await _start(slack, client)
    slack.advance(200)
    await client.chat_appendStream(channel=channel, ts=ts, markdown_text="half")
    slack.advance(101)
    await slack.wait_for(lambda: slack.message(channel, ts)["streaming_state"] == "completed")
    append = client.chat_appendStream(channel=channel, ts=ts, markdown_text="rest")
    assert await _code(append) == "message_not_in_streaming_state"
    assert slack.message(channel, ts)["text"] == "half"


async def test_streams_in_channels_need_a_human_recipient(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """Without a recipient, or with a bot as one, a stream does not start."""
    channel = slack.channel("general")
    where: dict[str, Any] = {
        "channel": channel,
        "thread_ts": await slack.post_as_user(channel, "x"),
    }
    assert await _code(client.chat_startStream(**where)) == "missing_recipient_user_id"
    where["recipient_user_id"] = slack.bot_user_id
    assert await _code(client.chat_startStream(**where)) == "missing_recipient_team_id"
    where["recipient_team_id"] = slack.team_id
    assert await _code(client.chat_startStream(**where)) == "user_not_found"


@pytest.mark.parametrize(
    ("chunk", "code"),
    [
        pytest.param({"type": "song"}, "invalid_chunks", id="unknown"),
        pytest.param(
            {"type": "plan_update", "title": "x" * 257}, "invalid_chunks", id="long-field"
        ),
        pytest.param(
            {"type": "task_update", "id": "1", "title": "t", "status": "completed"},
            "invalid_chunks",
            id="status",
        ),
        pytest.param(
            {"type": "markdown_text", "text": "x" * 12_001}, "msg_too_long", id="long-text"
        ),
        pytest.param({"type": ["plan_update"]}, "invalid_chunks", id="kind"),
        pytest.param({"type": "markdown_text", "text": 7}, "invalid_chunks", id="no-text"),
        pytest.param(
            {"type": "task_update", "id": "1", "title": "t", "status": "error", "sources": [7]},
            "invalid_chunks",
            id="sources",
        ),
    ],
)
async def test_bad_chunks(
    slack: SlackSimulator, client: AsyncWebClient, chunk: dict[str, Any], code: str
) -> None:
    """A chunk of the wrong shape is refused and changes nothing."""
    channel, _, ts = await _start(slack, client)
    assert await _code(client.chat_appendStream(channel=channel, ts=ts, chunks=[chunk])) == code
    assert slack.message(channel, ts)["text"] == ""


async def test_stop_button_stops_streams_and_tells_the_app(
    slack: SlackSimulator, client: AsyncWebClient, bolt: BoltApp
) -> None:
    """agent_session_stopped names thread, person and streams; appending then is stopped_by_user."""
    async with bolt.connected():
        channel, root, ts = await _start(slack, client)
        assert await slack.stop_session(channel, root, "grace") == [ts]
        (event,) = await bolt.hears("agent_session_stopped")
    assert event["thread_ts"] == root
    assert event["user"] == slack.users["grace"].id
    assert event["streaming_message_ts"] == [ts]
    append = client.chat_appendStream(channel=channel, ts=ts, markdown_text="x")
    assert await _code(append) == "stopped_by_user"
    await client.chat_stopStream(channel=channel, ts=ts, session_status="closed")


async def test_session_status_falls_back_after_an_hour(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """processing lasts an hour from the last time it was said, then becomes active."""
    channel = slack.channel("general")
    root = await slack.post_as_user(channel, "x")
    where: dict[str, Any] = {"channel_id": channel, "thread_ts": root}
    early = client.agents_sessions_rename(title="New", **where)
    assert await _code(early) == "not_authorized"
    answer = await client.agents_sessions_setStatus(status="processing", title="Run: cart", **where)
    assert answer["title"] == "Run_ cart"
    slack.advance(3_000)
    await client.agents_sessions_setStatus(status="processing", **where)
    slack.advance(3_000)
    session = slack.session(channel, root)
    assert session is not None
    assert session.status == "processing"
    slack.advance(601)
    await slack.wait_for(lambda: session.status == "active")
    await client.agents_sessions_rename(title="New", **where)
    assert session.title == "New"


async def test_missing_stop_subscription_is_a_warning() -> None:
    """An app that does not listen to agent_session_stopped is warned, not refused."""
    manifest = {
        "features": {"agent_view": {}},
        "oauth_config": {"scopes": {"bot": ["chat:write"]}},
    }
    async with SlackSimulator(manifest=manifest) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        answer = await client.agents_sessions_setStatus(
            channel_id=slack.channel("general"), status="processing"
        )
    assert answer["response_metadata"]["warnings"] == [
        "missing_agent_session_stopped_event_subscription"
    ]


async def test_thread_status_goes_with_the_next_message_or_after_two_minutes(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """assistant.threads.setStatus text disappears by itself."""
    channel = slack.channel("general")
    root = await slack.post_as_user(channel, "x")
    where: dict[str, Any] = {"channel_id": channel, "thread_ts": root}
    await client.assistant_threads_setStatus(status="is reading logs…", **where)
    assert slack.thread_status(channel, root) == "is reading logs…"
    await client.chat_postMessage(channel=channel, thread_ts=root, text="done")
    assert slack.thread_status(channel, root) == ""
    await client.assistant_threads_setStatus(status="is reading logs…", **where)
    slack.advance(121)
    await slack.wait_for(lambda: slack.thread_status(channel, root) == "")
    lost = client.assistant_threads_setStatus(channel_id=channel, thread_ts="1.000000", status="x")
    assert await _code(lost) == "invalid_thread_ts"
