"""Incidents as they are kept in Redis, read back as one object; and the index by thread.

| key | type | content |
|---|---|---|
| `tocsin:{<incident>}:incident` | hash | `record` (JSON) and what changes: see `scripts` |
| `tocsin:{<incident>}:members` | hash | other conditions that joined |
| `tocsin:{<incident>}:seen` | set | versions of posts that were counted, so that one delivered twice counts once |
| `tocsin:thread:{<team>:<channel>:<ts>}` | string | the incident of that thread |
| `tocsin:open` | sorted set | open incidents by the time they were opened |
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from redis.asyncio import Redis

from bot.alarms.alarm import Alarm
from bot.fencing import EPOCH_TTL, incident_key
from bot.incidents import scripts
from bot.incidents.correlation import QUIET, Rules, Sighting
from bot.incidents.incident import Incident, Member, Origin
from bot.incidents.work.store import RETENTION, WorkStore
from bot.redis_client import text, texts, translated

OPEN_KEY = "tocsin:open"
WRITTEN = ("incident", "work", "seen", "epoch")
"""Names of the keys that opening an incident writes, in the order in which the script takes them."""


def thread_key(team: str, channel: str, thread_ts: str) -> str:
    return f"tocsin:thread:{{{team}:{channel}:{thread_ts}}}"


class Records(WorkStore):
    """Incidents by id and by thread, and (inherited) the runs and questions that wait in them.

    `clock` gives aware UTC time; `retention` is how long an incident is kept after it was last written to. Every
    method raises TemporaryError when Redis is not there.
    """

    def __init__(
        self,
        redis: Redis,
        clock: Callable[[], datetime],
        *,
        rules: Rules | None = None,
        retention: timedelta = RETENTION,
        lease: timedelta = timedelta(seconds=20),
    ) -> None:
        super().__init__(redis, clock, retention=retention, lease=lease)
        self._rules = rules or Rules()
        self._open = redis.register_script(scripts.OPEN)

    @translated
    async def open_by_person(self, asked: Alarm, origin: Origin) -> Incident:
        """Open an incident because somebody asked: `asked.text` is the question.

        The same thread again gives the incident that it has, whoever opened it.
        """
        known = await self.by_thread(origin.team, origin.channel, origin.thread_ts)
        if known is not None:
            return known
        here = Sighting(origin, origin.thread_ts)
        thread = hashlib.sha256(here.token.encode()).hexdigest()[:16]
        incident = new_incident(f"{thread}-person", asked, origin, self._clock(), asked.text)
        await self._write(incident, here)
        await self._index(incident)
        return await self.get(incident.id) or incident

    @translated
    async def get(self, incident_id: str) -> Incident | None:
        """The incident as it is now; None when it is unknown or was forgotten after `retention`."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for name in ("incident", "members"):
                _ = pipe.hgetall(incident_key(incident_id, name))
            found, members = await pipe.execute()
        return self._read(found, members) if "record" in found else None

    @translated
    async def members(self, incident_id: str) -> list[Member]:
        """The further conditions of an incident, in the order in which they joined."""
        found = await self._redis.hgetall(incident_key(incident_id, "members"))
        return _members({str(name): str(value) for name, value in found.items()})

    @translated
    async def by_thread(self, team: str, channel: str, thread_ts: str) -> Incident | None:
        """The incident that lives in this thread; being asked for keeps it from being forgotten."""
        key = thread_key(team, channel, thread_ts)
        incident_id = text(await self._redis.getex(key, ex=self._ttl))
        if not incident_id:
            return None
        for name in ("incident", "members"):
            await self._redis.expire(incident_key(incident_id, name), self._ttl)
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

    @translated
    async def current(self) -> list[tuple[Incident, bool]]:
        """The open incidents that still concern somebody, newest first, and whether each is being worked on.

        An alarm that went quiet without a resolve is over, and a person's question once it is answered.
        """
        incidents = await self.list_open()
        running = await asyncio.gather(*(self.running(each.id) for each in incidents))
        works = [(each, slot is not None) for each, slot in zip(incidents, running, strict=True)]
        return [(each, busy) for each, busy in works if busy or await self._concerns(each)]

    async def _concerns(self, idle: Incident) -> bool:
        if idle.question:
            return bool((await self.pending(idle.id)).runs)
        return self._clock() - idle.last_seen_at <= QUIET

    def _read(self, found: Mapping[str, str], members: Mapping[str, str]) -> Incident:
        record = Incident.model_validate_json(found["record"])
        changes: dict[str, Any] = {
            "state": found["state"],
            "alarm_state": found["alarm_state"],
            "occurrences": int(found["occurrences"]),
            "last_seen_at": datetime.fromisoformat(found["last_seen"]),
            "run": int(found["run"]),
            "flaps": int(found["flaps"]),
            "members": _members(members),
        }
        if "rerun_at" in found:
            again = datetime.fromtimestamp(float(found["rerun_at"]), UTC)
            changes["rests_until"] = again + self._rules.pause
        return record.model_copy(update=changes)

    async def _write(self, incident: Incident, first: Sighting) -> None:
        await self._open(
            keys=[incident_key(incident.id, name) for name in WRITTEN],
            args=[
                incident.model_dump_json(),
                incident.last_seen_at.isoformat(),
                first.token,
                self._ttl,
                int(EPOCH_TTL.total_seconds()),
                first.stamp,
            ],
        )

    async def _index(self, incident: Incident) -> None:
        """List an incident under its thread, among the open ones, and for the sweep."""
        origin = incident.origin
        thread = thread_key(origin.team, origin.channel, origin.thread_ts)
        await self._redis.set(thread, incident.id, ex=self._ttl)
        if incident.state == "open":
            await self._redis.zadd(OPEN_KEY, {incident.id: incident.opened_at.timestamp()})
            await self._redis.expire(OPEN_KEY, self._ttl)
        await self._list_unfinished(incident.id)


def new_incident(
    incident_id: str, alarm: Alarm, origin: Origin, now: datetime, question: str = ""
) -> Incident:
    """An incident that begins now."""
    return Incident(
        id=incident_id,
        origin=origin,
        alarm=alarm,
        question=question,
        opened_at=now,
        last_seen_at=now,
    )


def _members(found: Mapping[str, str]) -> list[Member]:
    """Members in the order in which they joined."""
    members = []
    for fingerprint in (name for name in found if "/" not in name):
        member = Member.model_validate_json(found[fingerprint])
        changes = {
            "state": found[f"{fingerprint}/state"],
            "occurrences": int(found[f"{fingerprint}/count"]),
            "last_seen_at": datetime.fromisoformat(found[f"{fingerprint}/last"]),
        }
        members.append(member.model_copy(update=changes))
    return sorted(members, key=lambda member: member.first_seen_at)
