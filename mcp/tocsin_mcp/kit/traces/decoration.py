"""Lines without what a logger puts in front of each, so that a trace printed line by line looks as its language prints it."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MARK = re.compile(
    r"Traceback \(most recent call last\)|goroutine \d+ [^\[]{0,80}\[|\t/\S+\.go:\d+|  File \"|\tat |  +at [\w$.<]|\tfrom |(?<=\s)[\w./-]+\.(?:rb|ru|rake|erb):\d+(?::in|$)"
)
_GROUP = re.compile(r"^\s{2,}[|+] ?(?:Exception Group )?")
_GROUP_RULE = re.compile(r"^\s+\+[-+]{3,}.*$")
_DIGIT = re.compile(r"\d")
_SHORTEST = 3
_ABOVE = 6


def undecorated(lines: Sequence[str]) -> list[str]:
    """As many lines; those of one trace that all begin with the same prefix, digits apart, lose it."""
    plain = [_ungrouped(line) for line in lines]
    number = 0
    while number < len(plain):
        mark = _MARK.search(plain[number])
        width = mark.start() if mark else 0
        prefix = plain[number][:width]
        if width < _SHORTEST or not prefix.strip():
            number += 1
            continue
        number = max(_strip(plain, number, prefix), number + 1)
    return plain


def _ungrouped(line: str) -> str:
    """Python draws exception groups with bars."""
    if _GROUP_RULE.match(line):
        return ""
    return _GROUP.sub("", line) if _GROUP.match(line) else line


def _strip(lines: list[str], start: int, prefix: str) -> int:
    """Takes the prefix off the lines around `start`; the number of the first line below without it."""
    shape, width = _DIGIT.sub("0", prefix), len(prefix)

    def alike(number: int) -> bool:
        return _DIGIT.sub("0", lines[number][:width]) == shape

    end = start
    while end < len(lines) and alike(end):
        lines[end] = lines[end][width:]
        end += 1
    if end - start == 1:
        lines[start] = prefix + lines[start]  # a single line is no trace printed line by line
        return end
    for number in range(start - 1, max(-1, start - 1 - _ABOVE), -1):
        if not alike(number):
            break
        lines[number] = lines[number][width:]
    return end
