"""Turns to post: a burst, then one a second, urgent ones first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from redis.asyncio import Redis

from bot.simulators.slack.clock import ManualClock
from bot.slack.buckets import LONGEST, SharedBuckets
from bot.slack.pacer import BURST, LocalBuckets, Pacer, Rate


class Line:
    """Callers that wait for their turn, and who had it."""

    def __init__(self, clock: ManualClock, others_run: Callable[[], Awaitable[None]]) -> None:
        self.clock = clock
        self._others_run = others_run
        self.pacer = Pacer(clock)
        self.served: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def join(self, name: str, *, channel: str = "C1", urgent: bool = False) -> None:
        """Start waiting, and let the waiting begin."""
        self.tasks.append(asyncio.create_task(self._wait(name, channel, urgent=urgent)))
        await self.pause()

    async def pass_time(self, seconds: float) -> None:
        """Move the clock and let whoever woke go on."""
        self.clock.advance(seconds)
        await self.pause()

    async def pause(self) -> None:
        """Run everything that can run now."""
        for _ in range(10):
            await self._others_run()

    async def _wait(self, name: str, channel: str, *, urgent: bool) -> None:
        await self.pacer.turn(channel, urgent=urgent)
        self.served.append(name)


@pytest.fixture
async def line(manual: ManualClock, others_run: Callable[[], Awaitable[None]]) -> Line:
    return Line(manual, others_run)


async def test_burst_then_one_a_second(line: Line) -> None:
    """Slack allows short bursts and about a message a second."""
    for number in range(BURST + 2):
        await line.join(str(number))
    assert line.served == ["0", "1", "2"]
    await line.pass_time(1.0)
    assert line.served == ["0", "1", "2", "3"]
    await line.pass_time(1.0)
    assert len(line.served) == BURST + 2


async def test_urgent_goes_first(line: Line) -> None:
    """A terminal message overtakes everything that waits; nothing is dropped."""
    for number in range(BURST):
        await line.join(str(number))
    await line.join("card")
    await line.join("final", urgent=True)
    await line.pass_time(1.0)
    assert line.served[BURST:] == ["final"]
    await line.pass_time(1.0)
    assert line.served[BURST:] == ["final", "card"]


async def test_channels_do_not_wait_for_each_other(line: Line) -> None:
    """The limit is per channel."""
    for number in range(BURST + 1):
        await line.join(str(number))
    await line.join("elsewhere", channel="C2")
    assert line.served[-1] == "elsewhere"
    await line.pass_time(1.0)


async def test_a_pause_that_slack_asked_for_holds_everybody(line: Line) -> None:
    """After a 429 nobody posts in the channel until Retry-After is over."""
    await line.pacer.hold("C1", 30)
    await line.join("final", urgent=True)
    await line.pass_time(29)
    assert line.served == []
    await line.pass_time(1)
    assert line.served == ["final"]


async def test_who_gives_up_makes_room(line: Line) -> None:
    """A caller that is cancelled while waiting blocks nobody."""
    for number in range(BURST):
        await line.join(str(number))
    await line.join("gone")
    await line.join("next")
    line.tasks[-2].cancel()
    await line.pass_time(1.0)
    assert line.served[-1] == "next"


@pytest.mark.parametrize("shared", [False, True])
async def test_tokens_come_back_at_their_rate(redis: Redis, shared: bool) -> None:
    """A full bucket gives its burst at once and then says how long to wait; time fills it again, not above the burst."""
    buckets = SharedBuckets(redis) if shared else LocalBuckets()
    rate = Rate(per_second=2.0, burst=3)
    waits = [await buckets.take("k", rate, 1_000.0, urgent=True) for _ in range(4)]
    assert waits == [0, 0, 0, pytest.approx(0.5)]
    assert await buckets.take("k", rate, 1_000.5, urgent=True) == 0
    later = [await buckets.take("k", rate, 2_000.0, urgent=True) for _ in range(4)]
    assert later == [0, 0, 0, pytest.approx(0.5)]
    await buckets.hold("k", rate, 3_000.0, 30)
    assert await buckets.take("k", rate, 3_000.0, urgent=True) == pytest.approx(30)


async def test_processes_share_the_tokens(redis: Redis) -> None:
    """Two processes together get no more than one would; the last token of the burst is for the urgent."""
    front, worker = SharedBuckets(redis), SharedBuckets(redis)
    rate = Rate(per_second=1.0, burst=3)
    assert await front.take("C1", rate, 10.0, urgent=False) == 0
    assert await front.take("C1", rate, 10.0, urgent=False) == 0
    assert await front.take("C1", rate, 10.0, urgent=False) == pytest.approx(1)
    assert await worker.take("C1", rate, 10.0, urgent=True) == 0
    assert await worker.take("C1", rate, 10.0, urgent=True) == pytest.approx(1)


async def test_a_wrong_clock_does_not_hold_everybody_for_ever(redis: Redis) -> None:
    """A bucket that would be full in a far future was written by a clock that is wrong, and is begun anew."""
    buckets, rate = SharedBuckets(redis), Rate()
    ahead = 10_000.0 + LONGEST / 1000
    assert await buckets.take("C1", rate, ahead + 1, urgent=True) == 0
    assert await buckets.take("C1", rate, 10_000.0, urgent=True) == 0
