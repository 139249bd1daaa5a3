"""Stop ends a run whatever it is doing, and the report says what is known."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NoReturn

import pytest
from redis.asyncio import Redis

from bot.agent.budget import Budget
from bot.agent.messages import Prompt, Reply
from bot.agent.model import Lost, Notice, unheard
from bot.alarms.alarm import Alarm
from bot.bench.instant import Nobody
from bot.clock import utc_now
from bot.conversations.store import ConversationStore
from bot.costs.caps import Caps
from bot.costs.pricing import PriceTable
from bot.costs.store import DailyLedger
from bot.costs.usage import Usage
from bot.incidents.incident import Incident, Origin
from bot.incidents.store import IncidentStore
from bot.investigation.first_look import TRIAGE
from bot.investigation.investigator import Investigator
from bot.tools.toolset import Tool, ToolCall, ToolResult

MODEL = "claude-sonnet-5-5"


class Stuck:
    """A toolset, or a model, that hangs as long as it is let, and says when it does. The model had begun to answer."""

    def __init__(self, tools: Sequence[str]) -> None:
        self._tools = tools
        self.hangs = asyncio.Event()

    async def tools(self) -> Sequence[Tool]:
        return [Tool(name=name, description="", input_schema={}) for name in self._tools]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        await self._hang()

    async def reply(
        self, prompt: Prompt, *, within: float, notice: Notice, lost: Lost = unheard
    ) -> Reply:
        try:
            await self._hang()
        finally:
            lost(MODEL, Usage(input=100_000))

    async def _hang(self) -> NoReturn:
        self.hangs.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody wakes it")


async def opened(incidents: IncidentStore) -> tuple[Incident, int]:
    """An incident, and the epoch of the work on it."""
    alarm = Alarm(source="person", name="a", service="cart", started_at=utc_now(), text="a")
    incident = await incidents.open_by_person(alarm, Origin(team="T", channel="C", thread_ts="1.1"))
    lease = await incidents.begin(incident.id, 1)
    assert lease is not None
    return incident, lease.epoch


def investigator_of(
    redis: Redis, stuck: Stuck, incidents: IncidentStore, ledger: DailyLedger, budget: Budget
) -> Investigator:
    """One whose model and tools hang."""
    return Investigator(
        model=stuck,
        model_name=MODEL,
        toolset=lambda _: stuck,
        gaps=list,
        conversations=ConversationStore(redis),
        stop_requested=incidents.stop_requested,
        heard=incidents,
        ledger=ledger,
        prices=PriceTable(),
        budget=budget,
        clock=utc_now,
    )


@pytest.mark.parametrize("tools", [[TRIAGE], []], ids=["first look", "model"])
async def test_stop_ends_a_run_that_hangs(redis: Redis, tools: Sequence[str]) -> None:
    """In its first look too: without the person it would go on for ever here."""
    stuck = Stuck(tools)
    incidents, ledger = IncidentStore(redis, utc_now), DailyLedger(redis, utc_now, Caps(day_usd=1))
    incident, epoch = await opened(incidents)
    investigator = investigator_of(redis, stuck, incidents, ledger, Budget())
    run = asyncio.create_task(
        investigator.investigate(incident, run=1, epoch=epoch, reporter=Nobody())
    )
    await stuck.hangs.wait()
    await incidents.request_stop(incident.id, 1, "U1")

    report = await run

    assert report.outcome == "stopped"
    assert "Keep going" in report.note
    # What had been said until then is billed, and nothing is held any longer.
    paid = 0.0 if tools else 0.2
    assert report.cost.usd == pytest.approx(paid)
    assert await ledger.left("C") == pytest.approx(1 - paid)
    assert await ledger.hold("C", 1, seconds=60)


async def test_a_budget_below_one_reply_is_refused_with_what_to_do(redis: Redis) -> None:
    """The model is not asked."""
    stuck = Stuck([])
    incidents, ledger = IncidentStore(redis, utc_now), DailyLedger(redis, utc_now, Caps())
    incident, epoch = await opened(incidents)
    investigator = investigator_of(redis, stuck, incidents, ledger, Budget(usd=0.001))

    report = await investigator.investigate(incident, run=1, epoch=epoch, reporter=Nobody())

    assert report.outcome == "failed"
    assert "Raise TOCSIN_BUDGET and press Keep going." in report.note
    assert not stuck.hangs.is_set()
