"""Jobs over a real docket with a scripted investigator and a reporter that writes down what it is told.

Run as a program it is one more worker process, whose job hangs or kills it, for tests that lose a worker.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from docket import Docket
from redis.asyncio import Redis

from bot.alarms.alarm import Alarm
from bot.incidents.incident import Incident, Lease, Origin, Question
from bot.incidents.store import IncidentStore
from bot.investigation.diagnosis import Report
from bot.investigation.progress import Reporter, Step
from bot.jobs import Jobs, Limits
from bot.queue import DOCKET_NAME, Queue, serve
from bot.redis_client import connect

REDELIVERY = timedelta(seconds=1)
LEASE = timedelta(seconds=0.7)
QUICK = Limits(backoff=0.01, longest_backoff=0.05)
DONE = Report(outcome="diagnosed", note="as scripted")
STARTED, POSTED = "test:started", "test:posted"

Script = Callable[[str, int], Awaitable[Report]]
"""What happens when work begins: (slot, epoch) to the report."""


class Investigator:
    """Does as scripted."""

    def __init__(self, script: Script) -> None:
        self._script = script

    async def investigate(
        self, incident: Incident, *, run: int, epoch: int, reporter: Reporter
    ) -> Report:
        """Do as scripted."""
        return await self._script(f"run:{run}", epoch)

    async def answer(
        self, incident: Incident, question: Question, *, epoch: int, reporter: Reporter
    ) -> Report:
        """Do as scripted."""
        return await self._script(f"answer:{question.id}", epoch)


class Thread:
    """What people see of all incidents: terminal reports in Redis, so that every process may add to them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.troubles: list[Exception] = []
        """Raised, one per try, instead of posting."""

    @asynccontextmanager
    async def open(self, incident: Incident, lease: Lease) -> AsyncIterator[Reporter]:
        """Open the thread for one slot."""
        yield _Slot(self, f"{incident.id} {lease.slot}")

    async def post(self, slot: str, report: Report) -> None:
        """Post, or fail as scripted."""
        if self.troubles:
            raise self.troubles.pop(0)
        await self._redis.rpush(POSTED, f"{slot}\n{report.model_dump_json()}")

    async def posted(self) -> list[tuple[str, Report]]:
        """Every terminal report so far: its slot without the incident, and the report."""
        posts = [str(each).split("\n", 1) for each in await self._redis.lrange(POSTED, 0, -1)]
        return [(where.split(" ")[1], Report.model_validate_json(text)) for where, text in posts]


class _Slot:
    def __init__(self, thread: Thread, name: str) -> None:
        self._thread = thread
        self._name = name

    async def started(self, headline: str) -> None:
        """Not of interest here."""

    async def first_look(self, text: str) -> None:
        """Of no interest here."""

    async def step(self, step: Step) -> None:
        """Not of interest here."""

    async def thought(self, text: str) -> None:
        """Not of interest here."""

    async def finished(self, report: Report) -> None:
        """Post the terminal report."""
        await self._thread.post(self._name, report)


class World:
    """Stores, queue, jobs and thread of one process; `turns` stands in for the turns saved so far."""

    def __init__(
        self, docket: Docket, redis: Redis, script: Script, limits: Limits = QUICK
    ) -> None:
        self.docket = docket
        self.redis = redis
        self.turns = 0
        self.thread = Thread(redis)
        self.incidents = IncidentStore(redis, lambda: datetime.now(UTC), lease=LEASE)
        self.queue = Queue(docket)
        self.jobs = Jobs(
            docket,
            self.incidents,
            Investigator(script),
            self.thread.open,
            self.queue,
            self._saved,
            limits=limits,
        )

    async def _saved(self, incident_id: str) -> int:
        return self.turns

    async def incident(self, name: str = "CartErrors") -> str:
        """Open an incident, ask for its run 1, and get its id."""
        alarm = Alarm(source="grafana", name=name, started_at=datetime.now(UTC))
        origin = Origin(team="T1", channel="C1", thread_ts=f"{name}.1")
        claim = await self.incidents.claim(alarm, origin)
        if claim.incident is None:
            raise AssertionError(claim)
        await self.queue.investigate(claim.incident.id)
        return claim.incident.id

    async def ask(self, incident_id: str, *names: str) -> None:
        """Push questions in this order, and ask for their jobs in the opposite one."""
        for name in names:
            asked = Question(id=name, user="U1", text=name, ts=f"{name}.1")
            await self.incidents.push(incident_id, asked)
        for name in reversed(names):
            await self.queue.answer(incident_id, name)

    @asynccontextmanager
    async def working(
        self, *, redelivery: timedelta = REDELIVERY, grace: float = 5.0
    ) -> AsyncIterator[None]:
        """A worker in this process for as long as the block lasts."""
        stop = asyncio.Event()
        serving = serve(self.docket, stop=stop, redelivery_timeout=redelivery, grace=grace)
        worker = asyncio.create_task(serving)
        try:
            yield
        finally:
            stop.set()
            await worker


@asynccontextmanager
async def world(url: str, script: Script, limits: Limits = QUICK) -> AsyncIterator[World]:
    """A process's half of the system, connected to Redis at `url`."""
    redis = connect(url)
    async with contextlib.aclosing(redis), Docket(name=DOCKET_NAME, url=url) as docket:
        yield World(docket, redis, script, limits)


class Play:
    """A script for the investigator: it notes every call, and raises its errors first, one per call."""

    def __init__(self, *errors: Exception, hold: bool = False) -> None:
        self.calls: list[tuple[str, int]] = []
        self.errors = list(errors)
        self.go_on = asyncio.Event()
        self.cut_off = 0
        self.at_once = 0
        self.most_at_once = 0
        if not hold:
            self.go_on.set()

    async def __call__(self, slot: str, epoch: int) -> Report:
        self.calls.append((slot, epoch))
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            if self.errors:
                raise self.errors.pop(0)
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cut_off += 1
            raise
        finally:
            self.at_once -= 1
        return DONE


def told(this: World, count: int = 1) -> Callable[[], Awaitable[bool]]:
    """For `wait_until`: so many terminal reports are posted."""

    async def enough() -> bool:
        return len(await this.thread.posted()) >= count

    return enough


def ended(this: World, incident_id: str, work: int | str = 1) -> Callable[[], Awaitable[bool]]:
    """For `wait_until`: this work has an outcome."""

    async def is_ended() -> bool:
        return await this.incidents.outcome(incident_id, work) is not None

    return is_ended


async def only_running(this: World, running: int) -> bool:
    """So many jobs run, the sweep apart, and none is queued."""
    snapshot = await this.docket.snapshot()
    busy = [each for each in snapshot.running if each.function_name != "sweep"]
    queued = [each for each in snapshot.future if each.function_name != "sweep"]
    return len(busy) == running and not queued


async def _lose_the_worker(url: str, how: str) -> None:
    async def script(slot: str, epoch: int) -> Report:
        await this.redis.rpush(STARTED, f"{slot} {epoch}")
        if how == "die":
            os._exit(1)
        await asyncio.Event().wait()
        return DONE

    async with world(url, script) as this:
        await serve(this.docket, redelivery_timeout=REDELIVERY)


if __name__ == "__main__":
    asyncio.run(_lose_the_worker(sys.argv[1], sys.argv[2]))
