"""The latest reports of all incidents: `tocsin:recent`, a sorted set of `<incident> <slot>` by when it was saved."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from redis.asyncio import Redis

RECENT_KEY = "tocsin:recent"
KEPT = 200


class Reported(NamedTuple):
    """One report, by where it is kept."""

    incident_id: str
    slot: str
    at: float
    """Seconds since the epoch."""


class RecentReports:
    """An index; what it names may be forgotten already."""

    def __init__(self, redis: Redis, kept_for: timedelta) -> None:
        self._redis = redis
        self._ttl = int(kept_for.total_seconds())

    async def add(self, incident_id: str, slot: str, at: float) -> None:
        """Enter a report; the oldest ones leave."""
        await self._redis.zadd(RECENT_KEY, {f"{incident_id} {slot}": at}, nx=True)
        await self._redis.zremrangebyrank(RECENT_KEY, 0, -KEPT - 1)
        await self._redis.expire(RECENT_KEY, self._ttl)

    async def time_of(self, incident_id: str, slot: str) -> float | None:
        """When it was saved, in seconds since the epoch; None when it has left the index."""
        at = await self._redis.zscore(RECENT_KEY, f"{incident_id} {slot}")
        return float(at) if at is not None else None

    async def latest(self, count: int) -> list[Reported]:
        """The newest first."""
        found = await self._redis.zrevrange(RECENT_KEY, 0, count - 1, withscores=True)
        return [_reported(str(each[0]), float(each[1])) for each in found]


def _reported(name: str, at: float) -> Reported:
    incident_id, _, slot = name.partition(" ")
    return Reported(incident_id, slot, at)
