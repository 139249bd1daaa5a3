"""What every rule is given: the joined cluster, what the logs complain about, and who calls whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from .calls import Calls
from .complaints import Complaints
from .happenings import Happening
from .log_reader import Complaint
from .objects import quote
from .pods import PodFacts
from .snapshot import Snapshot
from .world import ServiceFacts, Workload, World


@dataclass(frozen=True)
class Facts:
    """One snapshot, read."""

    snapshot: Snapshot

    @cached_property
    def world(self) -> World:
        """Objects joined."""
        return World(self.snapshot)

    @cached_property
    def calls(self) -> Calls:
        """Addresses and edges."""
        return Calls(self.world)

    @cached_property
    def complaints(self) -> Complaints:
        """Logs."""
        return Complaints(self.world)

    @cached_property
    def live_pods(self) -> list[PodFacts]:
        """Pods that should serve: neither finished nor being deleted, nor of a revision that is scaled down."""
        return [pod for pod in self.world.pods.values() if not pod.finished and not pod.deleted]

    def workload(self, pod: PodFacts) -> Workload | None:
        """The workload of a pod."""
        return self.world.workloads.get(self.world.owner(pod))

    def about(self, pod: PodFacts) -> frozenset[str]:
        """The names that a pod's fault concerns: its workload's and those of the services in front of it."""
        owner = self.world.owner(pod).partition("/")[2]
        return frozenset({owner, *(each.name for each in self.services_of(pod))})

    def concerned(self, workload: Workload) -> frozenset[str]:
        """The names that a workload's fault concerns."""
        return frozenset({workload.name, *(each.name for each in self.world.services_of(workload))})

    def services_of(self, pod: PodFacts) -> list[ServiceFacts]:
        """The services that choose a pod."""
        found = self.workload(pod)
        return self.world.services_of(found) if found else []

    def events_of(self, pod: PodFacts) -> list[Happening]:
        """The pod's own events, newest first."""
        return self.world.about("pod", pod.name)

    def is_of_broken(self, complaint: Complaint) -> bool:
        """Whether who complains does not serve: its workload is short of pods, or its own pod is not ready, as that of a new
        revision beside an old one that still serves."""
        workload = self.world.workloads.get(complaint.workload)
        pod = self.world.pods.get(complaint.pod)
        return bool(workload and workload.short) or bool(pod and not pod.ready)

    def said_by(self, pod: PodFacts, *kinds: str) -> list[Complaint]:
        """The complaints of the pod's workload of these kinds."""
        found = self.complaints.of(self.world.owner(pod))
        return [each for each in found if each.sign.kind in kinds]


def evidence(*quotes: str) -> tuple[str, ...]:
    """Quotes on one line each, without empty ones and repetitions."""
    return tuple(dict.fromkeys(quote(each) for each in quotes if each.strip()))
