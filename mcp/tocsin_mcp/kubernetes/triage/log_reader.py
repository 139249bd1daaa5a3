"""One log: what it complains about now. What it said once, before it went on for long without saying it, is over."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

from tocsin_mcp.kit.traces import Trace, read_traces, unfolded

from .own_times import own_time
from .phrases import is_answer
from .severity import is_harmless, is_severe
from .signatures import Sign, read_sign, worth_reading
from .snapshot import Log, LogLine
from .telemetry import is_of_mesh, is_telemetry

ERROR = "error"
"""The kind of a sign that only says that something is an error."""

_MOST_LINES = 1500
_SHAPE = re.compile(r"[0-9a-f-]{8,}|\d+|\"[^\"]{0,80}\"|'[^']{0,80}'")
_NAMES_EXCEPTION = re.compile(
    r"^\s*(?:Caused by: |Suppressed: |-+> )?[\w.$]*(?:Exception|Error|Failure|Fault|panic|Panic)\b"
    r"|^\s*(?:at .{1,300} )?\{? *(?:errno: .{1,12}, )?code: '"
)
_NEAR = 20
"""A line without a time of its own is as old as the nearest one so many lines above."""

_QUIET_LINES = 30
_QUIET_TIME = timedelta(minutes=5)
_QUIET_GAPS = 3
"""A complaint is over when the log has since gone on for so many lines or so long, and for so many times its usual gap."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One kind of complaint of one workload: `line` is its newest line, `count` how many were recent."""

    workload: str
    pod: str
    node: str
    sign: Sign
    line: str
    count: int
    first: datetime | None
    last: datetime | None
    previous: bool
    answer: bool
    """Whether it passes on what a callee answered."""

    @property
    def kind(self) -> Hashable:
        """Equal for complaints of the same kind of the same workload."""
        shape = _SHAPE.sub("#", self.line)[:80] if self.sign.kind == ERROR else ""
        return self.workload, self.sign, self.node, shape, self.answer


@dataclass(frozen=True, slots=True)
class Thrown:
    """A stack trace, with the line that names its exception."""

    workload: str
    pod: str
    trace: Trace
    line: str
    count: int
    first: datetime | None
    last: datetime | None
    previous: bool

    @property
    def kind(self) -> Hashable:
        """Equal for the same exception from the same place."""
        return self.workload, self.trace.exception, str(self.trace.frame)


_Either = TypeVar("_Either", Complaint, Thrown)


@dataclass(frozen=True, slots=True)
class Origin:
    """Whose log it is. What is older than `since` does not count; `settled`: its pod serves, so it may have recovered."""

    workload: str
    node: str
    since: datetime | None
    settled: bool


class LogReader:
    """Reads one log."""

    def __init__(self, log: Log, origin: Origin) -> None:
        self._log, self._origin = log, origin
        self._lines = [each for line in log.lines[-_MOST_LINES:] for each in _expanded(line)]
        self._traces = read_traces([line.text for line in self._lines])

    def traces(self) -> Iterable[Thrown]:
        """Stack traces with frames of the program's own code."""
        found = ((trace.last, self._thrown(trace)) for trace in self._traces if trace.frame)
        return self._sorted(found)[0]

    def complaints(self) -> Iterable[Complaint]:
        """What is complained about now."""
        return self._complaints[0]

    def faded(self) -> Iterable[Complaint]:
        """What was complained about within the same time, and is no more."""
        return self._complaints[1]

    @cached_property
    def _complaints(self) -> tuple[list[Complaint], list[Complaint]]:
        """Of a trace the lines that name an exception count, since drivers say there what is wrong; its frames do not."""
        inside = {
            number for trace in self._traces for number in range(trace.first + 1, trace.last + 1)
        }
        return self._sorted(
            (number, self._complaint(sign, line))
            for number, line in enumerate(self._lines)
            if (number not in inside or _NAMES_EXCEPTION.search(line.text))
            and (sign := _sign(line.text))
            and not (number in inside and sign.kind == ERROR)
            and not is_telemetry(line.text, sign.host)
            and not (self._origin.settled and is_of_mesh(line.text))
        )

    def _sorted(self, found: Iterable[tuple[int, _Either]]) -> tuple[list[_Either], list[_Either]]:
        """What lasts, and what is over."""
        by_kind: dict[Hashable, list[tuple[int, _Either]]] = {}
        for number, each in found:
            if self._counts(each.last):
                by_kind.setdefault(each.kind, []).append((number, each))
        lasting: list[_Either] = []
        over: list[_Either] = []
        for group in by_kind.values():
            is_over = self._is_over([number for number, _ in group])
            (over if is_over else lasting).extend(each for _, each in group)
        return lasting, over

    def _is_over(self, numbers: list[int]) -> bool:
        if not self._origin.settled:
            return False
        first, last, end = numbers[0], numbers[-1], len(self._lines) - 1
        usual = (last - first) / (len(numbers) - 1) if len(numbers) > 1 else first
        if end - last >= _QUIET_LINES and end - last > _QUIET_GAPS * usual:
            return True
        began, said, newest = self._times((first, last, end))
        if not (began and said and newest):
            return False
        gap = (said - began) / max(1, len(numbers) - 1)
        return newest - said >= _QUIET_TIME and newest - said > _QUIET_GAPS * gap

    def _times(self, numbers: Sequence[int]) -> list[datetime | None]:
        """When these lines were received; where nobody wrote that down, what they say themselves, in whatever zone."""
        received = [self._lines[number].time for number in numbers]
        return received if any(received) else [self._said_at(number) for number in numbers]

    def _said_at(self, number: int) -> datetime | None:
        near = self._lines[max(0, number - _NEAR) : number + 1]
        return next((when for line in reversed(near) if (when := own_time(line.text))), None)

    def _thrown(self, trace: Trace) -> Thrown:
        when = self._lines[trace.first].time
        line = trace.header.strip() or self._lines[trace.first].text.strip()
        log = self._log
        return Thrown(self._origin.workload, log.pod, trace, line, 1, when, when, log.previous)

    def _complaint(self, sign: Sign, line: LogLine) -> Complaint:
        log, origin = self._log, self._origin
        said, when = line.text.strip(), line.time
        return Complaint(
            origin.workload,
            log.pod,
            origin.node,
            sign,
            said,
            1,
            when,
            when,
            log.previous,
            is_answer(said),
        )

    def _counts(self, when: datetime | None) -> bool:
        since = self._origin.since
        return when is None or since is None or when >= since


def _sign(text: str) -> Sign | None:
    if not worth_reading(text) or is_harmless(text):
        return None
    sign = read_sign(text)
    if sign:
        return sign
    return Sign(ERROR) if is_severe(text) else None


def _expanded(line: LogLine) -> list[LogLine]:
    """A record that holds a stack trace, as the lines that it stands for."""
    return [LogLine(line.time, part) for part in unfolded(line.text)]
