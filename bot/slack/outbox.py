"""What was posted, is being posted, or may have been: the Redis half of posting once (`letterbox` is the other).

One hash per incident, `tocsin:{<incident>}:outbox`: `post:<slot>` is `intent <seconds>` or `sent <ts>`;
`note:<name>` is what a writer wants to find again after a restart. Writes are fenced by the incident's epoch; the
front, which posts notices but owns no work, writes without an epoch.
"""

from __future__ import annotations

from datetime import timedelta

from redis.asyncio import Redis

from bot.fencing import FENCE, Superseded, epoch_key, incident_key
from bot.redis_client import text, translated

RETENTION = timedelta(days=30)

_INTEND = """
-- KEYS: epoch, outbox. ARGV: epoch, field, intent, ttl. -> what is recorded already, else ''
local known = redis.call('HGET', KEYS[2], ARGV[2])
if known then return known end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return ''
"""
_REPLACE = """
-- KEYS: epoch, outbox. ARGV: epoch, field, what is believed to be recorded, what to record ('' for nothing)
if redis.call('HGET', KEYS[2], ARGV[2]) ~= ARGV[3] then return 0 end
if ARGV[4] == '' then
  redis.call('HDEL', KEYS[2], ARGV[2])
else
  redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
end
return 1
"""
_SETTLE = """
-- KEYS: outbox. ARGV: field, ts, ttl. -> the ts that counts. Not fenced: a message that is visible is a fact.
local known = redis.call('HGET', KEYS[1], ARGV[1])
if known and string.sub(known, 1, 5) == 'sent ' then return string.sub(known, 6) end
redis.call('HSET', KEYS[1], ARGV[1], 'sent ' .. ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return ARGV[2]
"""
_NOTE = """
-- KEYS: epoch, outbox. ARGV: epoch, field, value, ttl
redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return 1
"""


class Outbox:
    """The records of all incidents. Every method raises TemporaryError when Redis is not there."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._ttl = int(RETENTION.total_seconds())
        self._settle = redis.register_script(_SETTLE)
        self._free = {name: redis.register_script(source) for name, source in _SCRIPTS.items()}
        self._fenced = {
            name: redis.register_script(FENCE + source) for name, source in _SCRIPTS.items()
        }

    async def intend(self, incident_id: str, epoch: int | None, slot: str, now: float) -> str:
        """Record that a post begins at `now` (seconds since the epoch); '' when it may.

        Otherwise what is recorded: `intent <seconds>` or `sent <ts>`. Raises Superseded.
        """
        return await self._run("intend", incident_id, epoch, f"post:{slot}", intent(now), self._ttl)

    async def again(
        self, incident_id: str, epoch: int | None, slot: str, state: str, now: float
    ) -> bool:
        """Begin a post anew after one that never appeared; False when somebody else did. Raises Superseded."""
        done = await self._run("replace", incident_id, epoch, f"post:{slot}", state, intent(now))
        return done == "1"

    async def withdraw(self, incident_id: str, epoch: int | None, slot: str, state: str) -> None:
        """Forget an intent: Slack certainly did not post. Raises Superseded."""
        await self._run("replace", incident_id, epoch, f"post:{slot}", state, "")

    @translated
    async def settle(self, incident_id: str, slot: str, ts: str) -> str:
        """Record that the message is there; the `ts` that counts, the first recorded."""
        keys = [incident_key(incident_id, "outbox")]
        return str(await self._settle(keys=keys, args=[f"post:{slot}", ts, self._ttl]))

    @translated
    async def state(self, incident_id: str, slot: str) -> str | None:
        """What is recorded for a slot: `intent <seconds>`, `sent <ts>`, or nothing."""
        key = incident_key(incident_id, "outbox")
        return text(await self._redis.hget(key, f"post:{slot}"))

    async def note(self, incident_id: str, epoch: int | None, name: str, value: str) -> None:
        """Remember something beside the posts. Raises Superseded."""
        await self._run("note", incident_id, epoch, f"note:{name}", value, self._ttl)

    @translated
    async def noted(self, incident_id: str, name: str) -> str | None:
        """What was noted under this name, if anything."""
        key = incident_key(incident_id, "outbox")
        return text(await self._redis.hget(key, f"note:{name}"))

    @translated
    async def _run(self, name: str, incident_id: str, epoch: int | None, *args: str | int) -> str:
        script = self._free[name] if epoch is None else self._fenced[name]
        keys = [epoch_key(incident_id), incident_key(incident_id, "outbox")]
        reply = await script(keys=keys, args=["" if epoch is None else epoch, *args])
        if reply is None:
            raise Superseded(incident_id, epoch or 0)
        return str(reply)


_SCRIPTS = {"intend": _INTEND, "replace": _REPLACE, "note": _NOTE}


def intent(now: float) -> str:
    """The record of a post that began at `now`."""
    return f"intent {now:.3f}"
