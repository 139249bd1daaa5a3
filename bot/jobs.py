"""The worker's half of the queue: do a job, see that the thread is told how it ended, and let nothing be forgotten.

docket runs a job at least once. What makes it count once is kept with the incident: the lease and the epoch (one
owner), the deliveries (a job that kills its worker three times is given up), the saved report (each try posts the
same one) and the outcome (what is finished is not done again). Only a retry leaves a job as an exception.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NoReturn, Protocol

from docket import Docket, Perpetual, Retry

from bot.errors import PermanentError, TemporaryError
from bot.fencing import Superseded
from bot.incidents.incident import Incident, Lease, Question
from bot.incidents.store import IncidentStore
from bot.incidents.work.store import Busy
from bot.investigation.diagnosis import Outcome, Report
from bot.investigation.progress import Reporter
from bot.queue import Queue
from bot.telemetry import INVESTIGATIONS, bound

logger = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(seconds=60)
BUG = "Something went wrong inside Tocsin; its log says what. Try again, or look at the alarm by hand."
POISONED = "Three workers died while they worked on this, so it was given up. Look at the alarm by hand."
TOO_LONG = "The investigation did not end by itself and was cut off. Keep going grants more time."

OpenReporter = Callable[[Incident, Lease], AbstractAsyncContextManager[Reporter]]
"""Opens the incident's thread for one slot under one epoch; what it opened is closed when the job ends."""
Begin = Callable[[int], Awaitable[Lease | None]]


class Investigator(Protocol):
    """Who finds out. It saves its turns under `epoch`, and goes on from what was saved when called again.

    Raises TemporaryError, PermanentError and Superseded.
    """

    async def investigate(
        self, incident: Incident, *, run: int, epoch: int, reporter: Reporter
    ) -> Report:
        """Investigate, telling the reporter; the report is posted by the caller."""

    async def answer(
        self, incident: Incident, question: Question, *, epoch: int, reporter: Reporter
    ) -> Report:
        """Answer a question in the incident's conversation; the report is posted by the caller."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a job; times in seconds."""

    deliveries: int = 3
    """Tries without progress, each ended by the death of its worker, after which the work is given up."""
    attempts: int = 4
    """Tries that may end in a TemporaryError; after the last one the thread is told."""
    backoff: float = 2.0
    """Pause after the first TemporaryError; it doubles each time, unless the other side named one."""
    longest_backoff: float = 60.0
    duration: float = 720.0
    """A job is cut off after this, whatever the investigator's own budget says."""

    def pause(self, attempt: int, error: TemporaryError) -> timedelta:
        """How long to wait after this attempt, the first of which is 1."""
        seconds = error.retry_after or self.backoff * 2 ** min(attempt - 1, 30)
        return timedelta(seconds=min(seconds, self.longest_backoff))


@dataclass(frozen=True, slots=True)
class _Job:
    """One piece of work in hand."""

    incident: Incident
    lease: Lease
    reporter: Reporter


class Jobs:
    """Registers `investigate`, `answer` and `sweep` on the docket.

    `progress` gives, for an incident's id, a number that grows with every saved turn.
    """

    def __init__(
        self,
        docket: Docket,
        incidents: IncidentStore,
        investigator: Investigator,
        open_reporter: OpenReporter,
        queue: Queue,
        progress: Callable[[str], Awaitable[int]],
        *,
        limits: Limits | None = None,
    ) -> None:
        self._incidents = incidents
        self._investigator = investigator
        self._open_reporter = open_reporter
        self._queue = queue
        self._progress = progress
        self._limits = limits or Limits()
        for job in (self.investigate, self.answer, self.sweep):
            docket.register(job)

    async def investigate(
        self, incident_id: str, run: int, retry: Retry = Retry(attempts=None)
    ) -> None:
        """Do a run of the investigation, unless it is finished or other work of the incident goes first."""

        async def begin(progress: int) -> Lease | None:
            return await self._incidents.begin(incident_id, run, progress=progress)

        await self._do(incident_id, begin, retry)

    async def answer(
        self, incident_id: str, question_id: str, retry: Retry = Retry(attempts=None)
    ) -> None:
        """Answer the incident's oldest question. `question_id` only tells the jobs of its questions apart."""

        async def begin(progress: int) -> Lease | None:
            return await self._incidents.take(incident_id, progress=progress)

        await self._do(incident_id, begin, retry)

    async def sweep(
        self, perpetual: Perpetual = Perpetual(every=SWEEP_EVERY, automatic=True)
    ) -> None:
        """Ask again for everything unfinished: what is queued or running already is not doubled by it."""
        try:
            for incident_id, pending in await self._incidents.list_unfinished():
                for run in pending.runs:
                    await self._queue.investigate(incident_id, run)
                for question_id in pending.questions:
                    await self._queue.answer(incident_id, question_id)
        except TemporaryError as error:
            logger.warning("sweep put off: %s", error)

    async def _do(self, incident_id: str, begin: Begin, retry: Retry) -> None:
        with bound(incident=incident_id):
            try:
                lease = await begin(await self._progress(incident_id))
                if lease is not None:
                    await self._own(lease, retry)
            except Busy as busy:
                logger.info("waits: %s", busy)
            except Superseded as superseded:
                logger.info("stops: %s", superseded)
            except TemporaryError as error:
                self._again(retry, error)

    async def _own(self, lease: Lease, retry: Retry) -> None:
        """Do the work of a lease to its end, or give it back."""
        incident = await self._incidents.get(lease.incident_id)
        if incident is None:
            await self._incidents.finish(lease.incident_id, lease.slot, lease.epoch, "failed")
            return
        try:
            async with self._open_reporter(incident, lease) as reporter:
                job = _Job(incident, lease, reporter)
                await self._held(lease, self._perform(job, last=retry.attempt >= self._limits.attempts))
        except (TemporaryError, asyncio.CancelledError):
            with contextlib.suppress(TemporaryError, Superseded):
                await self._incidents.release(lease)
            raise
        await self._follow_up(lease)
'''EOF
echo
