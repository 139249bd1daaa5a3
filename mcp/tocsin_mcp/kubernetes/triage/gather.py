"""A live cluster as a snapshot: one list request for each kind, and the logs of a few suspects."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from lightkube.generic_resource import (
    GenericGlobalResource,
    GenericNamespacedResource,
    create_api_info,
)

from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kit.tasks import together
from tocsin_mcp.kubernetes.cluster import Cluster, Listing, LogRequest
from tocsin_mcp.kubernetes.streams import Source, Stream, read

from .facts import Facts
from .measured import usage_of
from .objects import Json, text
from .snapshot import SYSTEM_DAEMONS, SYSTEM_DEPLOYMENTS, SYSTEM_PODS, Log, LogLine, Snapshot
from .suspects import LogWish, wishes

TAIL = 300
"""So many last lines of each log are read."""

_SYSTEM, _NODE_EVENTS = "kube-system", "default"
_METRICS, _OF_NODES = "podmetrics", "node_events"
_OPTIONAL = frozenset(
    {_METRICS, SYSTEM_PODS, SYSTEM_DAEMONS, SYSTEM_DEPLOYMENTS, _OF_NODES, "ingressclasses", "storageclasses", "persistentvolumes"}
)  # fmt: skip
"""What many service accounts may not read: said nowhere, since most faults are found without."""


def _raw(group: str, version: str, kind: str, plural: str, *, wide: bool = False) -> Any:
    """A resource whose objects stay JSON: the rules read it without trust, and nothing is converted twice."""
    base = GenericGlobalResource if wide else GenericNamespacedResource
    return type(
        f"Json{kind}", (base,), {"_api_info": create_api_info(group, version, kind, plural)}
    )


_POD, _DAEMON = _raw("", "v1", "Pod", "pods"), _raw("apps", "v1", "DaemonSet", "daemonsets")
_DEPLOYMENT = _raw("apps", "v1", "Deployment", "deployments")
_EVENT = _raw("", "v1", "Event", "events")
_KINDS: dict[str, Any] = {
    "pods": _POD,
    "deployments": _DEPLOYMENT,
    "replicasets": _raw("apps", "v1", "ReplicaSet", "replicasets"),
    "statefulsets": _raw("apps", "v1", "StatefulSet", "statefulsets"),
    "daemonsets": _DAEMON,
    "jobs": _raw("batch", "v1", "Job", "jobs"),
    "cronjobs": _raw("batch", "v1", "CronJob", "cronjobs"),
    "services": _raw("", "v1", "Service", "services"),
    "endpoints": _raw("", "v1", "Endpoints", "endpoints"),
    "events": _EVENT,
    "persistentvolumeclaims": _raw("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    "resourcequotas": _raw("", "v1", "ResourceQuota", "resourcequotas"),
    "horizontalpodautoscalers": _raw(
        "autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"
    ),
    "networkpolicies": _raw("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies"),
    "ingresses": _raw("networking.k8s.io", "v1", "Ingress", "ingresses"),
    _METRICS: _raw("metrics.k8s.io", "v1beta1", "PodMetrics", "pods"),
    "nodes": _raw("", "v1", "Node", "nodes", wide=True),
    "persistentvolumes": _raw("", "v1", "PersistentVolume", "persistentvolumes", wide=True),
    "storageclasses": _raw("storage.k8s.io", "v1", "StorageClass", "storageclasses", wide=True),
    "ingressclasses": _raw("networking.k8s.io", "v1", "IngressClass", "ingressclasses", wide=True),
}


async def gather(cluster: Cluster, namespace: str, service: str = "") -> Snapshot:
    """The namespace now. Secrets and ConfigMaps are never asked for: events name those that are missing. Raises the kit's errors when the API cannot be reached."""
    listings = await _lists(cluster, namespace)
    bare = _snapshot(cluster, namespace, listings)
    wanted = await asyncio.to_thread(lambda: wishes(Facts(bare), service))
    return bare.with_logs(tuple(await _logs(cluster, namespace, wanted)))


async def _lists(cluster: Cluster, namespace: str) -> dict[str, Listing[Any]]:
    asked = [(plural, kind, namespace) for plural, kind in _KINDS.items()]
    if namespace != _SYSTEM:
        asked += [
            (SYSTEM_PODS, _POD, _SYSTEM),
            (SYSTEM_DAEMONS, _DAEMON, _SYSTEM),
            (SYSTEM_DEPLOYMENTS, _DEPLOYMENT, _SYSTEM),
        ]
    if namespace != _NODE_EVENTS:
        asked.append((_OF_NODES, _EVENT, _NODE_EVENTS))
    async with together() as group:
        tasks = {
            plural: group.create_task(cluster.permitted(kind, place))
            for plural, kind, place in asked
        }
    return {plural: task.result() for plural, task in tasks.items()}


def _snapshot(cluster: Cluster, namespace: str, listings: dict[str, Listing[Any]]) -> Snapshot:
    objects: dict[str, tuple[Json, ...]] = {
        plural: listing.items
        for plural, listing in listings.items()
        if listing.items or not listing.problem
    }
    metrics = objects.pop(_METRICS, ())
    node_events = objects.pop(_OF_NODES, ())
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
