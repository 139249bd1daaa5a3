"""The incident's thread and channel are read as a person would read them, newest last."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from tocsin_mcp.kit.times import rfc3339

from bot.simulators.slack import SlackSimulator

Call = Callable[..., Awaitable[Any]]
Meta = Callable[..., dict[str, str]]

ALARM = {
    "text": "",
    "attachments": [
        {
            "title": "[FIRING:1] HighErrorRate frontend",
            "title_link": "https://am.example/#/alerts",
            "text": "more than 20 % fail &amp; rising",
            "fields": [{"title": "severity", "value": "critical", "short": True}],
            "fallback": "[FIRING:1] HighErrorRate frontend | https://am.example/#/alerts",
        }
    ],
}


async def alarm_thread(slack: SlackSimulator) -> str:
    slack.add_app("Alertmanager")
    ts = await slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    await slack.post_as_user("#incidents", "looking", user="ada", thread_ts=ts)
    return ts


async def test_thread_shows_the_alarm_and_what_people_said(
    call: Call, slack: SlackSimulator, meta: Meta
) -> None:
    """The alarm's attachment is readable, people have names, the newest message is last."""
    ts = await alarm_thread(slack)
    await slack.post_as_user(
        "#incidents", "rule out the database, <@BOT>", user="grace", thread_ts=ts
    )
    got = await call("read_thread", meta=meta("#incidents", ts))
    assert not got.is_error
    lines = got.text.splitlines()
    assert lines[0] == "thread of 3 messages"
    assert re.fullmatch(r"20\S+Z \(\d+s ago\)  Alertmanager \(app\).*", lines[1])
    assert lines[2:5] == [
        "    [FIRING:1] HighErrorRate frontend (https://am.example/#/alerts)",
        "    more than 20 % fail & rising",
        "    severity: critical",
    ]
    names = {user.name: user.real_name for user in slack.users.values()}
    assert any(name in lines[5] for name in ("ada", names["ada"]))
    assert lines[-1].startswith("    rule out the database, @")


async def test_own_messages_are_left_out(call: Call, slack: SlackSimulator, meta: Meta) -> None:
    """What the bot itself wrote is not read back to it, only counted."""
    ts = await alarm_thread(slack)
    await post_as_bot(slack, "first look: nothing yet", ts)
    got = await call("read_thread", meta=meta("#incidents", ts))
    assert "first look" not in got.text
    assert "1 of this bot's own left out" in got.text


async def test_long_thread_keeps_its_root_and_its_end(
    call: Call, slack: SlackSimulator, meta: Meta
) -> None:
    """`limit` counts the newest replies; the first message always stays."""
    ts = await alarm_thread(slack)
    for number in range(12):
        await slack.post_as_user("#incidents", f"remark {number}", thread_ts=ts)
    got = await call("read_thread", limit=3, meta=meta("#incidents", ts))
    assert "10 older ones not shown" in got.text
    assert "HighErrorRate" in got.text
    remarks = re.findall(r"remark \d+", got.text)
    assert remarks == ["remark 9", "remark 10", "remark 11"]


async def test_thread_of_many_pages_is_read_to_its_end(
    call: Call, slack: SlackSimulator, meta: Meta
) -> None:
    """More than one page of the API is followed."""
    ts = await alarm_thread(slack)
    for number in range(230):
        await slack.post_as_user("#incidents", f"remark {number}", thread_ts=ts)
    got = await call("read_thread", limit=1, meta=meta("#incidents", ts))
    assert "thread of 232 messages" in got.text
    assert got.text.endswith("    remark 229")
    assert len(slack.calls("conversations.replies")) == 2


async def test_channel_shows_the_newest_messages_without_replies(
    call: Call, slack: SlackSimulator, meta: Meta
) -> None:
    """Top-level messages only, oldest first, with a mark where there is a thread."""
    await slack.post_as_user("#incidents", "deployed frontend 6eb5203")
    ts = await alarm_thread(slack)
    got = await call("read_channel", meta=meta("#incidents", ts))
    assert "[replies in its thread: 1]" in got.text
    assert "looking" not in got.text
    assert got.text.index("deployed frontend") < got.text.index("HighErrorRate")
    one = await call("read_channel", limit=1, meta=meta("#incidents", ts))
    assert "deployed" not in one.text
    assert "older ones not shown" in one.text


async def test_channel_since(
    call: Call, slack: SlackSimulator, serving: Callable[..., Any], meta: Meta
) -> None:
    """`since` leaves out what is older; an unreadable one is refused."""
    await slack.post_as_user("#incidents", "old news")
    recent = await call("read_channel", since="15m", meta=meta("#incidents"))
    assert "old news" in recent.text
    soon = rfc3339(datetime.now(UTC) + timedelta(minutes=4))
    none = await call("read_channel", since=soon, meta=meta("#incidents"))
    assert none.text == f"No messages in this channel since {soon}."
    refused = await call("read_channel", since="recently", meta=meta("#incidents"))
    assert refused.is_error
    assert "like 15m, 2h or 1d" in refused.text


async def test_names_are_asked_for_once(call: Call, slack: SlackSimulator, meta: Meta) -> None:
    """A name is remembered between calls."""
    ts = await alarm_thread(slack)
    for _ in range(3):
        await call("read_thread", meta=meta("#incidents", ts))
    assert len(slack.calls("users.info")) == 1


async def test_without_users_read_ids_have_to_do(
    call: Call, slack: SlackSimulator, meta: Meta
) -> None:
    """A token without users:read still reads the thread, and does not ask for names again."""
    slack.remove_scope("users:read")
    ts = await alarm_thread(slack)
    for _ in range(2):
        got = await call("read_thread", meta=meta("#incidents", ts))
        assert "looking" in got.text
    assert len(slack.calls("users.info")) == 1


async def test_long_thread_is_bounded(call: Call, slack: SlackSimulator, meta: Meta) -> None:
    """Neither one huge message nor many of them flood the answer."""
    ts = await alarm_thread(slack)
    for _ in range(40):
        await slack.post_as_user("#incidents", "w " * 3000, thread_ts=ts)
    got = await call("read_thread", meta=meta("#incidents", ts))
    assert len(got.text.encode()) <= 24 * 1024
    assert "ask for fewer with `limit`" in got.text


@pytest.mark.parametrize("limit", [0, 201])
async def test_limit_is_checked(call: Call, meta: Meta, limit: int) -> None:
    """A limit out of range is refused."""
    got = await call("read_thread", limit=limit, meta=meta("#incidents"))
    assert "between 1 and 200" in got.text


async def post_as_bot(slack: SlackSimulator, text: str, thread_ts: str) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{slack.api_url}chat.postMessage",
            json={"channel": slack.channel("#incidents"), "text": text, "thread_ts": thread_ts},
            headers={"Authorization": f"Bearer {slack.bot_token}"},
        ) as answer,
    ):
        assert (await answer.json())["ok"]
