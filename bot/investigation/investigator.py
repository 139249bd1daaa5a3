"""One run of the agent over an incident, a follow-up question, or a request to keep going.

Reads the conversation, lets the loop take turns, and makes one report of however it ended. Posting is not done here.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from functools import partial

from bot.agent.budget import Budget, Meter
from bot.agent.loop import Agent
from bot.agent.messages import StopReason, text, user
from bot.agent.model import Billed
from bot.conversations.store import ConversationStore
from bot.costs.pricing import PriceTable
from bot.costs.store import DailyLedger
from bot.errors import PermanentError
from bot.incidents.incident import Incident, Question
from bot.investigation import prompt
from bot.investigation.abstention import completed
from bot.investigation.affordable import Affordable
from bot.investigation.capped import Capped, refusal
from bot.investigation.cascade import Cascade
from bot.investigation.charting import Charting
from bot.investigation.diagnosis import Diagnosis, Outcome, Report
from bot.investigation.first_look import for_people, for_prompt, look
from bot.investigation.links import GitHost, with_links
from bot.investigation.listener import RunListener
from bot.investigation.measuring import measure
from bot.investigation.progress import Reporter
from bot.investigation.report import conclude, report, with_first_look
from bot.investigation.spending import opening, spent
from bot.investigation.stage import Stage, Stages
from bot.investigation.steered import Heard, Steered
from bot.investigation.stopping import unless_stopped
from bot.investigation.submission import NAME as SUBMIT
from bot.investigation.transcript import RunRecord
from bot.telemetry import RUNNING
from bot.tools.toolset import ToolResult, Toolset

FirstLook = tuple[list[ToolResult], str]
"""What rules saw: the results, and how people are shown them."""
StopRequested = Callable[[str, str], Awaitable[str | None]]
"""(incident id, slot) → the person who asked to stop it, if anybody did."""


TOO_LITTLE = (
    "One reply would cost about ${:.4f} and {:,} tokens here, more than is left of the ${:.4f} and {:,} tokens that this "
    "run may spend. Raise TOCSIN_BUDGET and press Keep going"
)


class Investigator:
    """Implements `bot.jobs.Investigator`.

    `toolset` gives the allowed, guarded tools for an incident, `gaps` the servers that are down. `cascade` names further
    models that take over when there is doubt. `clock` is aware UTC, `monotonic` seconds.
    """

    def __init__(
        self,
        *,
        model: Billed,
        model_name: str,
        cascade: Cascade | None = None,
        toolset: Callable[[Incident], Toolset],
        gaps: Callable[[], list[str]],
        conversations: ConversationStore,
        stop_requested: StopRequested,
        heard: Heard,
        ledger: DailyLedger,
        prices: PriceTable,
        budget: Budget,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        host: GitHost | None = None,
    ) -> None:
        self._model = model
        self._cascade = cascade or Cascade([model_name])
        self._stages = Stages(conversations, self._cascade, clock)
        self._toolset = toolset
        self._gaps = gaps
        self._stop_requested = stop_requested
        self._heard = heard
        self._ledger = ledger
        self._prices = prices
        self._budget = budget
        self._clock = clock
        self._monotonic = monotonic
        self._host = host or GitHost()

    async def investigate(
        self, incident: Incident, *, run: int, epoch: int, reporter: Reporter
    ) -> Report:
        """Run 1 investigates the incident; later runs keep going with a fresh budget, because its alarm fires again
        (`incident.run`) or a person asks for more.

        A model API that refuses for good ends the run as failed. Raises TemporaryError (Redis), Superseded.
        """
        words: Callable[[Incident, datetime], str] = prompt.opening if run == 1 else prompt.again
        if run not in (1, incident.run):
            return await self._run(incident, f"run:{run}", _keep_going, epoch, reporter)
        async with Charting(incident, self._toolset(incident), self._clock) as charting:
            made = await self._run(incident, f"run:{run}", words, epoch, reporter)
            return made.model_copy(update={"chart": await charting.chart(made.diagnosis)})

    async def answer(
        self, incident: Incident, question: Question, *, epoch: int, reporter: Reporter
    ) -> Report:
        """Answer a follow-up in the incident's conversation. Raises like `investigate`."""

        def words(_: Incident, now: datetime) -> str:
            return prompt.follow_up(question.text, question.user, now)

        return await self._run(incident, f"answer:{question.id}", words, epoch, reporter)

    async def _run(
        self,
        incident: Incident,
        slot: str,
        words: Callable[[Incident, datetime], str],
        epoch: int,
        reporter: Reporter,
    ) -> Report:
        stage = await self._stages.enter(incident.id, slot, epoch, self._toolset(incident))
        await reporter.started(incident.alarm.name)
        record = stage.transcript.record or await self._begin(
            incident, slot, stage, words, reporter
        )
        stage.submission.resume(record.diagnosis)
        listener = RunListener(reporter)
        refused = "" if record.reason else await refusal(self._ledger, incident.origin.channel)
        reason = record.reason
        RUNNING.inc()
        try:
            if reason is None and not refused:
                reason = await self._converse(incident, slot, stage, record, listener)
            while why := await self._doubt(incident, stage, record, reason):
                stage = await self._stages.hand_over(stage, slot, why)
                await listener.handed_over(stage.number, stage.conversation.model, why)
                reason = await self._converse(incident, slot, stage, record, listener)
        except PermanentError as error:
            refused = f"{error}."
        finally:
            RUNNING.dec()
        transcript = stage.transcript
        for gap in self._gaps():
            listener.gap(gap)
        ending = _refused(refused) or conclude(
            reason,
            stage.submission.diagnosis,
            words=transcript.last_words,
            trouble=listener.model_trouble,
        )
        ending = with_first_look(ending, record.first_look)
        ending = _with_check(ending, listener.gaps, incident)
        ending = with_links(ending, stage.conversation.results, self._host)
        seconds = (self._clock() - record.started_at).total_seconds()
        made = report(
            ending,
            gaps=listener.gaps,
            heard=transcript.record.heard if transcript.record else (),
            spend=transcript.spend,
            base=record.base,
            seconds=seconds,
        )
        measure(made, transcript.spend, record.base)
        return made

    async def _begin(
        self,
        incident: Incident,
        slot: str,
        stage: Stage,
        words: Callable[[Incident, datetime], str],
        reporter: Reporter,
    ) -> RunRecord:
        """Open the run: the first look and the first message, saved before the model is asked."""
        now, transcript = self._clock(), stage.transcript
        first = "" if transcript.goes_on else prompt.opening(incident, now)
        anew = bool(first) or words is prompt.again
        looked: FirstLook | None = None
        if anew:
            stopped = partial(self._stop_requested, incident.id, slot)
            looked = await unless_stopped(stopped, self._first_look(incident, stage, reporter))
        seen, shown = looked or ([], "")
        parts = dict.fromkeys([first, words(incident, now), for_prompt(seen)])
        members = [member.fingerprint for member in incident.members] if anew else []
        opening = user(*(text(part) for part in parts if part))
        return await transcript.begin(opening, now, seen, shown, members)

    async def _first_look(self, incident: Incident, stage: Stage, reporter: Reporter) -> FirstLook:
        seen = await look(incident, stage.submission, stage.transcript.label)
        if shown := for_people(seen, self._gaps()):
            await reporter.first_look(shown)
        return seen, shown

    async def _converse(
        self,
        incident: Incident,
        slot: str,
        stage: Stage,
        record: RunRecord,
        listener: RunListener,
    ) -> StopReason | None:
        """Let the loop run until it ends or a person stops it (None)."""
        transcript = stage.transcript
        transcript.expect(opening(self._prices, transcript.prompt(), transcript.spend))
        meter = self._meter(self._cascade.share(self._budget, stage.number), record)
        if not meter.pays(transcript.spend):
            if transcript.spend.turns > record.base.turns:  # it has come to something
                await transcript.end("out_of_money")
                return "out_of_money"
            cost = transcript.spend.least_usd, transcript.spend.least_tokens
            raise PermanentError(TOO_LITTLE.format(*cost, meter.budget.usd, meter.budget.tokens))
        capped = Capped(
            self._model,
            self._ledger,
            incident.origin.channel,
            self._prices,
            reserve=self._budget.usd * self._budget.reserve_share,
            expected=lambda: transcript.spend.next_usd,
        )
        affordable = Affordable(capped, transcript, meter, self._prices, self._monotonic)
        model = (
            Steered(affordable, transcript, self._heard, self._clock)
            if _is_run(slot)
            else affordable
        )
        agent = Agent(
            model,
            stage.submission,
            partial(spent, self._prices),
            concluding=SUBMIT,
            clock=self._monotonic,
        )
        stopped = partial(self._stop_requested, incident.id, slot)
        running = agent.run(transcript, meter, listener)
        reason = await unless_stopped(stopped, running)
        if reason is not None:
            reason = "out_of_money" if capped.reached else reason
            await transcript.end(reason)
        return reason

    def _meter(self, budget: Budget, record: RunRecord) -> Meter:
        elapsed = (self._clock() - record.started_at).total_seconds()
        return Meter(budget, started=self._monotonic() - max(elapsed, 0.0), base=record.base)

    async def _doubt(
        self, incident: Incident, stage: Stage, record: RunRecord, reason: StopReason | None
    ) -> str:
        """Why the next model shall take over, as far as the run's budget and the daily caps allow it."""
        why = self._cascade.doubt(stage.number, reason, stage.submission.diagnosis)
        used_up = self._meter(self._budget, record).exhausted(
            stage.transcript.spend, self._monotonic()
        )
        if not why or used_up or await refusal(self._ledger, incident.origin.channel):
            return ""
        return why


def _keep_going(_: Incident, now: datetime) -> str:
    return prompt.keep_going(now)


def _is_run(slot: str) -> bool:
    """Whether the slot is an investigation, not the answer to one question."""
    return slot.startswith("run:")


def _with_check(
    ending: tuple[Outcome, Diagnosis | None, str], gaps: Sequence[str], incident: Incident
) -> tuple[Outcome, Diagnosis | None, str]:
    outcome, diagnosis, note = ending
    if diagnosis is None:
        return ending
    return outcome, completed(diagnosis, gaps, incident.alarm.service), note


def _refused(why: str) -> tuple[Outcome, None, str] | None:
    return ("failed", None, why) if why else None
