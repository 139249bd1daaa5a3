"""Slack's limits, kept before Slack has to enforce them: about one message a second in a channel, and the like.

A token bucket per key, shared by all processes where it is kept in Redis (`buckets`). Whoever is urgent (a terminal
message) goes ahead of whoever is not; nobody is dropped.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from bot.slack.clock import Clock

PER_SECOND = 1.0
BURST = 3


class Rate(NamedTuple):
    """Tokens per second, and how many of them may be taken at once; the last of these is for urgent callers."""

    per_second: float = PER_SECOND
    burst: int = BURST


POSTING = Rate()
"""Of messages in one channel."""
EDITING = Rate(per_second=0.8, burst=10)
"""Of `chat.update` in a whole workspace: Slack allows fifty a minute."""


class Buckets(Protocol):
    """Where the tokens are. Raises TemporaryError when they cannot be reached."""

    async def take(self, key: str, rate: Rate, now: float, *, urgent: bool) -> float:
        """0 when a token was taken, else the seconds until one may be there."""

    async def hold(self, key: str, rate: Rate, now: float, seconds: float) -> None:
        """No token for so long."""


class LocalBuckets:
    """Tokens of this process alone. Urgent or not makes no difference here: `Pacer` orders its callers."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}

    async def take(self, key: str, rate: Rate, now: float, *, urgent: bool) -> float:
        """See `Buckets`: `due` is when the bucket would be full again."""
        due = max(self._due.get(key, now), now)
        early = due - now - (rate.burst - 1) / rate.per_second
        if early > 0:
            return early
        self._due[key] = due + 1 / rate.per_second
        return 0.0

    async def hold(self, key: str, rate: Rate, now: float, seconds: float) -> None:
        """See `Buckets`."""
        full = now + seconds + (rate.burst - 1) / rate.per_second
        self._due[key] = max(self._due.get(key, now), full)


@dataclass(order=True)
class _Waiter:
    rank: tuple[int, int]
    called: asyncio.Event = field(compare=False, default_factory=asyncio.Event)


class Pacer:
    """Turns, per key. One per process; Slack's own 429 stays the judge."""

    def __init__(
        self, clock: Clock, buckets: Buckets | None = None, rate: Rate = POSTING, name: str = "post"
    ) -> None:
        self._clock = clock
        self._buckets = buckets or LocalBuckets()
        self._rate = rate
        self._name = name
        self._waiting: dict[str, list[_Waiter]] = {}
        self._order = itertools.count()

    async def turn(self, key: str, *, urgent: bool = False) -> None:
        """Returns when it may be done: a post in this channel, say. Raises TemporaryError when the buckets are away."""
        waiting = self._waiting.setdefault(key, [])
        me = _Waiter((0 if urgent else 1, next(self._order)))
        heapq.heappush(waiting, me)
        try:
            while True:
                if waiting[0] is not me:
                    me.called.clear()
                    await me.called.wait()
                elif not (delay := await self._take(key, urgent=urgent)):
                    return
                elif waiting[0] is me:
                    await self._clock.sleep(delay)
        finally:
            waiting.remove(me)
            heapq.heapify(waiting)
            if waiting:
                waiting[0].called.set()

    async def hold(self, key: str, seconds: float) -> None:
        """Slack asked for a pause (Retry-After): nobody has a turn until it is over."""
        await self._buckets.hold(f"{self._name}:{key}", self._rate, self._clock.time(), seconds)

    async def _take(self, key: str, *, urgent: bool) -> float:
        now = self._clock.time()
        return await self._buckets.take(f"{self._name}:{key}", self._rate, now, urgent=urgent)
