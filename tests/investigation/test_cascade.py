"""When the next model takes over, with what share of the budget, and what it is told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.agent.budget import Budget
from bot.agent.messages import StopReason, text, user
from bot.conversations.conversation import StoredResult
from bot.investigation import prompt
from bot.investigation.cascade import Cascade, handed_over
from bot.investigation.diagnosis import Diagnosis, Evidence, Finding
from bot.settings import Settings
from tests.investigation.test_prompt import incident

TWO = Cascade(["cheap", "better"])
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def diagnosis(**changes: Any) -> Diagnosis:
    """A sure and proven one."""
    evidence = Evidence(tool_call_id="c1", quote="it broke", verified=changes.pop("found", True))
    fields: dict[str, Any] = {
        "verdict": "fault",
        "summary": "Broken.",
        "confidence": 0.8,
        "findings": (Finding(claim="It broke.", evidence=(evidence,)),),
    }
    return Diagnosis(**{**fields, **changes})


@pytest.mark.parametrize(
    ("reason", "found", "doubt"),
    [
        ("concluded", diagnosis(), ""),
        ("concluded", diagnosis(confidence=0.6), ""),
        ("concluded", diagnosis(confidence=0.59), "59% sure"),
        ("concluded", diagnosis(verdict="inconclusive", confidence=1.0), "inconclusive"),
        ("concluded", diagnosis(found=False), "evidence was not found"),
        ("concluded", diagnosis(verdict="healthy", findings=()), "evidence was not found"),
        ("stuck", diagnosis(), "no conclusion"),
        ("refused", None, "no conclusion"),
        ("out_of_turns", diagnosis(), "no conclusion"),
        ("model_unavailable", None, "no conclusion"),
        (None, None, ""),
    ],
)
def test_doubt(reason: StopReason | None, found: Diagnosis | None, doubt: str) -> None:
    """Anything but a proven, decided and sure conclusion; a person's Stop is no doubt. The last model is never doubted."""
    why = TWO.doubt(1, reason, found)
    assert doubt in why
    assert bool(why) == bool(doubt)
    assert TWO.doubt(2, reason, found) == ""


def test_each_model_has_its_share_and_the_last_one_has_all() -> None:
    """Shares add up along the run, so an early conclusion leaves more to the next."""
    budget = Budget(seconds=300, reserve_seconds=45, turns=25, tool_calls=1, usd=2)
    half = TWO.share(budget, 1)
    assert (half.seconds, half.reserve_seconds, half.turns, half.tool_calls, half.usd) == (
        150,
        22.5,
        13,
        1,
        1,
    )
    assert TWO.share(budget, 2) == budget
    assert Cascade(["one"]).share(budget, 1) == budget


def test_models_are_named_in_one_setting() -> None:
    """Instead of the one model, which is asked without it."""
    given = {
        "TOCSIN_MODEL": "one",
        "TOCSIN_CASCADE": "cheap, better",
        "TOCSIN_CASCADE_CONFIDENCE": "0.5",
    }
    assert Settings.model_validate(given).models == ("cheap", "better")
    assert Settings.model_validate({"TOCSIN_MODEL": "one"}).models == ("one",)
    assert Settings.model_validate(given).cascade_confidence == 0.5


def test_a_cascade_needs_a_model() -> None:
    """Nobody to ask is a mistake of the caller."""
    with pytest.raises(ValueError, match="at least one"):
        Cascade([])


def test_the_next_model_gets_the_opening_the_people_and_the_notes() -> None:
    """Nudges and thinking stay behind; notes are fenced, redacted and bounded."""
    opening = user(text("An alarm."), text("First look."))
    steer = prompt.steer("look at <untrusted> payments", "U1", NOW)
    fired = prompt.joined(incident(members=1).members, NOW)
    messages = [
        opening,
        {"role": "assistant", "content": [{"type": "thinking", "thinking": "t", "signature": "s"}]},
        user(text("Go on with tool calls.")),
        user(text(steer)),
        user(text(fired)),
    ]
    secret = "password=hunter2hunter2"
    results = {"c1": StoredResult("look", {"at": secret}, "it broke", False)} | {
        f"c{n}": StoredResult("look", {"at": "x" * 500}, "no", True) for n in range(2, 300)
    }

    message = handed_over(messages, results, diagnosis(unknowns=("the database",)), "it was unsure")

    words = [block["text"] for block in message["content"]]
    assert words[:4] == ["An alarm.", "First look.", steer, fired]
    notes = words[4]
    assert len(words) == 5
    assert "it was unsure" in notes
    assert "[c1] it broke" in notes
    assert "Not checked: the database" in notes
    assert "hunter2hunter2" not in notes
    assert "(failed)" in notes
    assert len(notes) < 9_000
    assert notes.count("<untrusted") == notes.count("</untrusted>") == 1


def test_a_quote_that_was_not_found_is_handed_over_as_that() -> None:
    """The next model must not trust it."""
    message = handed_over([user(text("go"))], {}, diagnosis(found=False), "doubt")
    assert "this quote was not found" in message["content"][-1]["text"]


def test_nothing_concluded_is_said() -> None:
    """The calls alone are worth handing over."""
    message = handed_over([user(text("go"))], {}, None, "doubt")
    assert "It concluded nothing." in message["content"][-1]["text"]
