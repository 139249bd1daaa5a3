"""Turns to post: a burst, then one a second, urgent ones first."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from bot.simulators.slack.clock import ManualClock
from bot.slack.pacer import BURST, Pacer


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
    line.pacer.hold("C1", 30)
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
