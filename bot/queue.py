"""LATER, SURELY: ask for a job by name and id.

Only ids cross the queue; what is to be done is read from the stores when the job runs. A job asked for twice runs
once while it waits or runs. What a thread's questions say, and their order, is kept in the incident's own list: each
question has a job of its own, and each job answers the oldest one.

The other end of the queue is `serve`: it does the jobs that `bot.jobs` has registered until it is told to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
from datetime import timedelta

from docket import Docket, Worker

from bot.errors import PermanentError, TemporaryError
from bot.redis_client import translated
from bot.signals import stop_on_signals

DOCKET_NAME = "tocsin-jobs"
"""Name of the docket, and the prefix of its keys: apart from `tocsin:`, whose keys all expire."""
REDELIVERY = timedelta(seconds=30)
"""A worker that was silent for so long is dead, and its jobs are another's."""
GRACE = 20.0
"""Seconds a stopping worker gives its jobs: below three quarters of REDELIVERY, when others begin to take them."""


class Queue:
    """Asks for jobs on an entered docket. The process may be one that cannot do them. Raises TemporaryError."""

    def __init__(self, docket: Docket) -> None:
        self._docket = docket
        for declaration in (investigate, answer):
            if declaration.__name__ not in docket.tasks:
                docket.register(declaration)

    @translated
    async def investigate(self, incident_id: str, run: int = 1, *, after: int = 0) -> None:
        """Ask for a run of the investigation. `after`: see `answer`."""
        key = _key("investigate", incident_id, str(run), after)
        await self._docket.add("investigate", key=key)(incident_id, run)

    @translated
    async def answer(self, incident_id: str, question_id: str, *, after: int = 0) -> None:
        """Ask for an answer to a question that was pushed to the incident.

        `after` is the epoch of an owner that has just finished, when the work had found the incident busy: the job
        that found it so may still be ending under the ordinary key, which would swallow the request.
        """
        key = _key("answer", incident_id, question_id, after)
        await self._docket.add("answer", key=key)(incident_id, question_id)


def _key(job: str, incident_id: str, work: str, after: int) -> str:
    return f"{job}:{incident_id}:{work}" + (f":after:{after}" if after else "")


async def investigate(incident_id: str, run: int) -> None:
    """Name and arguments of the job; `bot.jobs.Jobs.investigate` takes its place in a worker."""
    raise PermanentError(f"no worker code for run {run} of incident {incident_id} in this process")


async def answer(incident_id: str, question_id: str) -> None:
    """Name and arguments of the job; `bot.jobs.Jobs.answer` takes its place in a worker."""
    raise PermanentError(
        f"no worker code for question {question_id} of {incident_id} in this process"
    )


async def serve(
    docket: Docket,
    *,
    stop: asyncio.Event | None = None,
    concurrency: int = 4,
    redelivery_timeout: timedelta = REDELIVERY,
    grace: float = GRACE,
) -> None:
    """Do the docket's jobs until `stop` is set (without one: until SIGTERM or SIGINT).

    Then no new job is begun, and those that run have `grace` seconds to end. Whoever needs longer is cut off after
    its last saved turn and handed to the next worker.
    """
    stop = stop or stop_on_signals()
    async with Worker(
        docket, concurrency=concurrency, redelivery_timeout=redelivery_timeout
    ) as worker:
        running = asyncio.create_task(worker.run_forever(), name="worker")
        stopped = asyncio.create_task(stop.wait(), name="worker stop")
        try:
            await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
            running.cancel()
            await asyncio.wait({running}, timeout=grace)
        finally:
            stopped.cancel()
            running.cancel()
            await asyncio.gather(running, stopped, return_exceptions=True)
            with contextlib.suppress(TemporaryError):
                await _hand_over(docket, worker)


@translated
async def _hand_over(docket: Docket, worker: Worker) -> None:
    """Let other workers take what this one leaves behind at once, not when it counts as dead."""
    stream, group = docket.stream_key, docket.worker_group_name
    async with docket.redis() as redis:
        left = await redis.xpending_range(stream, group, "-", "+", 1000, consumername=worker.name)
        if ids := [each["message_id"] for each in left]:
            idle = int(worker.redelivery_timeout.total_seconds() * 1000) + 1
            await redis.xclaim(stream, group, worker.name, 0, ids, idle=idle, justid=True)
