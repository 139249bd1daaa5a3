"""Notices in a thread: one message with the latest count, whatever Slack limits."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.alarms.alarm import Alarm
from bot.incidents.incident import Incident, Member, Origin
from bot.simulators.slack import SlackSimulator
from bot.simulators.slack.clock import ManualClock
from bot.slack.api import Api
from bot.slack.letterbox import PostOffice
from bot.slack.notices import Notices
from bot.slack.outbox import Outbox
from bot.slack.pacer import LocalBuckets
from bot.slack.permalinks import Permalinks
from tests.slack.shown import links
from tests.slack.stage import nobody_else

AT = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)


@pytest.fixture
async def notices(redis: Redis, api: Api, manual: ManualClock) -> AsyncIterator[Notices]:
    office = PostOffice(api, Outbox(redis), LocalBuckets(), manual, nobody_else)
    made = Notices(office, manual, Permalinks("https://acme.slack.example/"))
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
    for _ in range(1_500):
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
    notices.changed(times(incident, 2))
    await slack.wait_for(lambda: slack.replies("#incidents", ts))
    for count in range(3, 103):
        notices.changed(times(incident, count))
    await shows(slack, manual, ts, "×102")
    (notice,) = slack.replies("#incidents", ts)
    assert notice["text"] == "🔁 Still firing ×102, last 14:02 UTC"
    assert len(slack.calls("chat.update")) == 1


async def test_what_is_limited_is_shown_later(
    slack: SlackSimulator, notices: Notices, incident: Incident, manual: ManualClock
) -> None:
    """A limited edit is made again after the pause, although no repeat follows."""
    ts = incident.origin.thread_ts
    notices.changed(times(incident, 2))
    await slack.wait_for(lambda: slack.replies("#incidents", ts))
    slack.faults.rate_limit("chat.update", retry_after=20)
    notices.changed(times(incident, 3))
    await shows(slack, manual, ts, "×3")
    assert [call.ok for call in slack.calls("chat.update")] == [False, True]


async def test_closing_shows_what_is_left(
    slack: SlackSimulator, notices: Notices, incident: Incident
) -> None:
    """A count that waited for its interval is not lost when the front stops."""
    ts = incident.origin.thread_ts
    notices.changed(times(incident, 2))
    await slack.wait_for(lambda: slack.replies("#incidents", ts))
    notices.changed(times(incident, 7))
    await notices.close()
    assert "×7" in slack.replies("#incidents", ts)[0]["text"]


async def test_a_resolve_is_said_once(
    slack: SlackSimulator, notices: Notices, incident: Incident
) -> None:
    """Told twice, posted once, with how often it had fired, and with a button to check that the cause is gone."""
    over = times(incident, 3).model_copy(update={"state": "resolved", "alarm_state": "resolved"})
    await notices.resolved(over)
    await notices.resolved(over)
    (notice,) = slack.replies("#incidents", incident.origin.thread_ts)
    assert notice["text"] == "🟢 Resolved at 14:02 UTC, after 3 occurrences"
    assert "tocsin_check" in str(notice["blocks"])


async def test_each_episode_has_its_own_end(
    slack: SlackSimulator, notices: Notices, incident: Incident
) -> None:
    """Resolved, looked into once more, resolved again: three messages in this order."""
    over: dict[str, Any] = {"state": "resolved", "alarm_state": "resolved"}
    await notices.resolved(incident.model_copy(update=over))
    await notices.reopened(incident.model_copy(update={"run": 2}))
    await notices.resolved(incident.model_copy(update={**over, "run": 2}))
    said = [reply["text"] for reply in slack.replies("#incidents", incident.origin.thread_ts)]
    assert [text.partition(" at ")[0] for text in said] == [
        "🟢 Resolved",
        "🔥 Firing again since 14:02 UTC: looking into it once more",
        "🟢 Resolved",
    ]


async def test_flapping_is_one_message(
    slack: SlackSimulator, notices: Notices, incident: Incident, manual: ManualClock
) -> None:
    """Flaps are counted in one message that says when it is looked into again and offers to do so now."""
    ts = incident.origin.thread_ts
    rests = AT + timedelta(minutes=58)
    flapping = incident.model_copy(update={"rests_until": rests})
    for flap in range(1, 4):
        flapping = flapping.model_copy(update={"flaps": flap, "occurrences": flap + 2})
        notices.changed(flapping)
        await shows(slack, manual, ts, f"fired ×{flap + 2}, last 14:02 UTC, firing now")
        await notices.resolved(
            flapping.model_copy(update={"state": "resolved", "alarm_state": "resolved"})
        )
        await shows(slack, manual, ts, "over now")
    (notice,) = slack.replies("#incidents", ts)
    assert "Not investigated anew before 15:00 UTC" in str(notice["blocks"])
    assert "tocsin_investigate" not in str(notice["blocks"])
    notices.changed(flapping)
    await shows(slack, manual, ts, "tocsin_investigate")


async def test_members_are_listed_with_links(
    slack: SlackSimulator, notices: Notices, incident: Incident, manual: ManualClock
) -> None:
    """What fired with it: one message with each condition, why it belongs here, and its post; edited as they end."""
    ts = incident.origin.thread_ts
    stormy = incident.model_copy(update={"members": [member(number) for number in range(60)]})
    notices.changed(stormy)
    await shows(slack, manual, ts, "60 related alarms")
    (message,) = slack.replies("#incidents", ts)
    listed = message["blocks"][1]["elements"][0]["elements"]
    assert len(listed) == 41
    assert "Alarm 0" in str(listed[0])
    assert "same namespace" in str(listed[0])
    assert "@channel" not in str(listed)
    assert [url.rpartition("/")[2] for url in links(listed[0])] == ["p10000000"]
    assert "… and 20 more" in str(listed[-1])
    over = [each.model_copy(update={"state": "resolved"}) for each in stormy.members]
    notices.changed(stormy.model_copy(update={"members": over}))
    await shows(slack, manual, ts, "60 related alarms in this incident, 60 resolved")


def member(number: int) -> Member:
    """One of many."""
    return Member(
        fingerprint=f"f{number}",
        name=f"Alarm {number} @channel <!here>",
        service="cart",
        severity="warning",
        because="namespace",
        origin=Origin(team="T", channel="C0000000", thread_ts=f"1{number}.000000"),
        occurrences=number + 1,
        first_seen_at=AT,
        last_seen_at=AT,
    )
