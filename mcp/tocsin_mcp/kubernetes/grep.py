"""Finding lines in logs: safe patterns, and matches that keep their stack trace whole."""

from __future__ import annotations

import re
from collections.abc import Sequence
from re import Pattern

from tocsin_mcp.kit.errors import BadArgument

LONGEST_PATTERN = 200
CONTEXT = 2
LONGEST_TRACE = 60

_LINE_SEARCHED = 4096
_TRACE = re.compile(
    r"\s+\S"  # indented: frames of most languages, wrapped messages
    r"|at\s+\S"
    r"|File \""
    r"|Caused by:|Suppressed:|\.\.\. \d+ more"
    r"|--- End of|---> "
    r"|Traceback \(most recent|During handling of|The above exception"
    r"|goroutine \d+ \[|created by "
    r"|[\w./*()]+\(.{0,200}\)$"  # Go: the function line above a file line
    r"|\w+(?:\.\w+)*(?:Error|Exception|Exit|Interrupt)(?::|$)"
    r"|\t"
)
_REPEAT = re.compile(r"[*+]|\{\d*,?\d*\}")
_CLASS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]")


def compile_pattern(text: str) -> Pattern[str]:
    """A case-insensitive pattern; text that is no valid regular expression is searched for literally.

    Raises BadArgument for a pattern that is too long or could take exponential time: a repeated group that itself
    repeats or offers alternatives, or a back-reference.
    """
    if len(text) > LONGEST_PATTERN:
        raise BadArgument("grep", f"at most {LONGEST_PATTERN} characters, got {len(text)}.")
    try:
        pattern = re.compile(text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError):
        return re.compile(re.escape(text), re.IGNORECASE)
    if _explosive(text):
        raise BadArgument(
            "grep",
            "this pattern repeats a group that itself repeats or has alternatives, which can take for ever. Use a "
            "plain substring, or alternatives without a repeat, like `timeout|refused`.",
        )
    return pattern


def matches(pattern: Pattern[str], line: str) -> bool:
    """Whether the first 4 KiB of a line match."""
    return pattern.search(line[:_LINE_SEARCHED]) is not None


def is_trace(line: str) -> bool:
    """Whether a line continues a stack trace or a message, rather than beginning a record."""
    return bool(_TRACE.match(line))


def keep(lines: Sequence[str], pattern: Pattern[str], most: int) -> tuple[list[range], int]:
    """Stretches of lines to show, in order and not overlapping, and how many lines match in all.

    Of more than `most` matches the last ones are kept. Each brings CONTEXT lines on both sides, and the whole trace
    that it begins or belongs to.
    """
    hits = [number for number, line in enumerate(lines) if matches(pattern, line)]
    stretches: list[range] = []
    for hit in hits[-most:]:
        start, end = _around(lines, hit)
        if stretches and start <= stretches[-1].stop:
            stretches[-1] = range(stretches[-1].start, max(end, stretches[-1].stop))
        else:
            stretches.append(range(start, end))
    return stretches, len(hits)


def _around(lines: Sequence[str], hit: int) -> tuple[int, int]:
    start = hit
    while start > max(0, hit - LONGEST_TRACE) and is_trace(lines[start]):
        start -= 1
    end = hit + 1
    while end < min(len(lines), hit + LONGEST_TRACE) and is_trace(lines[end]):
        end += 1
    return max(0, min(start, hit - CONTEXT)), min(len(lines), max(end, hit + 1 + CONTEXT))


def _explosive(text: str) -> bool:
    """Whether a repeated group holds a repeat or alternatives, or the text a back-reference."""
    if re.search(r"\\[1-9]|\(\?P=", text):
        return True
    bare = _CLASS.sub("x", text)
    inside: list[bool] = []
    for position, character in enumerate(bare):
        if character == "(":
            inside.append(False)
        elif character == ")" and inside:
            risky = inside.pop()
            repeated = bool(_REPEAT.match(bare, position + 1))
            if risky and repeated:
                return True
            if inside and (risky or repeated):
                inside[-1] = True
        elif inside and (character == "|" or _REPEAT.match(bare, position)):
            inside[-1] = True
    return bare.count("*") + bare.count("+") > 4
