"""The progress card: within Slack's limits for any steps, in both styles."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.investigation.progress import Step, StepStatus
from bot.simulators.slack.blockkit.blocks import rendered_length
from bot.simulators.slack.blockkit.rules import MAX_RENDERED, check_blocks
from bot.slack.card import MAX_TASKS, Card, Limits, Style, queued, render
from bot.slack.controls import Run

RUN = Run(incident="abc-1", slot="run:1")
TEXT = st.one_of(st.text(max_size=300), st.sampled_from(["<!channel>", "&" * 400, "", "é" * 200]))
STEP = st.builds(
    Step,
    id=st.integers(0, 120).map(str),
    title=TEXT,
    status=st.sampled_from(get_args(StepStatus)),
    detail=TEXT,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    headline=TEXT,
    steps=st.lists(STEP, max_size=150),
    thought=TEXT,
    style=st.sampled_from(get_args(Style)),
    done=st.booleans(),
)
def test_any_card_fits(
    headline: str, steps: list[Step], thought: str, style: Style, done: bool
) -> None:
    """Any number of steps, any text: one message within every limit."""
    card = Card(headline=headline, started_at=0).with_thought(thought)
    for step in steps:
        card = card.with_step(step)
    if done:
        card = card.done("stopped", 12)
    message = render(card, RUN, now=100, style=style)
    assert len(message.text.encode()) <= 4_000
    assert [str(problem) for problem in check_blocks(message.blocks)] == []
    assert rendered_length(message.blocks) <= MAX_RENDERED
    assert "<!channel>" not in message.text
    assert ("tocsin_stop" in str(message.blocks)) is not done
    for block in message.blocks:
        assert len(block.get("tasks", [])) <= MAX_TASKS


def test_a_step_replaces_itself() -> None:
    """The same id again is the same line."""
    card = Card(headline="x", started_at=0).with_step(Step(id="1", title="a"))
    card = card.with_step(Step(id="2", title="b")).with_step(
        Step(id="1", title="a", status="done", detail="fine")
    )
    (plan,) = [block for block in render(card, RUN, now=5).blocks if block["type"] == "plan"]
    assert [(task["title"], task["status"]) for task in plan["tasks"]] == [
        ("a", "complete"),
        ("b", "in_progress"),
    ]
    assert plan["title"] == "🔎 x · 5 s"


@pytest.mark.parametrize("style", get_args(Style))
def test_old_steps_are_folded(style: Style) -> None:
    """The latest steps are shown, the others counted, with how many of them failed."""
    card = Card(headline="x", started_at=0)
    for number in range(60):
        status: StepStatus = "failed" if number == 3 else "done"
        card = card.with_step(Step(id=str(number), title=f"step {number}", status=status))
    shown = str(render(card, RUN, now=1, style=style).blocks)
    hidden = 11 if style == "plan" else 49
    assert f"{hidden} earlier steps, 1 failed" in shown
    assert "step 59" in shown
    assert "step 3'" not in shown


def test_a_card_survives_storage() -> None:
    """What is stored beside the message is the whole card."""
    card = Card(headline="x", started_at=1.5).with_step(Step(id="1", title="a"))
    assert Card.model_validate_json(card.model_dump_json()) == card


def believed(card: Card) -> list[str]:
    """The lines about hypotheses."""
    blocks = [block for block in render(card, RUN, now=1).blocks if block["type"] == "rich_text"]
    lines = blocks[0]["elements"][1]["elements"] if blocks else []
    return ["".join(part["text"] for part in line["elements"]) for line in lines]


def test_hypotheses_change_their_standing() -> None:
    """What the model says of a hypothesis moves its line; the rest of its words is shown below as before."""
    card = Card(headline="x", started_at=0)
    card = card.with_thought(
        "Hypothesis (new): redis-cart is down\nHypothesis: bad deploy of frontend"
    )
    card = card.with_thought("The pods are fine.\nHypothesis (ruled out): bad deploy of frontend")
    card = card.with_thought("Hypothesis (strengthened): redis-cart is down <!channel>")
    assert believed(card) == [
        "⬆️ redis-cart is down · strengthened",
        "🚫 bad deploy of frontend · ruled out",
    ]
    assert card.thought == "The pods are fine."
    shown = str(render(card, RUN, now=1).blocks)
    assert "'strike': True" in shown
    assert believed(card.done("diagnosed", 3)) == believed(card)


def test_time_and_budget_are_shown() -> None:
    """How long it takes and may take, and what it may cost."""
    card = Card(headline="x", started_at=0)
    message = render(card, RUN, now=41, limits=Limits(seconds=300, usd=2))
    assert "🔎 x · 41 s of 5 min" in message.text
    assert "At most 5 min and $2.00" in str(message.blocks)
    done = render(card.done("diagnosed", 41), RUN, now=50, limits=Limits(seconds=300, usd=2))
    assert "of 5 min" not in str(done)
    assert "At most" not in str(done)


def test_a_run_that_waits_says_where_in_the_line() -> None:
    """The card before its run: place in the line, and a Stop button."""
    message = queued("it is down <!channel>", 3, RUN)
    assert message.text == "🕒 it is down &lt;!channel&gt; · queued #3"
    assert [str(problem) for problem in check_blocks(message.blocks)] == []
    assert "tocsin_stop" in str(message.blocks)
