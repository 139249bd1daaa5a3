"""Runs that wait for a worker say so in their thread, and the worker goes on with the same card."""

from __future__ import annotations

import contextlib
from typing import NamedTuple

import pytest
from redis.asyncio import Redis

from bot.alarms.alarm import Alarm
from bot.clock import utc_now
from bot.incidents.correlation import Rules
from bot.incidents.incident import Incident, Lease, Origin
from bot.incidents.store import IncidentStore
from bot.simulators.slack import SlackSimulator
from bot.simulators.slack.clock import ManualClock
from bot.slack.api import Api
from bot.slack.letterbox import PostOffice
from bot.slack.outbox import Outbox
from bot.slack.pacer import LocalBuckets
from bot.slack.thread import SlackThreads
from bot.slack.waiting import PATIENCE, Waiting
from tests.slack.stage import nobody_else


class Line(NamedTuple):
    """Three incidents whose runs nobody has begun."""

    slack: SlackSimulator
    store: IncidentStore
    waiting: Waiting
    clock: ManualClock
    incidents: list[Incident]

    def said(self, number: int) -> list[str]:
        """The texts below the n-th alarm."""
        thread = self.incidents[number].origin.thread_ts
        return [reply["text"] for reply in self.slack.replies("#incidents", thread)]

    async def look(self) -> None:
        """Time passes, and the line is looked at."""
        self.clock.advance(PATIENCE)
        await self.waiting.look()

    async def begin(self, number: int) -> Lease:
        """A worker becomes free for the n-th."""
        lease = await self.store.begin(self.incidents[number].id, 1)
        assert lease is not None
        return lease


@pytest.fixture
async def line(slack: SlackSimulator, api: Api, redis: Redis, manual: ManualClock) -> Line:
    store = IncidentStore(redis, utc_now, rules=Rules(window=Rules().window * 0))
    waiting = Waiting(
        store, PostOffice(api, Outbox(redis), LocalBuckets(), manual, nobody_else), manual
    )
    channel = slack.channel("#incidents")
    incidents = []
    for number in range(3):
        ts = await slack.post_as_app("#incidents", {"text": "down"}, app="Alertmanager")
        origin = Origin(team=slack.team_id, channel=channel, thread_ts=ts)
        alarm = Alarm(source="generic", name=f"Alarm {number}", started_at=utc_now())
        incident = (await store.claim(alarm, origin)).incident
        assert incident is not None
        waiting.watch(incident, 1)
        incidents.append(incident)
    return Line(slack, store, waiting, manual, incidents)


async def test_a_free_worker_leaves_nothing_to_say(line: Line) -> None:
    """A run that begins at once gets no card of the line."""
    for number in range(3):
        await line.begin(number)
    await line.look()
    assert [line.said(number) for number in range(3)] == [[], [], []]


async def test_the_place_in_the_line_is_shown_and_moves(line: Line) -> None:
    """First come, first served; when a run begins, the others move up by an edit."""
    await line.begin(0)
    await line.waiting.look()
    assert line.said(1) == []
    await line.look()
    assert (line.said(0), line.said(1), line.said(2)) == (
        [],
        ["🕒 Alarm 1 · queued #1"],
        ["🕒 Alarm 2 · queued #2"],
    )
    await line.begin(1)
    line.clock.advance(60)
    await line.look()
    assert line.said(2) == ["🕒 Alarm 2 · queued #1"]
    assert len(line.slack.calls("chat.postMessage")) == 2


async def test_the_worker_goes_on_with_the_same_card(line: Line, api: Api, redis: Redis) -> None:
    """When it begins, the card becomes the progress card at once; nothing is posted twice."""
    await line.look()
    lease = await line.begin(2)
    threads = SlackThreads(api, redis, clock=line.clock)
    async with threads.reporter(line.incidents[2], lease) as reporter:
        await reporter.started("Alarm 2")
        assert line.said(2) == ["🔎 Alarm 2 · 0 s"]
    await line.look()
    assert line.said(2) == ["🔎 Alarm 2 · 0 s"]


async def test_what_slack_limits_is_shown_later(line: Line) -> None:
    """A refused or limited post does not end the watching of the others."""
    line.slack.faults.error("chat.postMessage", "restricted_action")
    await line.look()
    assert line.said(0) == []
    assert line.said(1) == ["🕒 Alarm 1 · queued #2"]


async def test_no_run_no_line(line: Line) -> None:
    """Runs that are over are watched no more."""
    for number in range(3):
        lease = await line.begin(number)
        await line.store.finish(line.incidents[number].id, 1, lease.epoch, "diagnosed")
    await line.look()
    with contextlib.suppress(TimeoutError):
        await line.slack.wait_for(lambda: line.said(0), 0.05)
    assert [line.said(number) for number in range(3)] == [[], [], []]
