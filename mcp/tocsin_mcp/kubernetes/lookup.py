"""Workloads of every kind in one shape, found by name, and the pods that belong to them."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lightkube.models.core_v1 import PodTemplateSpec
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta
from lightkube.resources.apps_v1 import DaemonSet, Deployment, ReplicaSet, StatefulSet
from lightkube.resources.batch_v1 import CronJob, Job
from lightkube.resources.core_v1 import Pod

from tocsin_mcp.kit.errors import NotFound

from .arguments import split_reference
from .cluster import Cluster, Listing

Source = Deployment | StatefulSet | DaemonSet | ReplicaSet | Job | CronJob

CLASSES: dict[str, type[Any]] = {
    "deployment": Deployment,
    "statefulset": StatefulSet,
    "daemonset": DaemonSet,
    "job": Job,
    "cronjob": CronJob,
    "replicaset": ReplicaSet,
}


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload of any kind. `selector` is in the API's grammar, empty for a CronJob."""

    kind: str
    name: str
    namespace: str
    selector: str
    match_labels: dict[str, str]
    template: PodTemplateSpec | None
    created: datetime | None
    source: Source

    @property
    def metadata(self) -> ObjectMeta:
        """Never None."""
        return self.source.metadata or ObjectMeta()

    @property
    def pod_labels(self) -> dict[str, str]:
        """The labels that its pods carry."""
        metadata = self.template.metadata if self.template else None
        return (metadata and metadata.labels) or {}


def workload(kind: str, source: Source) -> Workload:
    """The common shape of an object of one of CLASSES."""
    metadata = source.metadata or ObjectMeta()
    selector = _label_selector(source)
    return Workload(
        kind=kind,
        name=metadata.name or "?",
        namespace=metadata.namespace or "",
        selector=selector_text(selector),
        match_labels=dict((selector and selector.matchLabels) or {}),
        template=_template(source),
        created=metadata.creationTimestamp,
        source=source,
    )


async def find(
    cluster: Cluster, reference: str, namespace: str, kind: str | None = None
) -> Workload:
    """The workload that `name` or `kind/name` means; for a bare name `kind` is tried first, then all others.

    Raises NotFound with the nearest names.
    """
    named, name = split_reference(reference)
    order = [named] if named else [kind or "deployment", *CLASSES]
    for candidate in dict.fromkeys(order):
        try:
            return workload(candidate, await cluster.get(CLASSES[candidate], name, namespace))
        except NotFound:
            continue
    raise NotFound(await _nearest(cluster, named, name, namespace))


async def pods_of(cluster: Cluster, found: Workload, selector: str = "") -> Listing[Pod]:
    """The pods of a workload; `selector` narrows further. A CronJob's are those of its jobs."""
    if isinstance(found.source, CronJob):
        jobs = await cluster.objects(Job, found.namespace)
        names = {
            job.metadata.name for job in jobs.items if job.metadata and owned(job.metadata, found)
        }
        pods = await cluster.objects(Pod, found.namespace, selector)
        mine = [
            pod for pod in pods.items if names & {owner.name for owner in _owners(pod.metadata)}
        ]
        return Listing(tuple(mine), pods.problem)
    if not found.selector:
        return Listing(problem=f"{found.kind}/{found.name} has no selector")
    parts = [part for part in (found.selector, selector) if part]
    return await cluster.objects(Pod, found.namespace, ",".join(parts))


def owned(metadata: ObjectMeta | None, by: Workload) -> bool:
    """Whether an owner reference names the workload."""
    return any(
        owner.kind.lower() == by.kind and owner.name == by.name for owner in _owners(metadata)
    )


def selector_text(selector: LabelSelector | None) -> str:
    """A LabelSelector in the grammar of `labelSelector`."""
    if selector is None:
        return ""
    parts = [f"{key}={value}" for key, value in sorted((selector.matchLabels or {}).items())]
    for rule in selector.matchExpressions or []:
        values = ",".join(sorted(rule.values or []))
        match rule.operator:
            case "In":
                parts.append(f"{rule.key} in ({values})")
            case "NotIn":
                parts.append(f"{rule.key} notin ({values})")
            case "DoesNotExist":
                parts.append(f"!{rule.key}")
            case _:
                parts.append(rule.key)
    return ",".join(parts)


def _owners(metadata: ObjectMeta | None) -> Iterable[Any]:
    return (metadata and metadata.ownerReferences) or []


def _label_selector(source: Source) -> LabelSelector | None:
    if isinstance(source, CronJob) or source.spec is None:
        return None
    return source.spec.selector


def _template(source: Source) -> PodTemplateSpec | None:
    if source.spec is None:
        return None
    if isinstance(source, CronJob):
        job = source.spec.jobTemplate.spec
        return job.template if job else None
    return source.spec.template


async def _nearest(cluster: Cluster, kind: str | None, name: str, namespace: str) -> str:
    candidates: list[str] = []
    for each in [kind] if kind else ["deployment", "statefulset"]:
        listing = await cluster.permitted(CLASSES[each], namespace)
        candidates += [item.metadata.name for item in listing.items if item.metadata]
    near = difflib.get_close_matches(name, candidates, n=3, cutoff=0.5)
    what = kind or "workload"
    hint = f" Nearest: {', '.join(near)}." if near else ""
    return f"No {what} named {name} in namespace {namespace}.{hint} list_workloads shows all."
