"""What the cluster's tools have shown: workloads, pods, events, and who talks to whom."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.simulators.messages_api.stand_in import tables
from bot.simulators.messages_api.stand_in.transcript import Call, Transcript

_KINDS = ("deployment", "statefulset", "daemonset", "job", "cronjob", "replicaset")
_SUFFIX = re.compile(r"(?:-[a-z0-9]{6,10}-[a-z0-9]{5}|-\d+|-[a-z0-9]{5})$")


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload as a list showed it. Counts are None when the list had none."""

    kind: str
    name: str
    ready: int | None
    desired: int | None
    line: str
    call: Call

    @property
    def ref(self) -> str:
        """`kind/name`."""
        return f"{self.kind}/{self.name}"


@dataclass(slots=True)
class Pod:
    """A pod as a list showed it. `why` says why it is unhealthy, empty when it is not."""

    name: str
    ready: int
    wanted: int
    status: str
    restarts: int
    line: str
    call: Call
    why: str = ""
    why_line: str = ""

    @property
    def sick(self) -> bool:
        """Not ready although it should be."""
        done = self.status in ("Completed", "Succeeded", "Terminating")
        return bool(self.why) or (not done and self.ready < self.wanted)


@dataclass(slots=True)
class ClusterView:
    """The newest state that the transcript shows."""

    workloads: dict[str, Workload] = field(default_factory=dict)
    pods: dict[str, Pod] = field(default_factory=dict)
    events: list[tuple[tables.Event, Call]] = field(default_factory=list)
    addresses: dict[str, list[tuple[str, str, Call]]] = field(default_factory=dict)
    """Hosts that a workload's settings name: (host, line, call), by the workload's name."""
    now: str = ""
    """The time of the newest look, RFC 3339; empty when no result told it."""

    def owner(self, pod: str) -> str:
        """The workload that a pod belongs to, by their names."""
        fitting = [name for name in self.workloads if pod == name or pod.startswith(f"{name}-")]
        return max(fitting, key=len) if fitting else _SUFFIX.sub("", pod)

    def ref(self, name: str) -> str:
        """`kind/name` of a workload; a deployment when its kind is not known."""
        known = self.workloads.get(name)
        return known.ref if known else f"deployment/{name}"

    def pods_of(self, name: str) -> list[Pod]:
        """The pods of a workload."""
        return [pod for pod in self.pods.values() if self.owner(pod.name) == name]

    def events_of(self, name: str) -> list[tuple[tables.Event, Call]]:
        """Events of a workload and of what belongs to it by name."""
        return [
            (event, call)
            for event, call in self.events
            if event.name == name or self.owner(event.name) == name
        ]

    def names(self) -> list[str]:
        """All workloads that are known, listed or not."""
        return list(dict.fromkeys([*self.workloads, *map(self.owner, self.pods)]))


def read_cluster(transcript: Transcript) -> ClusterView:
    """Put together what list and describe calls returned, newer results over older ones."""
    view = ClusterView()
    for call in transcript.calls:
        if call.failed:
            continue
        if call.action == "list_workloads":
            _take_workloads(view, call)
        elif call.action in ("list_pods", "describe_workload"):
            _take_pods(view, call)
        if call.action in ("list_events", "describe_workload", "describe_pod"):
            view.events += [(event, call) for event in tables.events(call.lines)]
        if call.action in ("describe_workload", "describe_pod"):
            _take_addresses(view, call)
        if call.action.startswith("list_") and call.action != "list_commits":
            view.now = max(view.now, tables.latest_stamp(call.lines[:2]))
    return view


def _take_workloads(view: ClusterView, call: Call) -> None:
    for row in tables.rows(call.lines):
        name = row.get("WORKLOAD", "NAME", "DEPLOYMENT", "OBJECT")
        kind, slash, bare = name.partition("/")
        if not slash:
            kind, bare = row.get("KIND") or "deployment", name
        ready, desired = _fraction(row.get("READY", "AVAILABLE", "REPLICAS"))
        if row.get("DESIRED").isdigit():
            desired = int(row.get("DESIRED"))
        if bare and kind.lower() in _KINDS:
            view.workloads[bare] = Workload(kind.lower(), bare, ready, desired, row.line, call)


def _take_pods(view: ClusterView, call: Call) -> None:
    for row in tables.rows(call.lines):
        name = row.get("POD", "NAME")
        ready, wanted = _fraction(row.get("READY"))
        if not name or ready is None or wanted is None or "POD" not in row.cells:
            continue
        restarts = re.match(r"\d+", row.get("RESTARTS"))
        view.pods[name] = Pod(
            name=name,
            ready=ready,
            wanted=wanted,
            status=row.get("STATUS", "PHASE"),
            restarts=int(restarts[0]) if restarts else 0,
            line=row.line,
            call=call,
        )
    for names, why, line in tables.reasons(call.lines):
        for name in names:
            if name in view.pods:
                view.pods[name].why, view.pods[name].why_line = why, line


def _take_addresses(view: ClusterView, call: Call) -> None:
    name = str(call.arguments.get("name", "")).rpartition("/")[2]
    subject = name if call.action == "describe_workload" else view.owner(name)
    found = [(host, line, call) for host, line in tables.addresses(call.lines)]
    known = view.addresses.setdefault(subject, [])
    known += [item for item in found if item[0] not in {host for host, _, _ in known}]


def _fraction(text: str) -> tuple[int | None, int | None]:
    found = re.match(r"(\d+)\s*/\s*(\d+)", text)
    if found:
        return int(found[1]), int(found[2])
    return (int(text), None) if text.isdigit() else (None, None)


def resolve(view: ClusterView, hosts: Iterable[str]) -> list[str]:
    """The hosts that are workloads of the namespace."""
    known = set(view.names())
    return [host for host in dict.fromkeys(hosts) if host in known]
