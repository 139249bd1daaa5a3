"""Notices in a thread: one message with the latest count, whatever Slack limits."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest
from redis.asyncio import Redis

from bot.alarms.alarm import Alarm
from bot.incidents.incident import Incident, Origin
from bot.simulators.slack import SlackSimulator
from bot.simulators.slack.clock import ManualClock
from bot.slack.api import Api
from bot.slack.letterbox import PostOffice
from bot.slack.notices import Notices
from bot.slack.outbox import Outbox
from bot.slack.pacer import Pacer

AT = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)


@pytest.fixture
async def notices(redis: Redis, api: Api, manual: ManualClock) -> AsyncIterator[Notices]:
    made = Notices(PostOffice(api, Outbox(redis), Pacer(manual), manual), manual)
    yield made
    await made.close()


@pytest.fixture
async def incident(slack: SlackSimulator) -> Incident:
    """An incident whose thread is there."""
    ts = await slack.post_as_app("#incidents", {"text": "down"}, app="Alertmanager")
    channel = slack.channel("#incidents")
    return Incident(
        id="inc-1",
        origin=Origin(team=slack.team_id, channel=channel, thread_ts=ts),
        alarm=Alarm(source="generic", name="down", started_at=AT),
        opened_at=AT,
        last_seen_at=AT,
    )


def times(incident: Incident, occurrences: int) -> Incident:
    """The incident after so many occurrences."""
    return incident.model_copy(update={"occurrences": occurrences})


async def shows(slack: SlackSimulator, clock: ManualClock, thread: str, text: str) -> None:
    """Let time pass in small steps until a reply in the thread shows a text."""
    for _ in range(200):
        with contextlib.suppress(TimeoutError):
            await slack.wait_for(lambda: text in str(slack.replies("#incidents", thread)), 0.02)
            return
        clock.advance(0.5)
    pytest.fail(f"never shown: {text}")


async def test_a_storm_is_few_edits(
    slack: SlackSimulator, notices: Notices, incident: Incident, manual: ManualClock
) -> None:
    """A hundred repeats: one message, and one edit after the interval with the latest count."""
    ts = incident.origin.thread_ts
    notices.repeated(times(incident, 2))
    await slack.wait_for(lambda: slack.replies("#incidents", ts))
    for count in range(3, 103):
        notices.repeated(times(incident, count))
    await shows(slack, manual, ts, "×102")
    (notice,) = slack.replies("#incidents", ts)
    assert notice["text"] == "🔁 Still firing ×102, last 14:02 UTC"
    assert len(slack.calls("chat.update")) == 1


async def test_what_is_limited_is_shown_later(
    slack: SlackSimulator, notices: Notices, incident: Incident, manual: ManualClock
) -> None:
    """A limited edit is made again after the pause, although no repeat follows."""
    ts = incident.origin.thread_ts
    notices.repeated(times(incident, 2))
    await slack.wait_for(lambda: slack.replies("#incidents", ts))
    slack.faults.rate_limit("chat.update", retry_after=20)
    notices.repeated(times(incident, 3))
    await shows(slack, manual, ts, "×3")
    assert [call.ok for call in slack.calls("chat.update")] == [False, True]


async def test_closing_shows_what_is_left(
    slack: SlackSimulator, notices: Notices, incident: Incident
) -> None:
    """A count that waited for its interval is not lost when the front stops."""
    ts = incident.origin.thread_ts
    notices.repeated(times(incident, 2))
    await slack.wait_for(lambda: slack.replies("#incidents", ts))
    notices.repeated(times(incident, 7))
    await notices.close()
    assert "×7" in slack.replies("#incidents", ts)[0]["text"]


async def test_a_resolve_is_said_once(
    slack: SlackSimulator, notices: Notices, incident: Incident
) -> None:
    """Told twice, posted once, with how often it had fired."""
    await notices.resolved(times(incident, 3))
    await notices.resolved(times(incident, 3))
    (notice,) = slack.replies("#incidents", incident.origin.thread_ts)
    assert notice["text"] == "🟢 Resolved at 14:02 UTC, after 3 occurrences"
