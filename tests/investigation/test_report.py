"""However a run ends, the report says what is known, and what a person can do."""

from __future__ import annotations

import pytest

from bot.agent.messages import StopReason
from bot.investigation.diagnosis import Diagnosis, Outcome
from bot.investigation.report import conclude

FAULT = Diagnosis(verdict="fault", summary="It is the cart.")
UNSURE = Diagnosis(verdict="inconclusive", summary="Hm.")


@pytest.mark.parametrize(
    ("reason", "diagnosis", "outcome", "told"),
    [
        ("concluded", FAULT, "diagnosed", ""),
        ("concluded", UNSURE, "inconclusive", ""),
        (None, FAULT, "stopped", "Stopped by a person"),
        ("out_of_time", FAULT, "out_of_time", "best supported conclusion so far"),
        ("out_of_money", None, "out_of_time", "No conclusion was reached"),
        ("out_of_tokens", None, "out_of_time", "all the tokens"),
        ("out_of_turns", None, "out_of_time", "all the steps"),
        ("stuck", FAULT, "diagnosed", "went in circles"),
        ("stuck", None, "inconclusive", "went in circles"),
        ("ended", None, "inconclusive", "without a checked conclusion"),
        ("refused", None, "failed", "refused to go on"),
        ("model_unavailable", None, "failed", "could not be reached"),
    ],
)
def test_each_ending(
    reason: StopReason | None, diagnosis: Diagnosis | None, outcome: Outcome, told: str
) -> None:
    """What it is called, what is kept, and how to go on."""
    ended, kept, note = conclude(reason, diagnosis)

    assert (ended, kept) == (outcome, diagnosis)
    assert told in note
    assert reason == "concluded" or "Keep going" in note


@pytest.mark.parametrize("reason", [None, "out_of_time", "out_of_money", "stuck", "ended"])
def test_last_words_stand_for_a_diagnosis_that_is_not_there(reason: StopReason | None) -> None:
    """They are the partial result, marked as what they are."""
    _, kept, note = conclude(reason, None, words="I believe it is the cart.")

    assert kept == Diagnosis(verdict="inconclusive", summary="I believe it is the cart.")
    assert reason in ("stuck", "ended") or "last words, unchecked" in note
    assert conclude(reason, FAULT, words="Hm.")[1] == FAULT
