"""An inconclusive verdict always says what could not be seen and what to check."""

from __future__ import annotations

import pytest

from bot.investigation.abstention import completed, incomplete
from bot.investigation.diagnosis import Action, Diagnosis

BARE = Diagnosis(verdict="inconclusive", summary="No cause found.")
WHOLE = BARE.model_copy(
    update={"unknowns": ("the database",), "actions": (Action(description="Ask the DBA."),)}
)


def test_what_is_owed_is_said_to_the_model() -> None:
    """Only for this verdict; white space says nothing."""
    blank = BARE.model_copy(update={"unknowns": (" ",), "actions": (Action(description=" "),)})

    assert len(incomplete(BARE)) == len(incomplete(blank)) == 2
    assert incomplete(WHOLE) == []
    assert incomplete(BARE.model_copy(update={"verdict": "healthy"})) == []


@pytest.mark.parametrize(
    ("gaps", "check"),
    [
        (("MCP server 'github' is down",), "MCP server 'github' is down"),
        ((), "latest logs and the latest change of cartservice"),
    ],
)
def test_code_fills_in_what_the_model_left_out(gaps: tuple[str, ...], check: str) -> None:
    """From what it saw itself: the first gap is the thing to check."""
    diagnosis = completed(BARE, gaps, "cartservice")

    assert check in diagnosis.actions[0].description
    assert gaps or diagnosis.unknowns
    assert incomplete(diagnosis) == [] or gaps


def test_what_the_model_said_is_kept() -> None:
    """A whole diagnosis is not touched, and an unknown of its own becomes the check."""
    half = BARE.model_copy(update={"unknowns": ("the database",)})

    assert completed(WHOLE, ("a gap",), "cart") == WHOLE
    assert completed(half, (), "cart").unknowns == ("the database",)
    assert completed(half, (), "cart").actions[0].description.endswith("the database")
