"""Log lines that belong together: stack traces, and matches with what surrounds them."""

from __future__ import annotations

import re
import time
from collections.abc import Container, Sequence

from .patterns import LinePattern

CONTEXT = 2
LONGEST_TRACE = 60

_CONTINUES = re.compile(
    r"\s+\S"  # indented: the frames of most languages, wrapped messages
    r"|at\s+\S"
    r'|File "'
    r"|Caused by:|Suppressed:|\.\.\. \d+ more"
    r"|--- End of|---> "
    r"|Traceback \(most recent|During handling of|The above exception"
    r"|goroutine \d+ \[|created by |\[signal "
    r"|[\w./*()-]{1,200}\(.{0,200}\)$"  # Go: the function's line above the one with its file
    r"|(?:\w{1,60}\.){0,8}\w{0,60}(?:Error|Exception)(?::|$)"
)


def continues(line: str) -> bool:
    """Whether a line goes on with a stack trace or message, rather than beginning a record."""
    return bool(_CONTINUES.match(line))


def records(lines: Sequence[str]) -> list[range]:
    """The lines grouped into records: a first line and what continues it."""
    starts = [number for number, line in enumerate(lines) if number == 0 or not continues(line)]
    return [
        range(start, end) for start, end in zip(starts, [*starts[1:], len(lines)], strict=False)
    ]


def keep(lines: Sequence[str], hits: Sequence[int], hidden: Container[int] = ()) -> list[range]:
    """Stretches to show around matching lines, in order and not overlapping.

    Each match brings CONTEXT lines on both sides and the whole trace that it begins or belongs to, at most
    LONGEST_TRACE lines each way. Lines in `hidden` are left out, also as context.
    """
    wanted = {line for hit in hits for line in range(*_around(lines, hit)) if line not in hidden}
    stretches: list[range] = []
    for line in sorted(wanted):
        if stretches and stretches[-1].stop == line:
            stretches[-1] = range(stretches[-1].start, line + 1)
        else:
            stretches.append(range(line, line + 1))
    return stretches


def matching(lines: Sequence[str], pattern: LinePattern, deadline: float) -> tuple[list[int], int]:
    """The numbers of the lines that match, newest lines searched first, and how many lines were searched.

    `deadline` is a reading of `time.monotonic`; when it passes, the older lines stay unsearched.
    """
    hits: list[int] = []
    for number in range(len(lines) - 1, -1, -1):
        if time.monotonic() > deadline:
            return hits[::-1], len(lines) - 1 - number
        if pattern.found_in(lines[number]):
            hits.append(number)
    return hits[::-1], len(lines)


def _around(lines: Sequence[str], hit: int) -> tuple[int, int]:
    start, end = hit, hit + 1
    while start > max(0, hit - LONGEST_TRACE) and continues(lines[start]):
        start -= 1
    while end < min(len(lines), hit + LONGEST_TRACE) and continues(lines[end]):
        end += 1
    return max(0, min(start, hit - CONTEXT)), min(len(lines), max(end, hit + 1 + CONTEXT))
