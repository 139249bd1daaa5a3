"""An alarm's thread with workers that report on it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.alarms.alarm import Alarm
from bot.fencing import epoch_key
from bot.incidents.incident import Incident, Lease, Origin, Question
from bot.investigation.diagnosis import Cost, Diagnosis, Report
from bot.simulators.slack import SlackSimulator
from bot.simulators.slack.clock import ManualClock
from bot.slack.api import Api
from bot.slack.directory import Exceptions
from bot.slack.thread import Draws, SlackReporter, SlackThreads

DIAGNOSIS = Diagnosis(
    verdict="fault",
    summary="cartservice cannot reach its database.",
    cause="The port in the last commit is wrong.",
    confidence=0.85,
)
REPORT = Report(
    outcome="diagnosed",
    diagnosis=DIAGNOSIS,
    cost=Cost(usd=0.06, cached_share=0.88, model="claude-test (stand-in)"),
    tool_calls=9,
    seconds=41,
)


async def nobody_else(_: str) -> bool:
    """Only people of this workspace read the channel."""
    return False


class Stage:
    """An alarm's thread, and workers that report on it."""

    def __init__(
        self, slack: SlackSimulator, redis: Redis, api: Api, clock: ManualClock, root: str
    ) -> None:
        self.slack = slack
        self.redis = redis
        self.api = api
        self.clock = clock
        self.root = root
        self.stack = AsyncExitStack()
        self.artist: Draws | None = None
        self.exceptions: Exceptions | None = None
        started_at = datetime(2026, 11, 22, tzinfo=UTC)
        self.incident = Incident(
            id="inc-1",
            origin=Origin(team=slack.team_id, channel=slack.channel("#incidents"), thread_ts=root),
            alarm=Alarm(source="generic", name="it is down", started_at=started_at),
            opened_at=started_at,
            last_seen_at=started_at,
        )

    async def reporter(
        self, slot: str = "run:1", epoch: int = 1, question: Question | None = None
    ) -> SlackReporter:
        """A reporter as a worker has it that became the owner with this epoch."""
        await self.redis.set(epoch_key("inc-1"), epoch, ex=600)
        threads = SlackThreads(
            self.api,
            self.redis,
            clock=self.clock,
            artist=self.artist,
            exceptions=self.exceptions,
        )
        lease = Lease(incident_id="inc-1", slot=slot, epoch=epoch, deliveries=1, question=question)
        return await self.stack.enter_async_context(threads.reporter(self.incident, lease))

    def replies(self) -> list[dict[str, Any]]:
        """What stands below the alarm."""
        return self.slack.replies("#incidents", self.root)

    def card(self) -> dict[str, Any]:
        """The progress card."""
        return self.replies()[0]

    async def shows(self, text: str | re.Pattern[str]) -> None:
        """Let time pass in small steps until the card shows a text, or what a pattern finds."""
        wanted = re.compile(re.escape(text)) if isinstance(text, str) else text
        for _ in range(1_500):
            with contextlib.suppress(TimeoutError):
                await self.slack.wait_for(lambda: wanted.search(str(self.card())), 0.02)
                return
            self.clock.advance(0.5)
        pytest.fail(f"the card never shows {text!r}: {self.card()}")

    async def passes(self, work: Coroutine[Any, Any, None]) -> None:
        """Let time pass until this work is done."""
        task = asyncio.create_task(work)
        while not task.done():
            await asyncio.wait([task], timeout=0.02)
            self.clock.advance(0.5)
        await task
