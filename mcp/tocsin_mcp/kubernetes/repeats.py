"""The same message a hundred times: show the first and the last ones whole, count the rest.

Two records are the same when they differ only in numbers, ids, times and quoted values.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from .traces import records

FIRST, LAST = 1, 2

_COMPARED_LINES = 3
_COMPARED_CHARACTERS = 300
_VARYING = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}"
    r"|\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{6,64}\b"
    r"|(?<==)[^\s,;\"']{1,100}"
    r"|\d+"
)


@dataclass(frozen=True, slots=True)
class Repeat:
    """Records left out because they say the same as one that is shown; `sample` is its matching line.

    `first` and `last` are the line numbers of the first and last record of the kind; `left_out` counts those not shown.
    """

    sample: int
    left_out: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Thinned:
    """The matching lines to show, all lines of the records left out, and what those were, most frequent first."""

    shown: list[int]
    hidden: set[int]
    repeats: list[Repeat]


def thin(lines: Sequence[str], hits: Sequence[int]) -> Thinned:
    """Decide which matching lines to show."""
    groups = records(lines)
    starts = [group.start for group in groups]
    first_hits: dict[int, int] = {}
    for hit in hits:
        first_hits.setdefault(bisect_right(starts, hit) - 1, hit)
    kinds: dict[str, list[int]] = {}
    for number in first_hits:
        kinds.setdefault(_shape(lines, groups[number]), []).append(number)
    hidden: set[int] = set()
    repeats: list[Repeat] = []
    for same in kinds.values():
        kept = same if len(same) <= FIRST + LAST else [*same[:FIRST], *same[-LAST:]]
        hidden.update(line for number in same if number not in kept for line in groups[number])
        if len(kept) < len(same):
            ends = groups[same[0]].start, groups[same[-1]].start
            repeats.append(Repeat(first_hits[same[0]], len(same) - len(kept), *ends))
    repeats.sort(key=lambda each: -each.left_out)
    return Thinned([hit for hit in hits if hit not in hidden], hidden, repeats)


def _shape(lines: Sequence[str], group: range) -> str:
    head = list(group)[:_COMPARED_LINES]
    return "\n".join(_VARYING.sub("#", lines[line][:_COMPARED_CHARACTERS]) for line in head)
