"""`inconclusive` is a verdict like any other: what is known, what could not be seen, and the one check a person should make.

Pure. The model is asked for what is missing once; then code fills it in, so that nobody is left with "I do not know".
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.investigation.diagnosis import Action, Diagnosis

_NOTHING_NAMED = "What decides the cause was not among the things that were looked at."


def incomplete(diagnosis: Diagnosis) -> list[str]:
    """What an inconclusive diagnosis still owes, one sentence for the model each."""
    if diagnosis.verdict != "inconclusive":
        return []
    told = []
    if not any(unknown.strip() for unknown in diagnosis.unknowns):
        told.append("An inconclusive verdict must say in `unknowns` what could not be seen.")
    if not any(action.description.strip() for action in diagnosis.actions):
        told.append(
            "An inconclusive verdict must name as the first of `actions` the one check that a person should make."
        )
    return told


def completed(diagnosis: Diagnosis, gaps: Sequence[str], service: str) -> Diagnosis:
    """The diagnosis with what it still owes filled in, from the gaps that code saw. Others are returned as they are."""
    if not incomplete(diagnosis):
        return diagnosis
    unknowns = tuple(unknown for unknown in diagnosis.unknowns if unknown.strip())
    unknowns = unknowns or (() if gaps else (_NOTHING_NAMED,))
    actions = tuple(action for action in diagnosis.actions if action.description.strip())
    check = Action(description=_check([*gaps, *diagnosis.unknowns], service))
    return diagnosis.model_copy(update={"unknowns": unknowns, "actions": actions or (check,)})


def _check(unseen: Sequence[str], service: str) -> str:
    first = next((each.strip() for each in unseen if each.strip()), "")
    if first:
        return f"Check by hand what could not be seen: {first}"
    return f"Look at the latest logs and the latest change of {service} by hand."
