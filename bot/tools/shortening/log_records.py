"""A log as records: a line and what belongs to it, such as the frames of its stack trace. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

_TIME = (
    r"(?:\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d|\d\d:\d\d:\d\d|\[\d{4}-\d\d-\d\d"
    r"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d{1,2} \d\d:\d\d:\d\d|[IWEF]\d{4} \d\d:\d\d:\d\d)"
)
_POD = r"(?:\[[\w./-]{1,120}\] ?|[\w./-]{1,120}[:|] ?)?"
_START = re.compile(rf"^{_POD}(?:{_TIME}|\{{\s*\"|(?:time|ts|level|lvl)=)")
_CONTINUED = re.compile(
    r"^(?:\s+\S|at |Caused by|Suppressed:|Traceback|During handling|The above exception|\.\.\. \d+ more|goroutine \d|\t"
    r"|created by |--- End of|[\w.$]+(?:Error|Exception)\b)"
)
_ERROR = re.compile(
    r"error|exception|fatal|panic|fail|warn|crit|traceback|denied|refused|timeout|timed out|unavailable|abort|oom|kill"
    r"|unable|cannot|could not|invalid|status\"?[:=] ?\"?5\d\d"
)
"""In lower case: searching that is several times as fast as ignoring case."""
_EVENT = re.compile(r"(?:^|\s)(?:Normal|Warning)\s+[A-Z]\w+\s+\S+")
"""A Kubernetes event, with its reason: two of one kind are about different objects, and both matter."""
_LOG_SHARE = 0.4
_LEAST_RECORDS = 8


class Record(NamedTuple):
    """One log record: its own line, and the lines that belong to it."""

    line: str
    more: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it, as it was."""
        return "\n".join((self.line, *self.more))

    @property
    def is_error(self) -> bool:
        """Whether it tells of something that went wrong; anything with a stack trace counts."""
        return bool(self.more) or tells_of_error(self.line)


class Log(NamedTuple):
    """A text that is a log: what stands before the first record, and the records."""

    head: tuple[str, ...]
    records: tuple[Record, ...]


def tells_of_error(line: str) -> bool:
    """Whether a line has a word in it that tells of something that went wrong."""
    return bool(_ERROR.search(line.lower()))


def read(text: str) -> Log | None:
    """The text as a log, or None when it is something else (source code, events, a table, a short answer)."""
    lines = text.splitlines()
    if sum(bool(_EVENT.search(line)) for line in lines) > _LOG_SHARE * len(lines):
        return None
    starts = [bool(_START.match(line)) for line in lines]
    if sum(starts) < _LEAST_RECORDS or sum(starts) < _LOG_SHARE * len(lines):
        return None
    first = starts.index(True)
    return Log(tuple(lines[:first]), tuple(_records(lines[first:], starts[first:])))


def _records(lines: Sequence[str], starts: Sequence[bool]) -> list[Record]:
    records: list[Record] = []
    for line, starts_one in zip(lines, starts, strict=True):
        belongs = (
            bool(records)
            and not starts_one
            and (bool(records[-1].more) or bool(_CONTINUED.match(line)))
        )
        if belongs and line.strip() != "--":
            last = records[-1]
            records[-1] = Record(last.line, (*last.more, line))
        elif line.strip() and line.strip() != "--":  # `--` only separates what grep left out
            records.append(Record(line))
    return records
