"""recent_changes: what was changed in a namespace and when: rollouts, new objects, edits by hand, scaling.

The first question of an incident is what changed. Rollouts are read from ReplicaSets, edits from what the API server
keeps of each object's managers (`metadata.managedFields`), scaling from events, which are gone after about an hour.
What controllers do by themselves is no change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from lightkube.models.meta_v1 import ManagedFieldsEntry, ObjectMeta
from lightkube.resources.apps_v1 import DaemonSet, Deployment, ReplicaSet, StatefulSet
from lightkube.resources.autoscaling_v2 import HorizontalPodAutoscaler
from lightkube.resources.batch_v1 import CronJob
from lightkube.resources.core_v1 import (
    Event,
    LimitRange,
    PersistentVolumeClaim,
    ResourceQuota,
    Service,
)
from lightkube.resources.networking_v1 import Ingress, NetworkPolicy

from tocsin_mcp.kit.output import clip, counted, listed
from tocsin_mcp.kit.tasks import together
from tocsin_mcp.kit.times import age, parse_moment, rfc3339

from .cluster import Cluster, Listing, problems
from .events import merged
from .lookup import workload
from .rollouts import Revision, changes, revisions_in
from .wording import message

_KINDS: dict[str, type[Any]] = {
    "deployment": Deployment,
    "statefulset": StatefulSet,
    "daemonset": DaemonSet,
    "cronjob": CronJob,
    "service": Service,
    "ingress": Ingress,
    "networkpolicy": NetworkPolicy,
    "horizontalpodautoscaler": HorizontalPodAutoscaler,
    "resourcequota": ResourceQuota,
    "limitrange": LimitRange,
    "persistentvolumeclaim": PersistentVolumeClaim,
}
_CONTROLLERS = frozenset(
    {"kube-controller-manager", "kube-scheduler", "kubelet", "cloud-controller-manager"}
)
_SCALING = "ScalingReplicaSet"
_SAME = timedelta(seconds=90)
"""An edit so close to a rollout or a creation is that rollout or creation."""
_ROLLING = timedelta(minutes=15)
"""Scaling so soon after a rollout began belongs to it."""
_MOST_DETAILS = 6
_LONGEST_DETAIL = 300
_NARROW = "pass a shorter `since` or a larger `limit`"


@dataclass(frozen=True, slots=True)
class _Change:
    """One change of one object. `details` are what it changed, where that is known."""

    time: datetime
    object: str
    text: str
    details: tuple[str, ...] = ()

    def lines(self, now: datetime) -> list[str]:
        shown = [f"    {clip(each, _LONGEST_DETAIL)}" for each in self.details[:_MOST_DETAILS]]
        more = len(self.details) - len(shown)
        shown += [f"    … {more} more: rollout_history"] if more > 0 else []
        return [
            f"{rfc3339(self.time)} ({age(self.time, now)} ago) {self.object} {self.text}",
            *shown,
        ]


async def recent_changes(cluster: Cluster, namespace: str | None, since: str, limit: int) -> str:
    """The tool's text. Raises the kit's errors."""
    place, now = await cluster.namespace(namespace), cluster.now()
    start = parse_moment(since, now)
    listings, replica_sets, events = await _read(cluster, place)
    rolled = _rollouts(listings["deployment"].items, replica_sets.items)
    made = [change for kind, each in listings.items() for change in _made(kind, each.items)]
    edited = [change for kind, each in listings.items() for change in _edits(kind, each.items)]
    known = [*rolled, *made]
    edited = [each for each in edited if not _near(each, known, _SAME)]
    scaled = [each for each in _scaled(events.items) if not _near(each, known, _ROLLING)]
    found = sorted(
        (each for each in [*known, *edited, *scaled] if start <= each.time <= now),
        key=lambda each: each.time,
        reverse=True,
    )
    notes = [f"Note: {text}." for text in problems(*listings.values(), replica_sets, events)]
    where = f"Namespace {place}, since {rfc3339(start)}, at {rfc3339(now)}"
    if not found:
        said = "nothing was rolled out, created, edited or scaled"
        return "\n".join([f"{where}: {said}. ConfigMaps and Secrets are not looked at.", *notes])
    lines = [f"{where}: {counted(len(found), 'change')}, newest first.", *notes]
    for each in found[:limit]:
        lines += each.lines(now)
    return listed(lines, total=len(lines) + max(0, len(found) - limit), narrow=_NARROW)


async def _read(
    cluster: Cluster, namespace: str
) -> tuple[dict[str, Listing[Any]], Listing[ReplicaSet], Listing[Event]]:
    async with together() as group:
        tasks = {
            kind: group.create_task(cluster.permitted(each, namespace))
            for kind, each in _KINDS.items()
        }
        replica_sets = group.create_task(cluster.permitted(ReplicaSet, namespace))
        events = group.create_task(cluster.permitted(Event, namespace))
    listings = {kind: task.result() for kind, task in tasks.items()}
    return listings, replica_sets.result(), events.result()


def _rollouts(deployments: Iterable[Deployment], sets: Sequence[ReplicaSet]) -> list[_Change]:
    found: list[_Change] = []
    for item in deployments:
        deployment = workload("deployment", item)
        history = revisions_in(sets, deployment)
        for revision, before in pairwise(history):
            # A rollback brings back an older ReplicaSet, whose age is not the time of the change; the edit tells that.
            created = revision.created
            if created and not (before.created and created < before.created):
                details = tuple(line.strip() for line in changes(before, revision))
                found.append(
                    _Change(created, f"deployment/{deployment.name}", _rolled(revision), details)
                )
    return found


def _rolled(revision: Revision) -> str:
    cause = f" [change-cause: {revision.cause}]" if revision.cause else ""
    return f"rolled out revision {revision.number or '?'}{cause}"


def _made(kind: str, items: Iterable[Any]) -> list[_Change]:
    return [
        _Change(metadata.creationTimestamp, f"{kind}/{metadata.name}", "was created")
        for metadata in map(_metadata, items)
        if metadata.creationTimestamp
    ]


def _edits(kind: str, items: Iterable[Any]) -> list[_Change]:
    """The latest write of each manager that is a person or a tool."""
    return [
        _Change(entry.time, f"{kind}/{metadata.name}", _edit(entry))
        for metadata in map(_metadata, items)
        for entry in metadata.managedFields or []
        if entry.time and entry.subresource != "status" and entry.manager not in _CONTROLLERS
    ]


def _edit(entry: ManagedFieldsEntry) -> str:
    what = "was scaled" if entry.subresource == "scale" else "was changed"
    return f"{what} by {message(entry.manager) or 'an unnamed client'}"


def _scaled(events: Iterable[Event]) -> list[_Change]:
    return [
        _Change(report.last, f"{report.kind.lower()}/{report.name}", report.text)
        for report in merged(events)
        if report.reason == _SCALING and report.last
    ]


def _near(change: _Change, others: Iterable[_Change], within: timedelta) -> bool:
    return any(
        other.object == change.object and abs(change.time - other.time) <= within
        for other in others
    )


def _metadata(item: Any) -> ObjectMeta:
    return item.metadata or ObjectMeta()
