"""A live cluster as a snapshot: one list request for each kind, and the logs of a few suspects."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from lightkube.generic_resource import create_namespaced_resource
from lightkube.resources.apps_v1 import DaemonSet, Deployment, ReplicaSet, StatefulSet
from lightkube.resources.autoscaling_v2 import HorizontalPodAutoscaler
from lightkube.resources.batch_v1 import CronJob, Job
from lightkube.resources.core_v1 import (
    ConfigMap,
    Endpoints,
    Event,
    PersistentVolume,
    PersistentVolumeClaim,
    Pod,
    ResourceQuota,
    Service,
    ServiceAccount,
)
from lightkube.resources.networking_v1 import Ingress, IngressClass, NetworkPolicy
from lightkube.resources.storage_v1 import StorageClass

from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kit.tasks import together
from tocsin_mcp.kubernetes.cluster import Cluster, Listing, LogRequest
from tocsin_mcp.kubernetes.streams import Source, Stream, read

from .facts import Facts
from .measured import usage_of
from .objects import Json, text
from .snapshot import SYSTEM_DAEMONS, SYSTEM_PODS, Log, LogLine, Snapshot
from .suspects import LogWish, wishes

TAIL = 300
"""So many last lines of each log are read."""

_SYSTEM, _NODE_EVENTS = "kube-system", "default"
_METRICS = "podmetrics"
_OPTIONAL = frozenset(
    {_METRICS, SYSTEM_PODS, SYSTEM_DAEMONS, "node_events", "ingressclasses", "storageclasses", "persistentvolumes"}
)  # fmt: skip
"""What many service accounts may not read: said nowhere, since most faults are found without."""

_KINDS: dict[str, Any] = {
    "pods": Pod,
    "deployments": Deployment,
    "replicasets": ReplicaSet,
    "statefulsets": StatefulSet,
    "daemonsets": DaemonSet,
    "jobs": Job,
    "cronjobs": CronJob,
    "services": Service,
    "endpoints": Endpoints,
    "events": Event,
    "configmaps": ConfigMap,
    "serviceaccounts": ServiceAccount,
    "persistentvolumeclaims": PersistentVolumeClaim,
    "resourcequotas": ResourceQuota,
    "horizontalpodautoscalers": HorizontalPodAutoscaler,
    "networkpolicies": NetworkPolicy,
    "ingresses": Ingress,
}
_WIDE: dict[str, Any] = {
    "persistentvolumes": PersistentVolume,
    "storageclasses": StorageClass,
    "ingressclasses": IngressClass,
}


async def gather(cluster: Cluster, namespace: str, service: str = "") -> Snapshot:
    """The namespace now. Secrets are never asked for. Raises the kit's errors when the API cannot be reached."""
    listings = await _lists(cluster, namespace)
    # Hundreds of objects take tens of milliseconds to convert; the loop also serves other calls.
    bare = await asyncio.to_thread(_snapshot, cluster, namespace, listings)
    wanted = await asyncio.to_thread(lambda: wishes(Facts(bare), service))
    return bare.with_logs(tuple(await _logs(cluster, namespace, wanted)))


async def _lists(cluster: Cluster, namespace: str) -> dict[str, Listing[Any]]:
    metrics: Any = create_namespaced_resource("metrics.k8s.io", "v1beta1", "PodMetrics", "pods")
    asked = [(plural, kind, namespace) for plural, kind in (*_KINDS.items(), *_WIDE.items())]
    asked.append((_METRICS, metrics, namespace))
    if namespace != _SYSTEM:
        asked += [(SYSTEM_PODS, Pod, _SYSTEM), (SYSTEM_DAEMONS, DaemonSet, _SYSTEM)]
    if namespace != _NODE_EVENTS:
        asked.append(("node_events", Event, _NODE_EVENTS))
    async with together() as group:
        tasks = {
            plural: group.create_task(cluster.permitted(kind, place))
            for plural, kind, place in asked
        }
        nodes = group.create_task(cluster.nodes())
    return {**{plural: task.result() for plural, task in tasks.items()}, "nodes": nodes.result()}


def _snapshot(cluster: Cluster, namespace: str, listings: dict[str, Listing[Any]]) -> Snapshot:
    objects = {
        plural: tuple(_json(item) for item in listing.items)
        for plural, listing in listings.items()
        if listing.items or not listing.problem
    }
    metrics = objects.pop(_METRICS, ())
    node_events = objects.pop("node_events", ())
    if "events" in objects:
        of_nodes = tuple(
            each for each in node_events if text(each, "involvedObject", "kind") == "Node"
        )
        objects["events"] = (*objects["events"], *of_nodes)
    notes = [
        listing.problem
        for plural, listing in listings.items()
        if listing.problem and plural not in _OPTIONAL
    ]
    return Snapshot(
        namespace=namespace,
        now=cluster.now(),
        objects=objects,
        usage=usage_of(metrics),
        notes=tuple(dict.fromkeys(notes)),
    )


def _json(item: Any) -> Json:
    found: Json = item.to_dict()
    return found


async def _logs(cluster: Cluster, namespace: str, wanted: Sequence[LogWish]) -> list[Log]:
    """Of both kinds, those that can be read: a log is worth less than an answer in time."""
    found: list[Log] = []
    for previous in (True, False):
        sources = [Source(each.pod, each.container) for each in wanted if each.previous is previous]
        try:
            streams = await read(cluster, namespace, sources, LogRequest("", previous, None, TAIL))
        except Unavailable:
            continue
        found += _parsed(streams, previous)
    return found


def _parsed(streams: Iterable[Stream], previous: bool) -> list[Log]:
    return [
        Log(
            stream.source.pod,
            stream.source.container,
            tuple(LogLine(line.time, line.text) for line in stream.lines),
            previous,
        )
        for stream in streams
        if stream.lines
    ]
