"""Slack's posting limit, kept before Slack has to enforce it: about one message a second in a channel.

A token bucket per channel. Whoever is urgent (a terminal message) goes ahead of whoever is not; nobody is dropped.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from dataclasses import dataclass, field

from bot.slack.clock import Clock

PER_SECOND = 1.0
BURST = 3


@dataclass(order=True)
class _Waiter:
    rank: tuple[int, int]
    called: asyncio.Event = field(compare=False, default_factory=asyncio.Event)


@dataclass
class _Bucket:
    tokens: float
    refilled_at: float
    held_until: float = 0.0
    waiting: list[_Waiter] = field(default_factory=list)

    def delay(self, now: float) -> float:
        """Seconds until a token may be taken; 0 when one may be now."""
        self.tokens = min(float(BURST), self.tokens + max(now - self.refilled_at, 0.0) * PER_SECOND)
        self.refilled_at = now
        missing = max(1.0 - self.tokens, 0.0) / PER_SECOND
        return max(missing, self.held_until - now, 0.0)


class Pacer:
    """Turns to post, per channel. One per process; Slack's own 429 stays the judge between processes."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._order = itertools.count()

    async def turn(self, channel: str, *, urgent: bool = False) -> None:
        """Returns when a message may be posted in this channel."""
        bucket = self._bucket(channel)
        me = _Waiter((0 if urgent else 1, next(self._order)))
        heapq.heappush(bucket.waiting, me)
        try:
            while True:
                if bucket.waiting[0] is not me:
                    me.called.clear()
                    await me.called.wait()
                elif delay := bucket.delay(self._clock.time()):
                    await self._clock.sleep(delay)
                else:
                    bucket.tokens -= 1.0
                    return
        finally:
            bucket.waiting.remove(me)
            heapq.heapify(bucket.waiting)
            if bucket.waiting:
                bucket.waiting[0].called.set()

    def hold(self, channel: str, seconds: float) -> None:
        """Slack asked for a pause (Retry-After): nobody posts in the channel until it is over."""
        bucket = self._bucket(channel)
        bucket.held_until = max(bucket.held_until, self._clock.time() + seconds)

    def _bucket(self, channel: str) -> _Bucket:
        return self._buckets.setdefault(channel, _Bucket(float(BURST), self._clock.time()))
