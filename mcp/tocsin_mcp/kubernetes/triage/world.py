"""The snapshot with its objects joined: pods to workloads, services to pods, names to what they stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from .happenings import Happening, happenings
from .implied import custom_of, deployments_of, revision_of
from .objects import Json, chosen, dig, entries, labels_of, moment, name_of, number, pairs, text
from .pods import PodFacts, owner_of
from .snapshot import SYSTEM_PODS, Log, Snapshot

RECENT = timedelta(minutes=15)
"""What happened within this time is taken for happening now: twice the longest back-off and more."""

_KINDS = {
    "deployments": "deployment",
    "statefulsets": "statefulset",
    "daemonsets": "daemonset",
    "jobs": "job",
    "replicasets": "replicaset",
}


@dataclass(frozen=True)
class Workload:
    """A controller of pods. `pods` are those that exist now; `controllers` the names that events may carry."""

    kind: str
    name: str
    item: Json
    desired: int
    ready: int
    pods: tuple[PodFacts, ...]
    controllers: tuple[tuple[str, str], ...]
    revisions: tuple[Json, ...]

    @property
    def ref(self) -> str:
        """`deployment/cart`."""
        return f"{self.kind}/{self.name}"

    @property
    def spec(self) -> Json:
        """The pod template's spec."""
        found = dig(self.item, "spec", "template", "spec")
        return found if isinstance(found, dict) else {}

    @property
    def labels(self) -> dict[str, str]:
        """The labels that its pods carry."""
        return labels_of(dig(self.item, "spec", "template"))

    @property
    def short(self) -> bool:
        """Whether fewer pods are ready than wanted."""
        return self.ready < self.desired


@dataclass(frozen=True)
class ServiceFacts:
    """A Service with the pods that its selector chooses. `ready` counts endpoints, else its ready pods; None when both are unknown."""

    name: str
    item: Json
    selector: Mapping[str, str]
    pods: tuple[PodFacts, ...]
    ready: int | None

    @property
    def ref(self) -> str:
        """`service/cart`."""
        return f"service/{self.name}"

    @property
    def ports(self) -> list[Json]:
        """The entries of `spec.ports`."""
        return entries(self.item, "spec", "ports")

    @property
    def external(self) -> bool:
        """Whether it is only a name for something outside, or is managed by hand."""
        return text(self.item, "spec", "type") == "ExternalName" or not self.selector


