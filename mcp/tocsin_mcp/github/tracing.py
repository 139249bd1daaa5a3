"""Following lines of a file back through the patches that changed it: blame where nobody else computes it. Pure.

A line is laid at a commit's door only when the commit's patch adds exactly that text at that place. Where a patch does
not fit what is followed (a merge that the listed history flattens), the lines left are given up, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tocsin_mcp.kit.output import plain

_HUNK = re.compile(r"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


class DoesNotFit(ValueError):
    """A patch that does not lead to the lines that are followed."""


def step(followed: Mapping[int, int], texts: Mapping[int, str], patch: str) -> dict[int, int]:
    """Where lines were before a patch: line to its number then; those that the patch added are missing.

    `followed` maps each line to its number after the patch, `texts` to its text as it is shown. Raises DoesNotFit.
    """
    by_number = {number: line for line, number in followed.items()}
    shifts = _Shifts()
    earlier: dict[int, int] = {}
    touched: set[int] = set()
    for kind, text, old, new in _lines(patch):
        if kind != "-" and new in by_number:
            line = by_number[new]
            if texts[line] != plain(text).removeprefix("\ufeff"):
                raise DoesNotFit(f"line {new} is not {text!r}")
            touched.add(line)
            if kind == " ":
                earlier[line] = old
        shifts.learn(kind, old, new)
    for line, number in followed.items():
        if line not in touched:
            earlier[line] = number - shifts.before(number)
    return earlier


class _Shifts:
    """How far lines moved, by their number after the patch."""

    def __init__(self) -> None:
        self._at: list[tuple[int, int]] = []
        self._sum = 0

    def learn(self, kind: str, old: int, new: int) -> None:
        self._sum += {"+": 1, "-": -1}.get(kind, 0)
        self._at.append((new, self._sum))

    def before(self, number: int) -> int:
        """The sum of all that was added and removed above a line that no hunk shows."""
        return next((total for new, total in reversed(self._at) if new <= number), 0)


def _lines(patch: str) -> Iterator[tuple[str, str, int, int]]:
    """Each line of each hunk: its kind, text, and number before and after. Raises DoesNotFit for what is no patch.

    For a removed line, the number after is that of the next line that stayed.
    """
    old = new = 0
    for line in patch.split("\n"):
        hunk = _HUNK.match(line)
        if hunk:
            # A side without lines is numbered by the line before it.
            old = int(hunk[1]) + (hunk[2] == "0")
            new = int(hunk[3]) + (hunk[4] == "0")
            continue
        kind, text = line[:1] or " ", line[1:]
        if kind == "\\":
            continue
        if kind not in " +-" or not (old or new):
            raise DoesNotFit(f"{line!r} is no line of a patch")
        yield kind, text, old, new
        old += kind != "+"
        new += kind != "-"
