"""The work of an incident in Redis: its runs, its questions in order, and the one process that may work on it.

| key | type | content |
|---|---|---|
| `tocsin:{<incident>}:epoch` | string | how often the incident's work was begun; the newest owner's fencing token |
| `tocsin:{<incident>}:lease` | string | the owner's epoch, while it is alive |
| `tocsin:{<incident>}:work` | hash | slot to `queued`, `running` or outcome; the active slot; deliveries and progress |
| `tocsin:{<incident>}:reports` | hash | slot to the terminal report (JSON): every try posts the same one |
| `tocsin:{<incident>}:questions` | hash | question id to question (JSON) |
| `tocsin:{<incident>}:waiting` | list | ids of the questions nobody has begun to answer, oldest first |
| `tocsin:{<incident>}:stops` | hash | slot to the user who pressed Stop |
| `tocsin:unfinished` | sorted set | incidents that may have work, by when they got some: what a sweep looks through |

One slot of an incident is worked on at a time: runs before questions, questions in the order in which they were
asked, and whatever was begun but not finished ahead of everything else. A job that finds the incident busy ends;
whoever finishes asks for the rest again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from redis.asyncio import Redis

from bot.errors import PermanentError
from bot.fencing import EPOCH_TTL, Superseded, epoch_key, incident_key
from bot.incidents.incident import Lease, Question, slot_key
from bot.incidents.work import scripts
from bot.incidents.work.reading import Pending, WorkReader
from bot.redis_client import texts, translated

RETENTION = timedelta(days=7)
UNFINISHED_KEY = "tocsin:unfinished"
_FORGOTTEN = "This incident is no longer remembered; ask for a new diagnosis."


class Busy(Exception):
    """Other work of the same incident goes first. `active` is its slot, empty when not known."""

    def __init__(self, active: str) -> None:
        super().__init__(f"{active or 'another slot'} is being worked on")
        self.active = active


class WorkStore(WorkReader):
    """Runs and questions of incidents. `work` arguments are a run's number or the slot key of an answer."""

    def __init__(
        self,
        redis: Redis,
        clock: Callable[[], datetime],
        *,
        retention: timedelta = RETENTION,
        lease: timedelta = timedelta(seconds=20),
    ) -> None:
        super().__init__(redis, retention)
        self._clock = clock
        self._ttl = int(retention.total_seconds())
        self._lease_ms = int(lease.total_seconds() * 1000)
        self._epoch_ttl = int(EPOCH_TTL.total_seconds())
        self._begin = redis.register_script(scripts.BEGIN)
        self._take = redis.register_script(scripts.TAKE)
        self._renew = redis.register_script(scripts.RENEW)
        self._release = redis.register_script(scripts.RELEASE)
        self._save_report = redis.register_script(scripts.SAVE_REPORT)
        self._finish = redis.register_script(scripts.FINISH)
        self._push = redis.register_script(scripts.PUSH)
        self._absorb = redis.register_script(scripts.ABSORB)
        self._request = redis.register_script(scripts.REQUEST)
        self._next = redis.register_script(scripts.NEXT)
        self._forget = redis.register_script(scripts.FORGET)

    @property
    def lease_seconds(self) -> float:
        """How long an owner that went silent still counts as alive; renew several times within it."""
        return self._lease_ms / 1000

    @translated
    async def push(self, incident_id: str, question: Question) -> bool:
        """Put a question at the end of the incident's list; False when it was asked before.

        Raises PermanentError when the incident is unknown or forgotten.
        """
        keys = _keys(incident_id, "questions", "waiting", "work")
        args: list[str | int] = [question.id, question.model_dump_json(), self._ttl]
        pushed = await self._push(keys=keys, args=args)
        if pushed is None:
            raise PermanentError(_FORGOTTEN)
        await self._list_unfinished(incident_id)
        return bool(pushed)

    @translated
    async def absorb(self, incident_id: str, epoch: int, ids: Sequence[str]) -> None:
        """Questions that entered the run that goes on need no answer of their own. Raises Superseded."""
        keys = _keys(incident_id, "epoch", "work", "waiting")
        done = await self._absorb(keys=keys, args=[epoch, self._ttl, *ids])
        _fenced(incident_id, epoch, done)

    @translated
    async def request_run(self, incident_id: str, after: int) -> int:
        """Ask for one more run after run `after` and get its number; asking twice gives the same one.

        Raises PermanentError when the incident is unknown or forgotten.
        """
        args: list[str | int] = [slot_key(after + 1), self._ttl]
        if await self._request(keys=_keys(incident_id, "work"), args=args) is None:
            raise PermanentError(_FORGOTTEN)
        await self._list_unfinished(incident_id)
        return after + 1

    @translated
    async def request_next_run(self, incident_id: str) -> int:
        """Ask for a further run and get its number; while one waits or goes on, it is that one.

        Raises PermanentError when the incident is unknown or forgotten.
        """
        number = await self._next(keys=_keys(incident_id, "work"), args=[self._ttl])
        if number is None:
            raise PermanentError(_FORGOTTEN)
        await self._list_unfinished(incident_id)
        return int(number)

    @translated
    async def begin(self, incident_id: str, run: int, *, progress: int = 0) -> Lease | None:
        """Become the owner of a run; None when it is finished or the incident is forgotten.

        The delivery is counted before any work is done. `progress` is a number that grows when the run gets on
        (the turns saved so far): deliveries are counted anew once it has grown. Raises Busy.
        """
        args: list[str | int] = [
            slot_key(run),
            progress,
            self._lease_ms,
            self._ttl,
            self._epoch_ttl,
        ]
        reply = await self._begin(keys=_keys(incident_id, "epoch", "lease", "work"), args=args)
        return _lease(incident_id, reply)

    @translated
    async def take(self, incident_id: str, *, progress: int = 0) -> Lease | None:
        """Become the owner of the oldest question, or of one that was begun and not finished; None when there is none.

        Raises Busy, also while a run is waiting, for runs go first.
        """
        keys = _keys(incident_id, "epoch", "lease", "work", "waiting", "questions")
        args = [progress, self._lease_ms, self._ttl, self._epoch_ttl]
        return _lease(incident_id, await self._take(keys=keys, args=args))

    @translated
    async def renew(self, lease: Lease) -> None:
        """Say that the owner is alive. Raises Superseded when it no longer owns the incident."""
        keys = _keys(lease.incident_id, "epoch", "lease", "work")
        done = await self._renew(keys=keys, args=[lease.epoch, self._lease_ms, lease.slot])
        _fenced(lease.incident_id, lease.epoch, done)

    @translated
    async def release(self, lease: Lease) -> None:
        """Give unfinished work back in order (a retry, a shutdown): the delivery does not count. Raises Superseded."""
        keys = _keys(lease.incident_id, "epoch", "lease", "work")
        done = await self._release(keys=keys, args=[lease.epoch, lease.slot])
        _fenced(lease.incident_id, lease.epoch, done)

    @translated
    async def save_report(self, lease: Lease, report: str) -> str:
        """Keep the terminal report (JSON) and get the one that counts: the first saved. Raises Superseded."""
        keys = _keys(lease.incident_id, "epoch", "reports")
        saved = await self._save_report(
            keys=keys, args=[lease.epoch, lease.slot, report, self._ttl]
        )
        await self._recent.add(lease.incident_id, lease.slot, self._clock().timestamp())
        return str(_fenced(lease.incident_id, lease.epoch, saved))

    @translated
    async def finish(self, incident_id: str, work: int | str, epoch: int, outcome: str) -> None:
        """End a slot for good. Raises Superseded."""
        keys = _keys(incident_id, "epoch", "lease", "work")
        done = await self._finish(keys=keys, args=[epoch, slot_key(work), outcome, self._ttl])
        _fenced(incident_id, epoch, done)

    @translated
    async def list_unfinished(self) -> list[tuple[str, Pending]]:
        """Every incident, open or resolved, that has work left, oldest first. Those without leave the index."""
        unfinished = []
        for incident_id in texts(await self._redis.zrange(UNFINISHED_KEY, 0, -1)):
            seen = await self._redis.zscore(UNFINISHED_KEY, incident_id)
            pending = await self.pending(incident_id)
            if pending.runs or pending.questions:
                unfinished.append((incident_id, pending))
            else:
                await self._forget(keys=[UNFINISHED_KEY], args=[incident_id, int(seen or 0)])
        return unfinished

    async def line(self) -> list[tuple[str, int]]:
        """Incident and number of the runs that nobody has begun, in the order in which they were asked for."""
        waiting = []
        for incident_id, pending in await self.list_unfinished():
            if pending.runs and await self.running(incident_id) is None:
                waiting.append((incident_id, pending.runs[0]))
        return waiting

    @translated
    async def request_stop(self, incident_id: str, work: int | str, user: str) -> bool:
        """Ask the owner of a slot to stop; False when somebody had asked before."""
        key = incident_key(incident_id, "stops")
        first = await self._redis.hsetnx(key, slot_key(work), user)
        await self._redis.expire(key, self._ttl)
        return bool(first)

    async def _list_unfinished(self, incident_id: str) -> None:
        await self._redis.zadd(UNFINISHED_KEY, {incident_id: int(self._clock().timestamp() * 1000)})
        await self._redis.expire(UNFINISHED_KEY, self._ttl)


def _keys(incident_id: str, *names: str) -> list[str]:
    return [epoch_key(incident_id) if n == "epoch" else incident_key(incident_id, n) for n in names]


def _lease(incident_id: str, reply: list[object]) -> Lease | None:
    if reply[0] == "busy":
        raise Busy(str(reply[1]))
    if reply[0] == "finished":
        return None
    question = Question.model_validate_json(str(reply[4])) if len(reply) > 4 else None
    return Lease(
        incident_id=incident_id,
        slot=str(reply[3]),
        epoch=int(str(reply[1])),
        deliveries=int(str(reply[2])),
        question=question,
    )


def _fenced(incident_id: str, epoch: int, reply: object) -> object:
    if reply is None:
        raise Superseded(incident_id, epoch)
    return reply
