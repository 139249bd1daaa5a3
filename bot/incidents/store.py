"""Which condition is already being looked at: one open incident per condition, one per storm, whatever comes at once.

`tocsin:alarm:{<fingerprint>}` (string) names the newest incident of a condition; the incident's own state says whether
it is open. A claim is decided by one compare-and-set of that pointer, and, for a condition that nobody knows, by one of
the channel's window (`window`), so that of many claims at the same moment one opens and the others join. Everything
written before it is invisible without it; everything after it is repeated, without harm, when the same post is claimed
again after a crash.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from redis.asyncio import Redis

from bot.alarms.alarm import Alarm
from bot.errors import TemporaryError
from bot.fencing import incident_key
from bot.incidents import scripts
from bot.incidents.correlation import (
    LONGEST,
    Candidate,
    Rules,
    Sighting,
    choose,
    is_before,
    may_join,
    may_reopen,
)
from bot.incidents.incident import Incident, Member, Origin, Relation
from bot.incidents.records import OPEN_KEY, WRITTEN, Records, new_incident, thread_key
from bot.incidents.window import View, Window
from bot.incidents.work.store import RETENTION
from bot.redis_client import text, translated

__all__ = ["Claim", "ClaimKind", "IncidentStore", "alarm_key", "thread_key"]

CLAIM_ATTEMPTS = 30
"""How often a claim that lost to another one at the same moment looks again."""

ClaimKind = Literal["new", "joined", "repeated", "reopened", "eased", "resolved", "ignored"]


class Claim(NamedTuple):
    """What an alarm turned out to be, the incident as it is now (None only when ignored), and the number of the run
    that it asks for (0: none)."""

    kind: ClaimKind
    incident: Incident | None
    run: int = 0


def alarm_key(fingerprint: str) -> str:
    return f"tocsin:alarm:{{{fingerprint}}}"


class IncidentStore(Records):
    """Says of every alarm which incident it belongs to, and keeps the incidents."""

    def __init__(
        self,
        redis: Redis,
        clock: Callable[[], datetime],
        *,
        rules: Rules | None = None,
        retention: timedelta = RETENTION,
        lease: timedelta = timedelta(seconds=20),
    ) -> None:
        super().__init__(redis, clock, rules=rules, retention=retention, lease=lease)
        self._window = Window(redis, clock, self._rules.window)
        self._opening: dict[tuple[str, str], asyncio.Lock] = {}
        self._point = redis.register_script(scripts.POINT)
        self._fire = redis.register_script(scripts.FIRE)
        self._end = redis.register_script(scripts.RESOLVE)
        self._close = redis.register_script(scripts.CLOSE)

    @translated
    async def claim(self, alarm: Alarm, origin: Origin, at: str = "") -> Claim:
        """Say what this alarm is.

        It opens an incident (`new`), is a further condition of one (`joined`), fires again in an open one (`repeated`)
        or in one that was over (`reopened`), ends one of several conditions (`eased`) or the last (`resolved`).

        `origin` is the post's own thread, `at` the `ts` of the edit that brought this version. Claiming the same
        version again gives the same answer and counts nothing twice; a run that is asked for waits to be done.
        """
        seen = Sighting(origin, at or origin.thread_ts)
        try_once = self._resolves if alarm.state == "resolved" else self._fires
        for _ in range(CLAIM_ATTEMPTS):
            claim = await try_once(alarm, seen)
            if claim is not None:
                return claim
        raise TemporaryError("too many posts of one alarm at the same moment")

    async def _fires(self, alarm: Alarm, seen: Sighting) -> Claim | None:
        """One try; None when another claim was faster and the world has to be looked at again."""
        lock = self._opening.setdefault((seen.origin.team, seen.origin.channel), asyncio.Lock())
        async with lock:
            here = await self._in_own_thread(alarm, seen)
            if here is not None:
                return here
            known = await self._newest(alarm.fingerprint)
            if known is not None and _opened(known, seen):
                return await self._publish(known, known, alarm.fingerprint)
            if known is not None and self._takes(known, alarm):
                member = self._member(known, alarm, seen, "condition")
                return await self._count(known, member, alarm, seen)
            return await self._correlate(known, alarm, seen)

    async def _in_own_thread(self, alarm: Alarm, seen: Sighting) -> Claim | None:
        """What a post means whose thread holds an incident: it opened it, or was edited since."""
        origin = seen.origin
        opened = await self.by_thread(origin.team, origin.channel, origin.thread_ts)
        if opened is None or opened.alarm.source == "person":
            return None
        if seen.at == origin.thread_ts:
            return (
                Claim("new", opened, 1) if alarm.fingerprint == opened.alarm.fingerprint else None
            )
        return await self._count(opened, "", alarm, seen)

    def _takes(self, known: Incident, alarm: Alarm) -> bool:
        now = self._clock()
        return may_join(alarm, known, now) or may_reopen(alarm, known, now, self._rules.pause)

    async def _correlate(
        self, known: Incident | None, alarm: Alarm, seen: Sighting
    ) -> Claim | None:
        """A condition that no open incident holds: it joins a related one, or opens its own."""
        view = await self._window.look(seen.origin)
        candidates = await self._candidates(view)
        for incident, _ in candidates:
            if _opened(incident, seen):
                return await self._publish(incident, known, alarm.fingerprint)
        found = choose(alarm, candidates, self._rules)
        if found is None:
            return await self._open_new(known, view, alarm, seen)
        incident, relation = found
        if relation != "condition" and not await self._repoint(known, alarm.fingerprint, incident):
            return None
        await self._window.add(seen.origin, alarm.fingerprint, incident.id)
        member = self._member(incident, alarm, seen, relation)
        return await self._count(incident, member, alarm, seen, again=False)

    async def _candidates(self, view: View) -> list[Candidate]:
        conditions = Counter(recent.incident_id for recent in view.recent)
        found = [(await self.get(incident_id), size) for incident_id, size in conditions.items()]
        oldest = self._clock() - LONGEST * self._rules.window
        return [
            Candidate(incident, size)
            for incident, size in found
            if incident is not None and incident.state == "open" and incident.opened_at >= oldest
        ]

    async def _count(
        self, incident: Incident, member: str, alarm: Alarm, seen: Sighting, *, again: bool = True
    ) -> Claim | None:
        """One more firing within an incident: of its own alarm, or of a `member` (its record).

        An incident that was over begins again, if it may.
        """
        now = self._clock()
        names = ("incident", "seen", "members", "work")
        verdict, *run = await self._fire(
            keys=[incident_key(incident.id, name) for name in names],
            args=[seen.token, now.isoformat(), self._ttl, alarm.fingerprint, member, seen.stamp,
                  now.timestamp(), self._rules.pause.total_seconds(), int(again)],
        )  # fmt: skip
        current = None if verdict == "over" else await self.get(incident.id)
        if current is None:
            return None
        if verdict == "reopened":
            await self._index(current)
            return Claim("reopened", current, int(run[0]))
        first = any(
            each.fingerprint == alarm.fingerprint and each.origin == seen.origin
            for each in current.members
        )
        return Claim("joined" if first else "repeated", current)

    def _member(self, incident: Incident, alarm: Alarm, seen: Sighting, because: Relation) -> str:
        """The record of a further condition; empty for the incident's own."""
        if alarm.fingerprint == incident.alarm.fingerprint:
            return ""
        now = self._clock()
        return Member(
            fingerprint=alarm.fingerprint,
            name=alarm.name,
            service=alarm.service,
            namespace=alarm.namespace,
            severity=alarm.severity,
            because=because,
            origin=seen.origin,
            first_seen_at=now,
            last_seen_at=now,
        ).model_dump_json()

    async def _newest(self, fingerprint: str) -> Incident | None:
        incident_id = text(await self._redis.get(alarm_key(fingerprint)))
        return await self.get(incident_id) if incident_id else None

    async def _open_new(
        self, known: Incident | None, view: View, alarm: Alarm, seen: Sighting
    ) -> Claim | None:
        """Written first, so that whoever finds it in the window finds it whole."""
        incident_id = f"{alarm.fingerprint}-{secrets.token_hex(4)}"
        incident = new_incident(incident_id, alarm, seen.origin, self._clock())
        await self._write(incident, seen)
        if not await self._window.reserve(seen.origin, view, alarm.fingerprint, incident_id):
            await self._unwrite(incident_id)
            return None
        claim = await self._publish(incident, known, alarm.fingerprint)
        if claim is None:
            await self._window.forget(seen.origin, alarm.fingerprint)
            await self._unwrite(incident_id)
        return claim

    async def _publish(
        self, incident: Incident, known: Incident | None, fingerprint: str
    ) -> Claim | None:
        if not await self._repoint(known, fingerprint, incident):
            return None
        if known is not None and known.state == "open" and known.id != incident.id:
            await self._close_by(known, "replaced")
        await self._index(incident)
        return Claim("new", incident, 1)

    async def _repoint(self, known: Incident | None, fingerprint: str, to: Incident) -> bool:
        """Make `to` the newest incident of a condition; False when it is not `known` any more that is."""
        pointer = alarm_key(fingerprint)
        believed = text(await self._redis.get(pointer)) or ""
        if believed == to.id:
            return True
        if believed != (known.id if known else "") and await self.get(believed) is not None:
            return False
        return bool(await self._point(keys=[pointer], args=[believed, to.id, self._ttl]))

    async def _unwrite(self, incident_id: str) -> None:
        await self._redis.delete(*(incident_key(incident_id, name) for name in WRITTEN))

    async def _resolves(self, alarm: Alarm, seen: Sighting) -> Claim | None:
        """One try; None when the condition fired again in between."""
        known, member = await self._ended(alarm, seen)
        if known is None:
            return Claim("ignored", None)
        fired = await self._fired(known.id, member)
        if is_before(seen.stamp, fired):
            return Claim("ignored", None)
        verdict = await self._end(
            keys=[incident_key(known.id, name) for name in ("incident", "members")],
            args=[seen.token, self._clock().isoformat(), self._ttl, member, fired],
        )
        if verdict == "again":
            return None
        if verdict == "old":
            return Claim("ignored", None)
        if verdict == "closed":
            await self._redis.zrem(OPEN_KEY, known.id)
        return Claim("resolved" if verdict == "closed" else "eased", await self.get(known.id))

    async def _ended(self, alarm: Alarm, seen: Sighting) -> tuple[Incident | None, str]:
        """The incident that a resolve is about, and which member; empty for the incident's own alarm.

        An edit of the post that opened an incident is about it, whatever the sender calls the condition by then.
        """
        origin = seen.origin
        if seen.at != origin.thread_ts:
            opened = await self.by_thread(origin.team, origin.channel, origin.thread_ts)
            if opened is not None and opened.alarm.source != "person":
                return opened, ""
        known = await self._newest(alarm.fingerprint)
        if known is None or not known.has(alarm.fingerprint):
            return None, ""
        own = alarm.fingerprint == known.alarm.fingerprint
        return known, "" if own else alarm.fingerprint

    async def _fired(self, incident_id: str, member: str) -> str:
        """The stamp of a condition's latest firing."""
        name, field = ("members", f"{member}/fired") if member else ("incident", "fired")
        return text(await self._redis.hget(incident_key(incident_id, name), field)) or ""

    async def _close_by(self, incident: Incident, why: str) -> None:
        keys = [incident_key(incident.id, "incident")]
        await self._close(keys=keys, args=[why, incident.last_seen_at.isoformat(), self._ttl])
        await self._redis.zrem(OPEN_KEY, incident.id)


def _opened(incident: Incident, seen: Sighting) -> bool:
    """Whether this very post opened the incident."""
    origin = incident.origin
    return Sighting(origin, origin.thread_ts).token == seen.token
