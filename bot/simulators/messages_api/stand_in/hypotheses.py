"""What the investigator believes, in lines as the system prompt asks for them; only what changed is said.

Three questions every incident has: is the alerted service itself at fault, is somebody else, and did a change bring it?
"""

from __future__ import annotations

from collections.abc import Iterator

from bot.simulators.messages_api.stand_in.blame import Suspect, suspect
from bot.simulators.messages_api.stand_in.case import Case
from bot.simulators.messages_api.stand_in.history import CONVINCING, best_commit, place_of


def hypotheses(case: Case) -> list[str]:
    """Lines like `Hypothesis (new): the fault is in frontend itself.` that were not said before."""
    lines: list[str] = []
    for standing, words in _believed(case):
        known = f"): {words}" in case.transcript.said
        line = f"Hypothesis ({standing}): {words}"
        if line not in case.transcript.said and not (known and standing == "new"):
            lines.append(line)
    return lines


def _believed(case: Case) -> Iterator[tuple[str, str]]:
    blamed = suspect(case)
    for name in case.subjects[:1]:
        own = f"The fault is in {name} itself."
        if blamed is None:
            yield "new", own
        else:
            yield ("strengthened" if blamed.name == name else "ruled out"), own
    if blamed is not None:
        yield from _of_suspect(case, blamed)


def _of_suspect(case: Case, blamed: Suspect) -> Iterator[tuple[str, str]]:
    place = place_of(case, blamed)
    proven = place is not None and bool(place.code)
    if blamed.name not in case.subjects[:1]:
        sentence = f"{blamed.sentence.rstrip('.')}."
        yield ("strengthened" if proven else "new"), sentence
    read = case.transcript.results("list_commits")
    if not read:
        return
    commit = best_commit(case, blamed, place)
    brought = f"A recent change to {blamed.ref} brought it."
    if commit is None:
        yield "new", brought
    else:
        yield ("strengthened" if commit.score >= CONVINCING else "new"), brought
