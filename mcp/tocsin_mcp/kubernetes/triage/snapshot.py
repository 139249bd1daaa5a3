"""All that the rules see: objects, events and logs of one namespace at one moment, whatever they were read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from .objects import Json

SYSTEM_PODS = "system_pods"
SYSTEM_DAEMONS = "system_daemonsets"
SYSTEM_DEPLOYMENTS = "system_deployments"
"""Kinds for what runs in kube-system, kept apart from the namespace's own."""

CLUSTER_WIDE = frozenset(
    {
        "nodes",
        "persistentvolumes",
        "storageclasses",
        "namespaces",
        "ingressclasses",
        "priorityclasses",
    }
)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a log. `time` is when it was written, None when unknown."""

    time: datetime | None
    text: str


@dataclass(frozen=True, slots=True)
class Log:
    """The last lines of one container, oldest first; `previous` is the instance before its last restart."""

    pod: str
    container: str
    lines: tuple[LogLine, ...]
    previous: bool = False


@dataclass(frozen=True, slots=True)
class Rollout:
    """A change that somebody recorded: a rollout or a flag."""

    time: datetime
    object: str
    what: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What a container used at the moment: cores, and the share of periods in which it was throttled (0..1)."""

    pod: str
    container: str
    cpu: float | None = None
    throttled: float | None = None


@dataclass(frozen=True)
class Snapshot:
    """`objects` maps a plural (`pods`, `resourcequotas`) to objects as the API returns them.

    A plural that is absent could not be read; one with no objects was read and is empty. `notes` say what could not be
    read.
    """

    namespace: str
    now: datetime
    objects: Mapping[str, tuple[Json, ...]] = field(repr=False)
    logs: tuple[Log, ...] = field(default=(), repr=False)
    rollouts: tuple[Rollout, ...] = ()
    usage: tuple[Usage, ...] = ()
    notes: tuple[str, ...] = ()

    def all(self, kind: str) -> tuple[Json, ...]:
        """The objects of a kind; none when they are unknown."""
        return self.objects.get(kind, ())

    def knows(self, kind: str) -> bool:
        """Whether objects of this kind were read, so that a missing one is missing."""
        return kind in self.objects

    def with_logs(self, logs: tuple[Log, ...]) -> Snapshot:
        """The same moment with these logs."""
        return Snapshot(
            self.namespace, self.now, self.objects, logs, self.rollouts, self.usage, self.notes
        )
