"""A small fix out of a diff that was read: the guilty hunk, turned round."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.simulators.messages_api.stand_in.repository import Change, Shown

_LONGEST = 30
"""Lines of a hunk that a person still reads at a glance."""
_HUNK = re.compile(r"^@@ -(?P<old>\d+(?:,\d+)?) \+(?P<new>\d+)(?P<count>,\d+)? @@")
_FILE = re.compile(r"^(?:[AMDRC] (?:\S+ -> )?(?P<listed>\S+) \(|diff --git a/\S+ b/(?P<git>\S+))")


def undone(shown: Shown, change: Change) -> str:
    """A unified diff that takes the hunk with this change back; empty when it was not shown, or is long."""
    hunk = _hunk(shown.call.lines, change)
    if not hunk or len(hunk) > _LONGEST:
        return ""
    head = _HUNK.match(hunk[0])
    if head is None:
        return ""
    new = head["new"] + (head["count"] or "")
    lines = [f"--- a/{change.path}", f"+++ b/{change.path}", f"@@ -{new} +{head['old']} @@"]
    return "\n".join([*lines, *_removals_first(_turned(hunk[1:]))]) + "\n"


def _turned(lines: Sequence[str]) -> list[str]:
    """Each line with its sign turned round."""
    signs = {"+": "-", "-": "+"}
    return [signs.get(line[:1], line[:1]) + line[1:] for line in lines]


def _removals_first(lines: Sequence[str]) -> list[str]:
    """Within each run of changed lines, what goes before what comes."""
    ordered: list[str] = []
    run: list[str] = []
    for line in [*lines, ""]:
        if line[:1] in ("+", "-"):
            run.append(line)
            continue
        ordered += [each for each in run if each.startswith("-")]
        ordered += [each for each in run if each.startswith("+")]
        ordered.append(line)
        run = []
    return ordered[:-1]


def _hunk(lines: Sequence[str], change: Change) -> list[str]:
    """The hunk that adds this line, from its `@@` on; empty when it is not there as a whole."""
    path = ""
    for index, line in enumerate(lines):
        file, head = _FILE.match(line), _HUNK.match(line)
        path = (file["listed"] or file["git"]) if file else path
        if head is None or path != change.path:
            continue
        hunk = [line, *_body(lines[index + 1 :], int((head["count"] or ",1")[1:]))]
        first = int(head["new"])
        kept = [each for each in hunk[1:] if not each.startswith("-")]
        place = change.number - first
        if 0 <= place < len(kept) and kept[place] == change.raw:
            return hunk
    return []


def _body(lines: Sequence[str], newer: int) -> list[str]:
    """The lines of a hunk that has so many lines after the change."""
    body: list[str] = []
    for line in lines:
        if newer <= 0 and not line.startswith("-"):
            break
        body.append(line)
        newer -= not line.startswith("-")
    return body
