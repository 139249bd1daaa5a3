"""The daily cap holds, and a run that it refuses or ends says so."""

from __future__ import annotations

import json

from bot.demo.play import PERSON, root_after
from bot.demo.world import CHANNEL
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
