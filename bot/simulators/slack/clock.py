"""Time as the simulator sees it: every deadline, lifetime and token bucket asks a Clock.

Tests inject a `ManualClock` and move it; a demo runs on `SystemClock`, which can be moved forward too, so that an hour
of Slack (a session timeout, the third redelivery) passes in an instant.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import time
from typing import Protocol, runtime_checkable


class Clock(Protocol):
    """What the simulator needs of time. Seconds since the epoch, and a wait."""

    def time(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


@runtime_checkable
class MovableClock(Protocol):
    """A clock that can be moved forward; sleepers whose time has come are woken."""

    def advance(self, seconds: float) -> None: ...


class SystemClock:
    """Real time plus whatever it was advanced by."""

    def __init__(self) -> None:
        self._offset = 0.0
        self._moved: list[asyncio.Event] = []

    def time(self) -> float:
        return time.time() + self._offset

    async def sleep(self, seconds: float) -> None:
        deadline = self.time() + seconds
        moved = asyncio.Event()
        self._moved.append(moved)
        try:
            while (remaining := deadline - self.time()) > 0:
                moved.clear()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(remaining):
                        await moved.wait()
        finally:
            self._moved.remove(moved)

    def advance(self, seconds: float) -> None:
        self._offset += seconds
        for moved in self._moved:
            moved.set()


class ManualClock:
    """Stands still until `advance` is called. `start` is in seconds since the epoch.

    Rate limits stand still with it: build the simulator with `strict_rate_limits=False` or move the clock on.
    """

    def __init__(self, start: float = 1_795_000_000.0) -> None:
        self._now = start
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def time(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), woken))
        await woken

    def advance(self, seconds: float) -> None:
        """Move on and wake, in order, everybody whose time has come."""
        self._now += seconds
        while self._sleepers and self._sleepers[0][0] <= self._now:
            _, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)


async def happens_within(clock: Clock, event: asyncio.Event, seconds: float) -> bool:
    """True once `event` is set, False when `seconds` of `clock` passed first."""
    if event.is_set():
        return True
    waiting = asyncio.ensure_future(event.wait())
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    try:
        await asyncio.wait({waiting, sleeping}, return_when=asyncio.FIRST_COMPLETED)
        return event.is_set()
    finally:
        for task in (waiting, sleeping):
            task.cancel()
        await asyncio.gather(waiting, sleeping, return_exceptions=True)
