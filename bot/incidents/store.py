"""Incidents in Redis: which condition is already being looked at, and where its thread is.

| key | type | content |
|---|---|---|
| `tocsin:{<incident>}:incident` | hash | `record` (JSON), `state`, `occurrences`, `last_seen`, `resolved_by` |
| `tocsin:{<incident>}:seen` | set | the posts that were counted, so that a post delivered twice counts once |
| `tocsin:alarm:{<fingerprint>}` | string | the newest incident of that condition; its own state says whether it is open |
| `tocsin:thread:{<team>:<channel>:<ts>}` | string | the incident of that thread |
| `tocsin:open` | sorted set | open incidents by the time they were opened |

A claim is decided by one compare-and-set of the alarm's pointer, so that of many claims at the same moment one opens
and the others join. Everything written before it is invisible without it; everything after it is repeated, without
harm, when the same post is claimed again after a crash.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from redis.asyncio import Redis

from bot.alarms.alarm import Alarm
from bot.errors import TemporaryError
from bot.fencing import EPOCH_TTL, incident_key
from bot.incidents import scripts
from bot.incidents.correlation import may_join, may_resolve
from bot.incidents.incident import Incident, Origin
from bot.incidents.work.store import RETENTION, WorkStore
from bot.redis_client import text, texts, translated

OPEN_KEY = "tocsin:open"
CLAIM_ATTEMPTS = 10
"""How often a claim that lost to another one at the same moment looks again."""

ClaimKind = Literal["new", "repeated", "resolved", "ignored"]


class Claim(NamedTuple):
    """What an alarm turned out to be, and the incident as it is now (None only when ignored)."""

    kind: ClaimKind
    incident: Incident | None


def alarm_key(fingerprint: str) -> str:
    return f"tocsin:alarm:{{{fingerprint}}}"


def thread_key(team: str, channel: str, thread_ts: str) -> str:
    return f"tocsin:thread:{{{team}:{channel}:{thread_ts}}}"


class IncidentStore(WorkStore):
    """Incidents, their threads, and (inherited) the runs and questions that wait in them.

    `clock` gives aware UTC time; `retention` is how long an incident is kept after it was last written to. Every
    method raises TemporaryError when Redis is not there.
    """

    def __init__(
        self,
        redis: Redis,
        clock: Callable[[], datetime],
        *,
        retention: timedelta = RETENTION,
        lease: timedelta = timedelta(seconds=20),
    ) -> None:
        super().__init__(redis, clock, retention=retention, lease=lease)
        self._open = redis.register_script(scripts.OPEN)
        self._point = redis.register_script(scripts.POINT)
        self._join = redis.register_script(scripts.JOIN)
        self._close = redis.register_script(scripts.CLOSE)

    @translated
    async def claim(self, alarm: Alarm, origin: Origin) -> Claim:
        """Say what this alarm is: it opens an incident, joins an open one, or resolves it.

        `origin` is the post's own thread. Claiming the same post again gives the same answer and counts nothing
        twice; `new` always comes with run 1 waiting to be done.
        """
        if alarm.state == "resolved":
            return await self._resolve(alarm, origin)
        opened = await self.by_thread(origin.team, origin.channel, origin.thread_ts)
        if opened is not None and opened.alarm.fingerprint == alarm.fingerprint:
            return Claim("new", opened)
        for _ in range(CLAIM_ATTEMPTS):
            claim = await self._claim_once(alarm, origin)
            if claim is not None:
                return claim
        raise TemporaryError("too many posts of one alarm at the same moment")

    @translated
    async def open_by_person(self, asked: Alarm, origin: Origin) -> Incident:
        """Open an incident because somebody asked: `asked.text` is the question.

        The same thread again gives the incident that it has, whoever opened it.
        """
        known = await self.by_thread(origin.team, origin.channel, origin.thread_ts)
        if known is not None:
            return known
        thread = hashlib.sha256(_token(origin).encode()).hexdigest()[:16]
        incident = self._incident(f"{thread}-person", asked, origin, self._clock(), asked.text)
        await self._write(incident)
        await self._index(incident)
        return await self.get(incident.id) or incident

    @translated
    async def get(self, incident_id: str) -> Incident | None:
        """The incident as it is now; None when it is unknown or was forgotten after `retention`."""
        found = await self._redis.hgetall(incident_key(incident_id, "incident"))
        if "record" not in found:
            return None
        record = Incident.model_validate_json(found["record"])
        return record.model_copy(
            update={
                "state": found["state"],
                "occurrences": int(found["occurrences"]),
                "last_seen_at": datetime.fromisoformat(str(found["last_seen"])),
            }
        )

    @translated
    async def by_thread(self, team: str, channel: str, thread_ts: str) -> Incident | None:
        """The incident that lives in this thread; being asked for keeps it from being forgotten."""
        key = thread_key(team, channel, thread_ts)
        incident_id = text(await self._redis.getex(key, ex=self._ttl))
        if not incident_id:
            return None
        await self._redis.expire(incident_key(incident_id, "incident"), self._ttl)
        return await self.get(incident_id)

    @translated
    async def list_open(self) -> list[Incident]:
        """All open incidents, newest first."""
        incidents = []
        for incident_id in texts(await self._redis.zrevrange(OPEN_KEY, 0, -1)):
            incident = await self.get(incident_id)
            if incident is not None and incident.state == "open":
                incidents.append(incident)
            else:
                await self._redis.zrem(OPEN_KEY, incident_id)
        return incidents

    async def _claim_once(self, alarm: Alarm, origin: Origin) -> Claim | None:
        """One try: None when another claim was faster and the world has to be looked at again."""
        now = self._clock()
        known = await self._newest(alarm.fingerprint)
        if known is not None and _token(known.origin) == _token(origin):
            await self._index(known)
            return Claim("new", known)
        if known is not None and may_join(alarm, known, now):
            joined = await self._join(
                keys=[incident_key(known.id, "incident"), incident_key(known.id, "seen")],
                args=[_token(origin), now.isoformat(), self._ttl],
            )
            return Claim("repeated", await self.get(known.id)) if joined else None
        incident_id = f"{alarm.fingerprint}-{secrets.token_hex(4)}"
        return await self._replace(known, self._incident(incident_id, alarm, origin, now))

    async def _newest(self, fingerprint: str) -> Incident | None:
        incident_id = text(await self._redis.get(alarm_key(fingerprint)))
        return await self.get(incident_id) if incident_id else None

    async def _replace(self, known: Incident | None, incident: Incident) -> Claim | None:
        pointer = alarm_key(incident.alarm.fingerprint)
        believed = text(await self._redis.get(pointer)) or ""
        if believed != (known.id if known else "") and await self.get(believed) is not None:
            return None
        await self._write(incident)
        moved = await self._point(keys=[pointer], args=[believed, incident.id, self._ttl])
        if not moved:
            await self._redis.delete(*(incident_key(incident.id, name) for name in _WRITTEN))
            return None
        if known is not None and known.state == "open":
            await self._close_by(known, "replaced", known.last_seen_at)
        await self._index(incident)
        return Claim("new", incident)

    async def _resolve(self, alarm: Alarm, origin: Origin) -> Claim:
        known = await self._newest(alarm.fingerprint)
        if known is None or not may_resolve(alarm, origin, known):
            return Claim("ignored", None)
        if not await self._close_by(known, _token(origin), self._clock()):
            return Claim("ignored", None)
        return Claim("resolved", await self.get(known.id))

    async def _close_by(self, incident: Incident, token: str, at: datetime) -> bool:
        keys = [incident_key(incident.id, "incident")]
        closed = await self._close(keys=keys, args=[token, at.isoformat(), self._ttl])
        await self._redis.zrem(OPEN_KEY, incident.id)
        return bool(closed)

    async def _write(self, incident: Incident) -> None:
        await self._open(
            keys=[incident_key(incident.id, name) for name in _WRITTEN],
            args=[
                incident.model_dump_json(),
                incident.last_seen_at.isoformat(),
                _token(incident.origin),
                self._ttl,
                int(EPOCH_TTL.total_seconds()),
            ],
        )

    async def _index(self, incident: Incident) -> None:
        origin = incident.origin
        thread = thread_key(origin.team, origin.channel, origin.thread_ts)
        await self._redis.set(thread, incident.id, ex=self._ttl)
        if incident.state == "open":
            await self._redis.zadd(OPEN_KEY, {incident.id: incident.opened_at.timestamp()})
            await self._redis.expire(OPEN_KEY, self._ttl)
        await self._list_unfinished(incident.id)

    @staticmethod
    def _incident(
        incident_id: str, alarm: Alarm, origin: Origin, now: datetime, question: str = ""
    ) -> Incident:
        return Incident(
            id=incident_id,
            origin=origin,
            alarm=alarm,
            question=question,
            opened_at=now,
            last_seen_at=now,
        )


_WRITTEN = ("incident", "work", "seen", "epoch")
"""Names of the keys that opening an incident writes, in the order in which the script takes them."""


def _token(origin: Origin) -> str:
    return f"{origin.team}/{origin.channel}/{origin.thread_ts}"
