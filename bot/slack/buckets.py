"""Token buckets in Redis, so that the front and all workers keep one pace together.

`tocsin:pace:{<name>:<key>}` (string): when the bucket would be full again, in milliseconds since the epoch.
"""

from __future__ import annotations

from redis.asyncio import Redis

from bot.redis_client import translated
from bot.slack.pacer import Rate

LONGEST = 600_000
"""Milliseconds ahead at which a bucket is taken for the work of a clock that goes wrong, and begun anew."""

_TAKE = """
-- KEYS: bucket. ARGV: now, interval, how far ahead it may be, longest (all ms). -> 0 taken, else ms to wait
local now, due = tonumber(ARGV[1]), tonumber(redis.call('GET', KEYS[1]) or ARGV[1])
if due < now or due - now > tonumber(ARGV[4]) then due = now end
local early = due - now - tonumber(ARGV[3])
if early > 0 then return math.ceil(early) end
local full = due + tonumber(ARGV[2])
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil(full - now) + 60000)
return 0
"""
_HOLD = """
-- KEYS: bucket. ARGV: now, when it is to be full (ms).
local due = tonumber(redis.call('GET', KEYS[1]) or '0')
local full = math.max(due, tonumber(ARGV[2]))
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil(full - tonumber(ARGV[1])) + 60000)
return 1
"""


class SharedBuckets:
    """The buckets of a deployment. Whoever is not urgent leaves the last token to whoever is."""

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(_TAKE)
        self._hold = redis.register_script(_HOLD)

    @translated
    async def take(self, key: str, rate: Rate, now: float, *, urgent: bool) -> float:
        """See `pacer.Buckets`."""
        interval = 1000 / rate.per_second
        ahead = interval * max(rate.burst - (1 if urgent else 2), 0)
        args: list[str | float] = [int(now * 1000), interval, ahead, LONGEST]
        return float(await self._take(keys=[bucket_key(key)], args=args)) / 1000

    @translated
    async def hold(self, key: str, rate: Rate, now: float, seconds: float) -> None:
        """See `pacer.Buckets`."""
        full = now + seconds + (rate.burst - 1) / rate.per_second
        args = [int(now * 1000), int(min(full * 1000, now * 1000 + LONGEST))]
        await self._hold(keys=[bucket_key(key)], args=args)


def bucket_key(key: str) -> str:
    return f"tocsin:pace:{{{key}}}"
