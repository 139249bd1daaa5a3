"""What Slack told us, kept until it has been acted on.

Slack delivers at least once and forgets what was acked; bolt acks an event before its listener runs. So every
request is written here before the ack and crossed out when its listener is done; what a crash left behind is acted
on again. A request that was seen before is acked and not acted on.

| key | type | content |
|---|---|---|
| `tocsin:{inbox}:event:<id>` | hash | `state` (waiting, done, given_up), `body` (JSON, while needed), `tries` |
| `tocsin:{inbox}:waiting` | sorted set | ids not crossed out, by when they may be tried again |
| `tocsin:{inbox}:post:<team>:<channel>:<ts>` | string | the event that acts on this post |
| `tocsin:{inbox}:cursor:<channel>` | string | `ts` of the last post known to be dealt with |
"""

from __future__ import annotations

import asyncio
import json
import logging
from datetime import timedelta
from typing import Any, NamedTuple

from redis.asyncio import Redis

from bot.redis_client import text, texts, translated
from bot.slack.clock import Clock

RETENTION = timedelta(hours=24)
"""Longer than Slack's last redelivery (about six minutes after the event), and than any outage of ours."""
TRIES = 5
PATIENCE = 30.0
"""Seconds a listener has before its request is tried again; doubled with each try."""

_PREFIX = "tocsin:{inbox}"
_WAITING = f"{_PREFIX}:waiting"
_BATCH = 50
_WRITES_AT_ONCE = 32
"""A burst of requests must not ask for more connections than redis-py's pool has (100)."""

_log = logging.getLogger(__name__)

_INSERT = """
-- KEYS: event, waiting. ARGV: id, body, when it may be tried again, ttl. -> 1 new, 0 seen before
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('HSET', KEYS[1], 'state', 'waiting', 'body', ARGV[2], 'tries', 1)
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 1
"""
_DONE = """
-- KEYS: event, waiting. ARGV: id, ttl
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('HSET', KEYS[1], 'state', 'done')
redis.call('HDEL', KEYS[1], 'body')
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
"""
_RETRY = """
-- KEYS: event, waiting. ARGV: id, now, patience, tries allowed. -> {what to do, body}
local due = redis.call('ZSCORE', KEYS[2], ARGV[1])
if not due or tonumber(due) > tonumber(ARGV[2]) then return {'wait', ''} end
local body = redis.call('HGET', KEYS[1], 'body')
if not body then
  redis.call('ZREM', KEYS[2], ARGV[1])
  return {'wait', ''}
end
local tries = redis.call('HINCRBY', KEYS[1], 'tries', 1)
if tries > tonumber(ARGV[4]) then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('HSET', KEYS[1], 'state', 'given_up')
  return {'give_up', body}
end
redis.call('ZADD', KEYS[2], tonumber(ARGV[2]) + tonumber(ARGV[3]) * 2 ^ (tries - 1), ARGV[1])
return {'again', body}
"""
_CLAIM = """
-- KEYS: post. ARGV: event id, ttl. -> 1 it is this event's, 0 another's
local owner = redis.call('GET', KEYS[1])
if owner then return owner == ARGV[1] and 1 or 0 end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return 1
"""


class Left(NamedTuple):
    """A request that was accepted and not crossed out."""

    id: str
    body: dict[str, Any]


class Inbox:
    """The durable inbox of all fronts. Every method raises TemporaryError when Redis is not there."""

    def __init__(self, redis: Redis, clock: Clock) -> None:
        self._redis = redis
        self._clock = clock
        self._ttl = int(RETENTION.total_seconds())
        self._writing = asyncio.Semaphore(_WRITES_AT_ONCE)
        self._insert = redis.register_script(_INSERT)
        self._done = redis.register_script(_DONE)
        self._retry = redis.register_script(_RETRY)
        self._claim = redis.register_script(_CLAIM)

    @translated
    async def insert_once(self, event_id: str, body: dict[str, Any]) -> bool:
        """Keep a request; False when it was kept before, whatever became of it."""
        again_at = self._clock.time() + PATIENCE
        written = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        keys = [_event(event_id), _WAITING]
        args: list[str | bytes | float] = [
            event_id,
            written.encode(errors="replace"),
            again_at,
            self._ttl,
        ]
        async with self._writing:
            return bool(await self._insert(keys=keys, args=args))

    @translated
    async def done(self, event_id: str) -> None:
        """Cross a request out: its listener did what there was to do."""
        await self._done(keys=[_event(event_id), _WAITING], args=[event_id, self._ttl])

    @translated
    async def left(self) -> list[Left]:
        """Requests whose listener had its time and did not finish, each given to one caller at a time.

        After TRIES a request is given up and logged as an error; its body stays readable for RETENTION.
        """
        now = self._clock.time()
        due = await self._redis.zrangebyscore(_WAITING, 0, now, start=0, num=_BATCH)
        found = [await self._try_again(event_id, now) for event_id in texts(due)]
        return [each for each in found if each is not None]

    @translated
    async def claim(self, team: str, channel: str, ts: str, event_id: str) -> bool:
        """Make this event the one that acts on a post; False when another event is.

        A message that mentions the bot arrives as two events; the same event again is let through, because it comes
        again only when it was not finished.
        """
        key = f"{_PREFIX}:post:{team}:{channel}:{ts}"
        return bool(await self._claim(keys=[key], args=[event_id, self._ttl]))

    @translated
    async def cursor(self, channel: str) -> str | None:
        """`ts` up to which this channel's posts are known to be dealt with."""
        return text(await self._redis.get(f"{_PREFIX}:cursor:{channel}"))

    @translated
    async def move_cursor(self, channel: str, ts: str) -> None:
        """Everything up to this `ts` is dealt with."""
        await self._redis.set(f"{_PREFIX}:cursor:{channel}", ts, ex=self._ttl * 7)

    async def _try_again(self, event_id: str, now: float) -> Left | None:
        verdict, body = await self._retry(
            keys=[_event(event_id), _WAITING], args=[event_id, now, PATIENCE, TRIES]
        )
        if verdict == "give_up":
            _log.error("gave up on request %s after %d tries: %.2000s", event_id, TRIES, body)
        if verdict != "again":
            return None
        _log.warning("request %s was left unfinished and is tried again", event_id)
        return Left(event_id, json.loads(body))


def _event(event_id: str) -> str:
    return f"{_PREFIX}:event:{event_id}"
