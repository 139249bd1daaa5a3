"""What varies from one log record to the next of its kind: times, ids, addresses, numbers. Pure."""

from __future__ import annotations

import re

ANY = "<*>"
_MASKS = (
    re.compile(r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?"),
    re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d+)?\b"),
    re.compile(r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"),
    re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b"),
    re.compile(r"\b(?=[0-9a-fA-F]*\d)[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]{4,})*\b"),
    re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:ms|s|us|ns|m|h|%|[KMG]i?B?|B)?(?![\w.])"),
)
LEADING_TIME = re.compile(
    r"^(?:\d{4}-\d\d-\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\s*"
)
_VALUE = re.compile(r"(?<==)[^\s,;|&]+")


def mask(line: str) -> str:
    """The line with times, ids, addresses and numbers replaced by `<*>`."""
    for pattern in _MASKS:
        line = pattern.sub(ANY, line)
    return line


def kind_of(line: str) -> str:
    """What two records of one kind have in common: the masked line without the time it begins with."""
    return mask(LEADING_TIME.sub("", line))


def shape_of(kind: str) -> str:
    """A kind without the values that have a name: `path=/cart` and `path=/ads` are the same. What has no name counts."""
    return _VALUE.sub(ANY, kind)
