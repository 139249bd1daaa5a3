"""The daily cap holds, and a run that it refuses or ends says so."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from bot.demo.play import PERSON, root_after
from bot.demo.world import CHANNEL
from bot.simulators.messages_api import StandIn, faults, text
from bot.simulators.messages_api.brain import Reply
from tests.stories.conftest import Open, said


async def test_a_run_beyond_the_daily_cap_is_refused_with_what_to_do(oncall: Open) -> None:
    """The second question of the day costs nothing: the model is not asked. A third gets what the rules see for free."""
    caps = {"TOCSIN_CAPS": json.dumps({"day_usd": 0.01})}
    async with oncall("cartservice-guard", caps) as story:
        first = await story.alarm()
        await story.final(first)
        asked = len(story.model.requests)
        await story.slack.post_as_user("#incidents", "and now?", thread_ts=first)

        second = await story.final(first, count=2)

        assert "TOCSIN_CAPS" in said(second)
        assert "of $0.01" in said(second)

        before = {message["ts"] for message in story.slack.messages(CHANNEL)}
        await story.slack.slash("/diagnose", "cartservice", channel=CHANNEL, user=PERSON)
        third = await story.final(await root_after(story.world, before))

        assert "TOCSIN_CAPS" in said(third)
        assert "at first look, without a model" in said(third)
        assert "deployment/cartservice" in said(third)
        assert len(story.model.requests) == asked


async def test_a_run_that_reaches_the_cap_still_concludes(oncall: Open) -> None:
    """One last reply is paid from the reserve."""
    caps = {"TOCSIN_CAPS": json.dumps({"day_usd": 0.03})}
    async with oncall("cartservice-guard", caps) as story:
        root = await story.alarm()

        final = await story.final(root)

        assert "used all the money" in said(final)
        assert "[stand-in model]" in said(final)
        last = json.dumps(story.model.requests[-1].body["messages"][-1])
        assert "last reply" in last


async def test_a_budget_of_one_run_in_dollars_holds(oncall: Open) -> None:
    """Checked before each reply, with enough kept for the last one: no cent more is spent."""
    budget = {"TOCSIN_BUDGET": json.dumps({"usd": 0.08})}
    async with oncall("cartservice-guard", budget) as story:
        root = await story.alarm()

        assert "used all the money" in said(await story.final(root))
        assert sum(entry.usd for entry in story.model.ledger) <= 0.08


async def test_a_model_that_writes_without_end_stays_within_the_budget(oncall: Open) -> None:
    """Each reply may be as long as can be paid, and the last one still comes."""
    async with oncall("cartservice-guard", {"TOCSIN_BUDGET": json.dumps({"usd": 0.1})}) as story:
        stand_in = StandIn()

        async def rambling(request: dict[str, Any]) -> Reply:
            said = await stand_in.reply(request)
            if "last reply" in json.dumps(request["messages"][-1]):
                return said
            return Reply([*said.content, text("and so on " * 20_000)])

        story.model.script(rambling)
        root = await story.alarm()

        final = said(await story.final(root))

        assert "used all the money" in final
        assert "[stand-in model]" in final
        assert 0.06 < sum(entry.usd for entry in story.model.ledger) <= 0.1


async def test_replies_that_break_off_are_in_the_bill(oncall: Open) -> None:
    """The provider counts them, so does the footer."""
    async with oncall("cartservice-guard") as story:
        story.model.faults.add(faults.mid_stream_error(after=6), times=2, skip=1)
        root = await story.alarm()

        final = said(await story.final(root))

        found = re.search(r"\$(\d+\.\d+)", final)
        assert found is not None
        assert len(story.model.ledger) > 3
        billed = sum(entry.usd for entry in story.model.ledger)
        assert float(found[1]) == pytest.approx(billed, rel=0.1)
