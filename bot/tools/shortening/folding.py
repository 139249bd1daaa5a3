"""A text with some of its lines left out: every gap is marked with the lines it stands for. Pure.

Lines have one number, here and in `read_result`: the one that a file listing prints before them, else their place in the
text, from 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import groupby, pairwise

SMALLEST_GAP = 3
"""A mark takes the room of a line or two: fewer lines are not worth one."""
_NUMBER = re.compile(r"^\s{0,8}(\d{1,7})(?: ?[|:│](?:[ \t]|$)|→|\t)")
_LEAST_NUMBERED = 8
_NUMBERED_SHARE = 0.9


class Marks:
    """Writes the marks of one result. The first tells how to see what is missing, the others only what that is.

    `numbered` is false for texts that were made from a result, whose lines are not those of the result.
    """

    def __init__(self, label: str, *, numbered: bool = True) -> None:
        self._label = label
        self._numbered = numbered
        self._told = False

    def gap(self, first: int, last: int, what: str = "") -> str:
        """The mark for lines `first` to `last`; `what` says what they are, where there is more to say."""
        span = f"{first}-{last}" if self._numbered else f"{last - first + 1} lines"
        said = f": {what}" if what else ""
        if self._told:
            return f"[… {span}{said}]"
        self._told = True
        unit = "lines " if self._numbered else ""
        where = f"start_line={first}, end_line={last}" if self._numbered else "grep='…'"
        return f"[… {unit}{span}{said}; left out here and at other such marks: read_result(call_id={self._label!r}, {where})]"


def is_listing(lines: Sequence[str]) -> bool:
    """Whether lines carry numbers of their own, counted up one by one, as listings of files do."""
    return _printed(lines) is not None


def bare(line: str) -> str:
    """A line of a listing without its number."""
    return _NUMBER.sub("", line, count=1)


def line_numbers(lines: Sequence[str]) -> list[int]:
    """The number of every line: as printed in a listing (0 for a line without one), else counted from 1."""
    printed = _printed(lines)
    return printed if printed is not None else list(range(1, len(lines) + 1))


def _printed(lines: Sequence[str]) -> list[int] | None:
    found = (_NUMBER.match(line) for line in lines)
    numbers = [int(match[1]) if match else 0 for match in found]
    rising = sum(later - earlier == 1 for earlier, later in pairwise(numbers))
    return numbers if rising >= max(_LEAST_NUMBERED, _NUMBERED_SHARE * len(lines) - 2) else None


def folded(
    lines: Sequence[str],
    kept: Collection[int],
    marks: Marks,
    *,
    smallest: int = SMALLEST_GAP,
    outline: Callable[[Sequence[str], Sequence[int]], str] | None = None,
) -> str:
    """The lines whose indexes are in `kept`, and a mark for every gap of at least `smallest` lines.

    `outline` says of lines, given by their indexes, what is in them. Lines without a number are kept in any case.
    """
    numbers = line_numbers(lines)
    shown: list[str] = []
    for wanted, indexes in _runs(len(lines), kept, numbers):
        if wanted or len(indexes) < smallest:
            shown += [lines[index] for index in indexes]
        else:
            what = outline(lines, indexes) if outline else ""
            shown.append(marks.gap(numbers[indexes[0]], numbers[indexes[-1]], what))
    return "\n".join(shown)


def _runs(
    count: int, kept: Collection[int], numbers: Sequence[int]
) -> Iterator[tuple[bool, list[int]]]:
    for wanted, group in groupby(range(count), lambda at: at in kept or not numbers[at]):
        yield wanted, list(group)
