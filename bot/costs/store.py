"""What was spent today, in Redis, so that all workers keep one cap.

| key | type | content |
|---|---|---|
| `tocsin:spend:<day>` | hash | `usd`, `usd_uncached`, `replies`, `channel:<id>` in dollars, `tokens:<kind>`; `held:<id>`: what a reply under way will cost, until when, and its channel; kept 40 days |
"""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from redis.asyncio import Redis

from bot.costs.caps import Caps
from bot.costs.usage import Usage
from bot.redis_client import translated

RETENTION = timedelta(days=40)
_NO_TOKENS = Usage()
_RECORD = """
-- KEYS: day. ARGV: usd, usd uncached, channel field, ttl, then kinds of tokens, each with its count
redis.call('HINCRBYFLOAT', KEYS[1], 'usd', ARGV[1])
redis.call('HINCRBYFLOAT', KEYS[1], 'usd_uncached', ARGV[2])
redis.call('HINCRBYFLOAT', KEYS[1], ARGV[3], ARGV[1])
redis.call('HINCRBY', KEYS[1], 'replies', 1)
for at = 5, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], ARGV[at], ARGV[at + 1])
end
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
"""


_HOLD = """
-- KEYS: day. ARGV: field, usd, channel, now, until, cap of the day, cap of the channel, overdraft, ttl
local day, channel = 0, 0
local fields = redis.call('HGETALL', KEYS[1])
for at = 1, #fields, 2 do
  local name, value = fields[at], fields[at + 1]
  if name == 'usd' then
    day = day + tonumber(value)
  elseif name == 'channel:' .. ARGV[3] then
    channel = channel + tonumber(value)
  elseif string.sub(name, 1, 5) == 'held:' then
    local usd, ends, whose = string.match(value, '^(%S+) (%S+) (.*)$')
    if tonumber(ends) < tonumber(ARGV[4]) then
      redis.call('HDEL', KEYS[1], name)
    else
      day = day + tonumber(usd)
      if whose == ARGV[3] then channel = channel + tonumber(usd) end
    end
  end
end
local function over(cap, spent) return cap > 0 and spent - cap >= tonumber(ARGV[8]) end
if over(tonumber(ARGV[6]), day) or over(tonumber(ARGV[7]), channel) then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ' ' .. ARGV[5] .. ' ' .. ARGV[3])
redis.call('EXPIRE', KEYS[1], ARGV[9])
return 1
"""
_HELD = "held:"


class Hold(NamedTuple):
    """Money kept for one reply: where it is written down."""

    key: str
    field: str


class Day(NamedTuple):
    """One UTC day's spend in US dollars."""

    usd: float
    usd_uncached: float
    """What the same replies would have cost without caching."""
    replies: int
    channels: dict[str, float]
    tokens: Usage = _NO_TOKENS


class DailyLedger:
    """Adds up what replies cost. `clock` is aware UTC. Every method raises TemporaryError when Redis is away."""

    def __init__(self, redis: Redis, clock: Callable[[], datetime], caps: Caps) -> None:
        self._redis = redis
        self._clock = clock
        self._caps = caps
        self._ttl = int(RETENTION.total_seconds())
        self._record = redis.register_script(_RECORD)
        self._hold = redis.register_script(_HOLD)

    @staticmethod
    def key(day: datetime) -> str:
        """The one builder of this key."""
        return f"tocsin:spend:{day:%Y-%m-%d}"

    @translated
    async def record(
        self, channel: str, usd: float, usd_uncached: float, usage: Usage = _NO_TOKENS
    ) -> None:
        """Count one reply."""
        args: list[str | float] = [usd, usd_uncached, f"channel:{channel}", self._ttl]
        args += [part for kind, count in usage if count for part in (f"tokens:{kind}", count)]
        await self._record(keys=[self.key(self._clock())], args=args)

    @translated
    async def hold(
        self, channel: str, usd: float, *, seconds: float, overdraft: float = 0.0
    ) -> Hold | None:
        """Hold what a reply will cost, for so many seconds at most; None when nothing is left.

        What others hold counts as spent. A cap may be overdrawn by less than `overdraft` dollars.
        """
        now = self._clock()
        hold = Hold(self.key(now), f"{_HELD}{secrets.token_hex(8)}")
        args: list[str | float] = [
            hold.field,
            usd,
            channel,
            now.timestamp(),
            now.timestamp() + seconds,
            self._caps.day_usd,
            self._caps.channel_usd,
            overdraft,
            self._ttl,
        ]
        return hold if await self._hold(keys=[hold.key], args=args) else None

    @translated
    async def release(self, hold: Hold) -> None:
        """The reply is over, and counted."""
        await self._redis.hdel(hold.key, hold.field)

    @translated
    async def left(self, channel: str) -> float:
        """Dollars that may still be spent today for this channel; infinite without a cap, negative when overdrawn."""
        day = await self.day()
        left = [
            cap - spent
            for cap, spent in (
                (self._caps.day_usd, day.usd),
                (self._caps.channel_usd, day.channels.get(channel, 0.0)),
            )
            if cap
        ]
        return min(left, default=math.inf)

    @translated
    async def day(self) -> Day:
        """Today's spend."""
        found = await self._redis.hgetall(self.key(self._clock()))
        fields = {
            str(name): float(value)
            for name, value in found.items()
            if not str(name).startswith(_HELD)
        }
        channels = {
            name.removeprefix("channel:"): usd
            for name, usd in fields.items()
            if name.startswith("channel:")
        }
        tokens = {
            name.removeprefix("tokens:"): int(count)
            for name, count in fields.items()
            if name.startswith("tokens:")
        }
        return Day(
            usd=fields.get("usd", 0.0),
            usd_uncached=fields.get("usd_uncached", 0.0),
            replies=int(fields.get("replies", 0)),
            channels=channels,
            tokens=Usage(**tokens),
        )

    @property
    def caps(self) -> Caps:
        """The limits."""
        return self._caps
