"""The worker's half of the queue: do a job, see that the thread is told how it ended, and let nothing be forgotten.

docket runs a job at least once. What makes it count once is kept with the incident: the lease and the epoch (one
owner), the deliveries (a job that kills its worker three times is given up), the saved report (each try posts the
same one) and the outcome (what is finished is not done again). Only a retry leaves a job as an exception.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeVar

from docket import Docket, Perpetual, Retry

from bot.errors import PermanentError, TemporaryError
from bot.fencing import Superseded
from bot.incidents.incident import Incident, Lease, Question
from bot.incidents.store import IncidentStore
from bot.incidents.work.holding import held
from bot.incidents.work.store import Busy
from bot.investigation.diagnosis import Outcome, Report
from bot.investigation.progress import Reporter
from bot.queue import Queue
from bot.telemetry import INVESTIGATIONS, bound

logger = logging.getLogger(__name__)

SWEEP_EVERY = timedelta(seconds=60)
BUG = "Something went wrong inside Tocsin; its log says what. Try again, or look at the alarm by hand."
POISONED = "Its worker died several times without getting on, so this was given up. Look at the alarm by hand."
TOO_LONG = "This did not end by itself and was cut off. Keep going grants more time."

T = TypeVar("T")

OpenReporter = Callable[[Incident, Lease], AbstractAsyncContextManager[Reporter]]
"""Opens the incident's thread for the slot and epoch of a lease; closed when the job ends."""


class Investigator(Protocol):
    """Who finds out. It saves its turns under `epoch`, and goes on from what was saved when called again.

    Raises TemporaryError, PermanentError and Superseded; the report is posted by the caller.
    """

    async def investigate(
        self, incident: Incident, *, run: int, epoch: int, reporter: Reporter
    ) -> Report:
        """Investigate an incident, and show the progress."""

    async def answer(
        self, incident: Incident, question: Question, *, epoch: int, reporter: Reporter
    ) -> Report:
        """Answer a question in the incident's conversation, and show the progress."""


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
    """Finding out is cut off after this, whatever the investigator's own budget says."""

    def pause(self, attempt: int, error: TemporaryError) -> timedelta:
        """How long to wait after this attempt, the first of which is 1."""
        seconds = error.retry_after or self.backoff * 2 ** min(attempt - 1, 30)
        return timedelta(seconds=min(seconds, self.longest_backoff))


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
        """Answer the incident's oldest question; `question_id` only gives each question a job of its own."""

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

    async def _do(
        self, incident_id: str, begin: Callable[[int], Awaitable[Lease | None]], retry: Retry
    ) -> None:
        with bound(incident=incident_id):
            try:
                lease = await begin(await self._progress(incident_id))
                if lease is not None:
                    await self._own(lease, last=retry.attempt >= self._limits.attempts)
            except Busy as busy:
                logger.info("waits: %s", busy)
            except Superseded as superseded:
                logger.info("stops: %s", superseded)
            except TemporaryError as error:
                if retry.attempt >= self._limits.attempts:
                    logger.error("left to the sweep: %s", error)
                else:
                    retry.after(self._limits.pause(retry.attempt, error))

    async def _own(self, lease: Lease, *, last: bool) -> None:
        """Do the work of a lease to its end, or give the lease back."""
        incident = await self._incidents.get(lease.incident_id)
        if incident is None or lease.deliveries > 2 * self._limits.deliveries:
            logger.error(
                "%s is dropped: its incident is forgotten, or it cannot be told", lease.slot
            )
            await self._incidents.finish(lease.incident_id, lease.slot, lease.epoch, "failed")
            return
        try:
            await held(self._incidents, lease, self._perform(incident, lease, last=last))
        except (TemporaryError, asyncio.CancelledError):
            with contextlib.suppress(TemporaryError, Superseded):
                await self._incidents.release(lease)
            raise
        await self._follow_up(lease)

    async def _perform(self, incident: Incident, lease: Lease, *, last: bool) -> None:
        async with self._open_reporter(incident, lease) as reporter:
            found = await self._caught(self._find_out(incident, lease, reporter), last=last)
            saved = await self._incidents.save_report(lease, found.model_dump_json())
            report = Report.model_validate_json(saved)
            problem = await self._caught(reporter.finished(report))
            if problem is not None:
                problem = await self._caught(reporter.finished(problem))
            if problem is not None:
                logger.error("the thread could not be told that the outcome is %s", report.outcome)
            await self._incidents.finish(incident.id, lease.slot, lease.epoch, report.outcome)

    async def _find_out(self, incident: Incident, lease: Lease, reporter: Reporter) -> Report:
        """The report that was saved before, or a new one."""
        saved = await self._incidents.saved_report(incident.id, lease.slot)
        if saved is not None:
            return Report.model_validate_json(saved)
        if lease.deliveries > self._limits.deliveries:
            logger.error("%s is given up after %d deliveries", lease.slot, lease.deliveries - 1)
            return _ended("failed", POISONED)
        limit = asyncio.timeout(self._limits.duration)
        try:
            async with limit:
                return await self._ask(incident, lease, reporter)
        except TimeoutError:
            if limit.expired():
                return _ended("out_of_time", TOO_LONG)
            raise

    async def _ask(self, incident: Incident, lease: Lease, reporter: Reporter) -> Report:
        if lease.question is not None:
            return await self._investigator.answer(
                incident, lease.question, epoch=lease.epoch, reporter=reporter
            )
        run = int(lease.slot.removeprefix("run:"))
        return await self._investigator.investigate(
            incident, run=run, epoch=lease.epoch, reporter=reporter
        )

    async def _caught(self, work: Awaitable[T], *, last: bool = False) -> T | Report:
        """What `work` gives, or the report that says why it gives nothing. TemporaryError passes unless it is the last
        try's; Superseded always does."""
        try:
            return await work
        except Superseded:
            raise
        except TemporaryError as error:
            if not last:
                raise
            return _ended("failed", f"{error}. It was tried {self._limits.attempts} times.")
        except PermanentError as error:
            return _ended("failed", str(error))
        except Exception:
            logger.exception("a bug ended this work")
            return _ended("failed", BUG)

    async def _follow_up(self, lease: Lease) -> None:
        """Ask for what waited for this work to end."""
        runs, questions = await self._incidents.pending(lease.incident_id)
        if runs:
            await self._queue.investigate(lease.incident_id, runs[0], after=lease.epoch)
        elif questions:
            await self._queue.answer(lease.incident_id, questions[0], after=lease.epoch)


def _ended(outcome: Outcome, note: str) -> Report:
    INVESTIGATIONS.labels(outcome).inc()
    return Report(outcome=outcome, note=note)
