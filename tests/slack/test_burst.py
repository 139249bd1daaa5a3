"""A hundred investigations end at once, at a Slack that keeps its limits strictly and fails now and then."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from typing import Any

from redis.asyncio import Redis

from bot.alarms.alarm import Alarm
from bot.errors import TemporaryError
from bot.fencing import epoch_key
from bot.incidents.incident import Incident, Lease, Origin
from bot.simulators.slack import SlackSimulator
from bot.simulators.slack.clock import ManualClock
from bot.slack.api import open_api
from bot.slack.thread import SlackThreads
from tests.slack.stage import REPORT

COUNT = 100
WITH_CARD = 12
"""Investigations that were seen at work before the burst; the others end at once."""
WORKERS = 2
STEP = 0.5
LOOK_EVERY = 10
MOST_STEPS = 12_000
"""Some 500 are needed on an idle machine; on a busy one the clock gets ahead of the work."""
NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Burst:
    """One channel with a thread per alarm, and workers in processes of their own that report there."""

    def __init__(
        self, slack: SlackSimulator, redis: Redis, clock: ManualClock, workers: list[SlackThreads]
    ) -> None:
        self.slack = slack
        self.redis = redis
        self.clock = clock
        self.workers = workers
        self.roots: list[str] = []
        self.retries = 0
        self.begins = asyncio.Event()

    async def investigate(self, number: int) -> None:
        """Show a card, conclude with all others; come back when Slack will not have it now, as the queue makes a job do."""
        origin = Origin(
            team=self.slack.team_id,
            channel=self.slack.channel("#incidents"),
            thread_ts=self.roots[number],
        )
        name = f"inc-{number}"
        alarm = Alarm(source="generic", name=name, started_at=NOW)
        incident = Incident(id=name, origin=origin, alarm=alarm, opened_at=NOW, last_seen_at=NOW)
        await self.redis.set(epoch_key(name), 1, ex=600)
        lease = Lease(incident_id=name, slot="run:1", epoch=1, deliveries=1)
        while True:
            try:
                async with self.workers[number % WORKERS].reporter(incident, lease) as reporter:
                    if number < WITH_CARD:
                        await reporter.started("Looking")
                    await self.begins.wait()
                    await reporter.finished(REPORT)
            except TemporaryError as error:
                self.retries += 1
                await self.clock.sleep(error.retry_after or 5.0)
            else:
                return

    def finals(self) -> Counter[str]:
        """How many terminal messages each thread has."""
        found: Counter[str] = Counter()
        for root in self.roots:
            found[root] = sum("run:1/final" in _key(each) for each in self._replies(root))
        return found

    def cards(self) -> list[dict[str, Any]]:
        """All progress cards."""
        return [
            each for root in self.roots for each in self._replies(root) if "/card" in _key(each)
        ]

    async def passes(self, work: list[asyncio.Task[None]]) -> None:
        """Let a little time pass."""
        await asyncio.wait(work, timeout=0.005)
        self.clock.advance(STEP)

    def is_over(self) -> bool:
        """Whether every thread has its end, and every card says so."""
        cards = self.cards()
        return all(self.finals().values()) and len(cards) == WITH_CARD and all(map(_is_done, cards))

    def break_something(self) -> None:
        """The next calls meet limits that others used up, errors and cut connections."""
        faults = self.slack.faults
        faults.rate_limit("chat.postMessage", retry_after=7, times=5)
        faults.apply_then_reset("chat.postMessage", times=3)
        faults.http_500("chat.postMessage", times=3)
        faults.rate_limit("chat.update", retry_after=7, times=3)

    def refused(self) -> int:
        """How often the bot went over Slack's limits although nobody else used them."""
        calls = [call for call in self.slack.calls() if call.method.startswith("chat.")]
        return sum(call.status == 429 and not call.fault for call in calls)

    def _replies(self, root: str) -> list[dict[str, Any]]:
        return self.slack.replies("#incidents", root)


def _key(message: dict[str, Any]) -> str:
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return str(payload.get("key") or "")


def _is_done(card: dict[str, Any]) -> bool:
    return "diagnosed" in str(card["blocks"]).lower()


async def test_no_terminal_message_is_lost_in_a_burst(
    manifest: dict[str, Any], redis: Redis, manual: ManualClock
) -> None:
    """Whatever the limits and the lost answers, every thread has exactly one; cards do not go on saying that they run;
    and the two processes keep under Slack's limits by themselves."""
    async with (
        SlackSimulator(manifest=manifest, clock=manual) as slack,
        open_api(slack.bot_token, slack.api_url) as api,
    ):
        workers = [SlackThreads(api, redis, clock=manual) for _ in range(WORKERS)]
        burst = Burst(slack, redis, manual, workers)
        for number in range(COUNT):
            post = {"text": f"alarm {number}"}
            burst.roots.append(await slack.post_as_app("#incidents", post, app="Alertmanager"))
        work = [asyncio.create_task(burst.investigate(number)) for number in range(WITH_CARD)]
        while len(burst.cards()) < WITH_CARD:
            await burst.passes(work)
        others = range(WITH_CARD, COUNT)
        work += [asyncio.create_task(burst.investigate(number)) for number in others]
        burst.begins.set()
        for step in range(MOST_STEPS):
            if step in (40, 120):
                burst.break_something()
            if step % LOOK_EVERY == 0 and burst.is_over():
                break
            await burst.passes(work)
        for task in work:
            task.cancel()
        await asyncio.gather(*work, return_exceptions=True)

        assert set(burst.finals().values()) == {1}, burst.retries
        assert slack.duplicate_posts() == []
        assert burst.is_over()
        assert burst.refused() <= 10
