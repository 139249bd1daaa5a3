"""What the logs complain about now, by workload: known signs, stack traces, and errors that are neither."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple, TypeVar

from .log_reader import ERROR, Complaint, LogReader, Origin, Thrown
from .snapshot import Log
from .world import RECENT, World

_STALE = timedelta(hours=1)
_Counted = TypeVar("_Counted", Complaint, Thrown)


class _Read(NamedTuple):
    """What all logs say, as it was found."""

    signs: list[Complaint]
    thrown: list[Thrown]
    others: list[Complaint]
    faded: list[Complaint]


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
        return sorted(self._read.signs, key=lambda each: -each.count)

    @cached_property
    def thrown(self) -> list[Thrown]:
        """Recent stack traces, one for each place that throws, the most frequent first."""
        return sorted(self._read.thrown, key=lambda each: -each.count)

    @cached_property
    def others(self) -> list[Complaint]:
        """Recent lines of severity error or above that have neither a known sign nor belong to a trace."""
        return sorted(self._read.others, key=lambda each: -each.count)

    @property
    def faded(self) -> list[Complaint]:
        """Complaints with a known sign from the same time that their logs have since left behind."""
        return self._read.faded

    def of(self, workload: str) -> list[Complaint]:
        """The complaints of one workload (`kind/name`)."""
        return [each for each in self.signs if each.workload == workload]

    def thrown_by(self, workload: str) -> list[Thrown]:
        """The stack traces of one workload."""
        return [each for each in self.thrown if each.workload == workload]

    @cached_property
    def _read(self) -> _Read:
        signs: dict[Hashable, Complaint] = {}
        thrown: dict[Hashable, Thrown] = {}
        others: dict[Hashable, Complaint] = {}
        faded: dict[Hashable, Complaint] = {}
        for log in sorted(self._world.snapshot.logs, key=self._is_well):
            if log.pod in self._world.system_pods or self._is_history(log):
                continue
            reader = LogReader(log, self._origin(log))
            for trace in reader.traces():
                _add(thrown, trace)
            for complaint in reader.complaints():
                _add(others if complaint.sign.kind == ERROR else signs, complaint)
            for complaint in reader.faded():
                if complaint.sign.kind != ERROR:
                    _add(faded, complaint)
        return _Read(
            list(signs.values()),
            list(thrown.values()),
            list(others.values()),
            list(faded.values()),
        )

    def _is_well(self, log: Log) -> bool:
        """Logs of sick pods come first: the first pod that says something stands for all that do."""
        pod = self._world.pods.get(log.pod)
        return pod is None or pod.ready

    def _is_history(self, log: Log) -> bool:
        """What an instance wrote before it ended long ago, of a pod that has served since; its lines may carry no time."""
        pod = self._world.pods.get(log.pod)
        if not log.previous or pod is None or not pod.ready:
            return False
        ends = [
            each.ending.finished
            for each in pod.all_containers
            if log.container in ("", each.name) and each.ending and each.restarts
        ]
        return bool(ends) and not any(self._world.is_recent(when) for when in ends)

    def _origin(self, log: Log) -> Origin:
        pod = self._world.pods.get(log.pod)
        broken = pod is not None and not pod.ready
        since = None if log.previous and broken else self.clock - RECENT
        return Origin(self._owner(log.pod), pod.node if pod else "", since, settled=not broken)

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


def _add(found: dict[Hashable, _Counted], new: _Counted) -> None:
    old = found.get(new.kind)
    if old is None:
        found[new.kind] = new
    else:
        found[new.kind] = replace(
            old, count=old.count + 1, last=new.last or old.last, line=new.line
        )
