"""What the logs have shown, by workload."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.simulators.messages_api.stand_in.cluster import ClusterView
from bot.simulators.messages_api.stand_in.log_errors import (
    LoggedError,
    find_errors,
    last_words,
    log_lines,
    newest_time,
    single,
)
from bot.simulators.messages_api.stand_in.stack_traces import Trace, find_traces
from bot.simulators.messages_api.stand_in.transcript import Call, Transcript

STALE = timedelta(minutes=25)
"""An error older than this is history: the alarm may be over."""


@dataclass(frozen=True, slots=True)
class LogView:
    """One log that was read."""

    subject: str
    """The workload whose log it is."""
    call: Call
    errors: tuple[LoggedError, ...]
    traces: tuple[Trace, ...]

    @property
    def of_crash(self) -> bool:
        """The log of a container that has ended."""
        return bool(self.call.arguments.get("previous"))

    @property
    def own_trace(self) -> Trace | None:
        """The most frequent exception of its own code that is not about somebody else being unreachable."""
        for trace in self.traces:
            told = find_errors([trace.head, f"error: {trace.message}"])
            if not any(error.unreachable for error in told):
                return trace
        return None

    @property
    def accused(self) -> tuple[str, ...]:
        """Hosts that its errors name, the most frequent first."""
        return tuple(dict.fromkeys(host for error in self.errors for host in error.hosts))


def read_logs(transcript: Transcript, view: ClusterView) -> list[LogView]:
    """All logs that were read, oldest call first."""
    views: list[LogView] = []
    for call in transcript.results("read_logs"):
        subject = _subject(call.arguments, view)
        lines = log_lines(call.lines)
        errors = find_errors(lines)
        if call.arguments.get("previous"):
            errors = errors or last_words(lines[1:])
        else:
            errors = [error for error in errors if not _stale(error.line, view.now)]
        traces = find_traces([single(line) for line in lines]) if errors else []
        views.append(LogView(subject, call, tuple(errors), tuple(traces)))
    return views


def _subject(arguments: Mapping[str, object], view: ClusterView) -> str:
    workload = str(arguments.get("workload") or "").rpartition("/")[2]
    return workload or view.owner(str(arguments.get("pod") or ""))


def _stale(line: str, now: str) -> bool:
    when, present = _moment(newest_time([line])), _moment(now)
    return when is not None and present is not None and present - when > STALE


def _moment(text: str) -> datetime | None:
    found = re.match(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)", text)
    return datetime.fromisoformat(f"{found[1]}T{found[2]}+00:00") if found else None
