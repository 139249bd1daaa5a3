"""What the logs complain about now, by workload: known signs, stack traces, and errors that are neither."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import TypeVar

from tocsin_mcp.kit.traces import Trace, read_traces, unfolded

from .signatures import Sign, read_sign, worth_reading
from .snapshot import Log, LogLine
from .telemetry import is_telemetry
from .world import RECENT, World

_STALE = timedelta(hours=6)
_MOST_LINES = 1500
_SEVERE = re.compile(
    r"\b(?:error|fatal|critical|panic|severe|emerg|alert)\b|\b(?:fail|crit|ftl|err):|Exception\b|Traceback|^[EF]\d{4} ",
    re.IGNORECASE,
)
_MILD = frozenset({"debug", "trace", "info", "information", "notice", "warn", "warning"})
_LEVEL_KEYS = ("severity", "level", "levelname", "log.level", "lvl")
_NOT_MEANT = re.compile(
    r"\berrors?[\"']?\s*[:=]\s*(?:0\b|null|none|nil|\"\"|false)|\b(?:0|no) (?:errors|failures)\b",
    re.IGNORECASE,
)
_SHAPE = re.compile(r"[0-9a-f-]{8,}|\d+|\"[^\"]{0,80}\"|'[^']{0,80}'")
_NAMES_EXCEPTION = re.compile(
    r"^\s*(?:Caused by: |Suppressed: |-+> )?[\w.$]*(?:Exception|Error|Failure|Fault|panic|Panic)\b"
)
ERROR = "error"
"""The kind of a sign that only says that something is an error."""

_NUMBERED = {10: "debug", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}


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


_Counted = TypeVar("_Counted", Complaint, Thrown)


class Complaints:
    """Reads all logs once, at the first question."""

    def __init__(self, world: World) -> None:
        self._world = world

    @cached_property
    def clock(self) -> datetime:
        """The moment that log times are compared with: the present, or the newest line of a recording made long before it."""
        times = [
            line.time for log in self._world.snapshot.logs for line in log.lines[-1:] if line.time
        ]
        newest = max(times, default=self._world.now)
        return newest if self._world.now - newest > _STALE else self._world.now

    @cached_property
    def signs(self) -> list[Complaint]:
        """Recent complaints with a known sign, the most frequent first."""
        return sorted(self._read[0], key=lambda each: -each.count)

    @cached_property
    def thrown(self) -> list[Thrown]:
        """Recent stack traces, one for each place that throws, the most frequent first."""
        return sorted(self._read[1], key=lambda each: -each.count)

    @cached_property
    def others(self) -> list[Complaint]:
        """Recent lines of severity error or above that have neither a known sign nor belong to a trace."""
        return sorted(self._read[2], key=lambda each: -each.count)

    def of(self, workload: str) -> list[Complaint]:
        """The complaints of one workload (`kind/name`)."""
        return [each for each in self.signs if each.workload == workload]

    def thrown_by(self, workload: str) -> list[Thrown]:
        """The stack traces of one workload."""
        return [each for each in self.thrown if each.workload == workload]

    @cached_property
    def _read(self) -> tuple[list[Complaint], list[Thrown], list[Complaint]]:
        signs: dict[object, Complaint] = {}
        thrown: dict[object, Thrown] = {}
        others: dict[object, Complaint] = {}
        for log in self._world.snapshot.logs:
            if log.pod in self._world.system_pods:
                continue
            reader = self._reader(log)
            for trace in reader.traces():
                place = str(trace.trace.frame)
                _add(thrown, (trace.workload, trace.trace.exception, place), trace)
            for complaint in reader.complaints():
                known = complaint.sign.kind != ERROR
                shape = "" if known else _SHAPE.sub("#", complaint.line)[:80]
                key = (complaint.workload, complaint.sign, complaint.node, shape)
                _add(signs if known else others, key, complaint)
        return list(signs.values()), list(thrown.values()), list(others.values())

    def _reader(self, log: Log) -> _Reader:
        pod = self._world.pods.get(log.pod)
        since = None if log.previous and pod and not pod.ready else self.clock - RECENT
        return _Reader(log, self._owner(log.pod), pod.node if pod else "", since)

    def _owner(self, name: str) -> str:
        """The workload of a pod; a log may outlive its pod, or be recorded for a whole workload."""
        pod = self._world.pods.get(name)
        if pod:
            return self._world.owner(pod)
        of_pods = [
            each for each in self._world.workloads.values() if name.startswith(f"{each.name}-")
        ]
        found = self._world.named(name) or max(
            of_pods, key=lambda each: len(each.name), default=None
        )
        return found.ref if found else f"pod/{name}"


class _Reader:
    """One log; what is older than `since` does not count."""

    def __init__(self, log: Log, owner: str, node: str, since: datetime | None) -> None:
        self._log, self._owner, self._node, self._since = log, owner, node, since
        self._lines = [each for line in log.lines[-_MOST_LINES:] for each in _expanded(line)]
        self._traces = read_traces([line.text for line in self._lines])

    def traces(self) -> Iterable[Thrown]:
        for trace in self._traces:
            when = self._lines[trace.first].time
            if self._counts(when) and trace.frame:
                line = trace.header.strip() or self._lines[trace.first].text.strip()
                previous = self._log.previous
                yield Thrown(self._owner, self._log.pod, trace, line, 1, when, when, previous)

    def complaints(self) -> Iterable[Complaint]:
        """Of a trace the lines that name an exception count, since drivers say there what is wrong; its frames do not."""
        inside = {
            number for trace in self._traces for number in range(trace.first + 1, trace.last + 1)
        }
        for number, line in enumerate(self._lines):
            within = number in inside
            if not self._counts(line.time) or (within and not _NAMES_EXCEPTION.search(line.text)):
                continue
            sign = _sign(line.text)
            if (
                sign
                and not (within and sign.kind == ERROR)
                and not is_telemetry(line.text, sign.host)
            ):
                yield self._complaint(sign, line)

    def _complaint(self, sign: Sign, line: LogLine) -> Complaint:
        return Complaint(
            self._owner,
            self._log.pod,
            self._node,
            sign,
            line.text.strip(),
            1,
            line.time,
            line.time,
            self._log.previous,
        )

    def _counts(self, when: datetime | None) -> bool:
        return when is None or self._since is None or when >= self._since


def _sign(text: str) -> Sign | None:
    if not worth_reading(text) or _NOT_MEANT.search(text):
        return None
    sign = read_sign(text)
    if sign:
        return sign
    return Sign(ERROR) if _is_severe(text) else None


def _add(found: dict[object, _Counted], key: object, new: _Counted) -> None:
    old = found.get(key)
    if old is None:
        found[key] = new
    else:
        found[key] = replace(old, count=old.count + 1, last=new.last or old.last, line=new.line)


def _expanded(line: LogLine) -> list[LogLine]:
    """A record that holds a stack trace, as the lines that it stands for."""
    return [LogLine(line.time, part) for part in unfolded(line.text)]


def _record(text: str) -> dict[str, object]:
    if not text.startswith("{"):
        return {}
    try:
        record = json.loads(text)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _is_severe(text: str) -> bool:
    record = _record(text)
    level = next((record[key] for key in _LEVEL_KEYS if key in record), None)
    if isinstance(level, int):
        level = _NUMBERED.get(level, "info")
    if isinstance(level, str):
        return level.lower() not in _MILD
    return bool(_SEVERE.search(text[:300]))