class World:
    """Joins a snapshot once; every property is computed at most once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.now: datetime = snapshot.now
        self.namespace = snapshot.namespace

    @cached_property
    def events(self) -> list[Happening]:
        """Events, newest first."""
        return happenings(self.snapshot.all("events"))

    def about(self, kind: str, name: str) -> list[Happening]:
        """The events of one object, newest first."""
        return self._events_by_object.get((kind.lower(), name), [])

    @cached_property
    def _events_by_object(self) -> dict[tuple[str, str], list[Happening]]:
        found: dict[tuple[str, str], list[Happening]] = {}
        for event in self.events:
            found.setdefault((event.kind.lower(), event.name), []).append(event)
        return found

    @cached_property
    def pods(self) -> dict[str, PodFacts]:
        """The namespace's pods by name."""
        facts = (PodFacts(item) for item in self.snapshot.all("pods"))
        return {pod.name: pod for pod in facts}

    @cached_property
    def system_pods(self) -> dict[str, PodFacts]:
        """The pods of kube-system by name, where the namespace is another one."""
        facts = (PodFacts(item) for item in self.snapshot.all(SYSTEM_PODS))
        return {pod.name: pod for pod in facts}

    @cached_property
    def workloads(self) -> dict[str, Workload]:
        """Workloads by `kind/name`; ReplicaSets only where no Deployment owns them."""
        owned = self._pods_by_owner
        found = (
            self._workload(kind, item, owned)
            for plural, kind in _KINDS.items()
            for item in self._items(plural)
            if kind != "replicaset" or not owner_of(item)[1]
        )
        custom = (
            self._workload(kind, item, owned)
            for (kind, _), item in custom_of(self.snapshot).items()
        )
        return {each.ref: each for each in (*found, *custom)}

    def _items(self, plural: str) -> tuple[Json, ...]:
        known = self.snapshot
        return deployments_of(known) if plural == "deployments" else known.all(plural)

    @cached_property
    def owners(self) -> dict[str, str]:
        """Pod name to the `kind/name` of its workload."""
        return {pod.name: each.ref for each in self.workloads.values() for pod in each.pods}

    def owner(self, pod: PodFacts) -> str:
        """The workload of a pod as `kind/name`, the pod itself when it has none."""
        return self.owners.get(pod.name, pod.ref)

    def named(self, name: str) -> Workload | None:
        """The workload of that name, Deployments first."""
        return next((each for each in self.workloads.values() if each.name == name), None)

    @cached_property
    def services(self) -> dict[str, ServiceFacts]:
        """Services by name."""
        ends = {name_of(item): item for item in self.snapshot.all("endpoints")}
        return {
            name_of(item): self._service(item, ends.get(name_of(item)))
            for item in self.snapshot.all("services")
        }

    def behind(self, service: ServiceFacts) -> list[Workload]:
        """The workloads whose pods a service would choose; that of its own name when it chooses none."""
        found = [each for each in self.workloads.values() if chosen(service.selector, each.labels)]
        same = self.named(service.name)
        return found or ([same] if same else [])

    def services_of(self, workload: Workload) -> list[ServiceFacts]:
        """The services that choose a workload's pods."""
        return [each for each in self.services.values() if chosen(each.selector, workload.labels)]

    @cached_property
    def by_address(self) -> dict[str, str]:
        """IP address to the name of the service or the workload's `kind/name` behind it."""
        found = {pod.ip: self.owner(pod).partition("/")[2] for pod in self.pods.values() if pod.ip}
        for service in self.services.values():
            found[text(service.item, "spec", "clusterIP")] = service.name
        return {address: name for address, name in found.items() if address not in ("", "None")}

    def logs_of(self, pod: str) -> list[Log]:
        """The logs of a pod, those before the last restart first."""
        return self._logs_by_pod.get(pod, [])

    @cached_property
    def _logs_by_pod(self) -> dict[str, list[Log]]:
        found: dict[str, list[Log]] = {}
        for log in sorted(self.snapshot.logs, key=lambda each: not each.previous):
            found.setdefault(log.pod, []).append(log)
        return found

    @cached_property
    def nodes(self) -> dict[str, Json]:
        """Nodes by name."""
        return {name_of(item): item for item in self.snapshot.all("nodes")}

    def is_recent(self, when: datetime | None) -> bool:
        """Whether a moment is within RECENT; an unknown one is."""
        return when is None or self.now - when <= RECENT

    @cached_property
    def _pods_by_owner(self) -> dict[tuple[str, str], list[PodFacts]]:
        sets = {name_of(item): owner_of(item) for item in self.snapshot.all("replicasets")}
        found: dict[tuple[str, str], list[PodFacts]] = {}
        for pod in self.pods.values():
            kind, name = pod.owner
            above = sets.get(name, ("", "")) if kind == "replicaset" else ("", "")
            if kind == "replicaset" and name not in sets and pod.hash:
                above = ("deployment", name.removesuffix(f"-{pod.hash}"))
            found.setdefault(above if above[1] else (kind, name), []).append(pod)
        return found

    def _workload(
        self, kind: str, item: Json, owned: Mapping[tuple[str, str], list[PodFacts]]
    ) -> Workload:
        name = name_of(item)
        revisions = self._revisions(kind, name)
        pods = tuple(owned.get((kind, name), ()))
        if not pods and kind == "deployment":
            pods = self._selected(item)
        current = [("replicaset", name_of(each)) for each in revisions[:1]]
        return Workload(
            kind=kind,
            name=name,
            item=item,
            desired=_desired(kind, item),
            ready=sum(1 for pod in pods if pod.ready and not pod.deleted),
            pods=pods,
            controllers=((kind, name), *current),
            revisions=revisions,
        )

    def _selected(self, item: Json) -> tuple[PodFacts, ...]:
        """Pods without any owner that a deployment's selector chooses: recordings may leave owners out."""
        selector = pairs(item, "spec", "selector", "matchLabels")
        return tuple(
            pod
            for pod in self.pods.values()
            if not pod.owner[1] and chosen(selector, labels_of(pod.item))
        )

    def _revisions(self, kind: str, name: str) -> tuple[Json, ...]:
        sets = self._sets_by_owner.get((kind, name), [])
        return tuple(sorted(sets, key=_revision, reverse=True))

    @cached_property
    def _sets_by_owner(self) -> dict[tuple[str, str], list[Json]]:
        found: dict[tuple[str, str], list[Json]] = {}
        for item in self.snapshot.all("replicasets"):
            found.setdefault(owner_of(item), []).append(item)
        return found

    def _service(self, item: Json, ends: Json | None) -> ServiceFacts:
        selector = pairs(item, "spec", "selector")
        picked = tuple(
            pod
            for pod in self.pods.values()
            if chosen(selector, labels_of(pod.item)) and not pod.finished
        )
        if ends is not None or self.snapshot.knows("endpoints"):
            addresses = [
                address
                for each in entries(ends, "subsets")
                for address in entries(each, "addresses")
            ]
            ready: int | None = len(addresses)
        else:
            ready = sum(pod.ready for pod in picked) if self.snapshot.knows("pods") else None
        return ServiceFacts(name_of(item), item, selector, picked, ready)


def _desired(kind: str, item: Json) -> int:
    if kind == "daemonset":
        return number(item, "status", "desiredNumberScheduled")
    if kind == "job":
        return 0
    return number(item, "spec", "replicas", default=1)


def _revision(item: Json) -> tuple[int, float]:
    found = revision_of(item)
    created = moment(item, "metadata", "creationTimestamp")
    return (
        int(found) if found.isascii() and found.isdigit() else 0,
        created.timestamp() if created else 0.0,
    )
