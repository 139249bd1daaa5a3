"""describe_object: any object around the workloads, as the API tells it: labels, spec, status, and its recent events.

Workloads and pods have descriptions of their own; Secrets and ConfigMaps have none.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml
from lightkube.core.resource import NamespacedResource
from lightkube.resources.autoscaling_v2 import HorizontalPodAutoscaler
from lightkube.resources.core_v1 import (
    Endpoints,
    LimitRange,
    Node,
    PersistentVolume,
    PersistentVolumeClaim,
    ResourceQuota,
    Service,
)
from lightkube.resources.networking_v1 import Ingress, IngressClass, NetworkPolicy
from lightkube.resources.policy_v1 import PodDisruptionBudget
from lightkube.resources.storage_v1 import StorageClass

from tocsin_mcp.kit.output import bounded, clip, plain
from tocsin_mcp.kit.times import age, rfc3339

from .cluster import Cluster
from .events import recent
from .masking import shown

KINDS: Mapping[str, tuple[type[Any], tuple[str, ...]]] = {
    "service": (Service, ("svc",)),
    "endpoints": (Endpoints, ("ep",)),
    "ingress": (Ingress, ("ing",)),
    "networkpolicy": (NetworkPolicy, ("netpol",)),
    "horizontalpodautoscaler": (HorizontalPodAutoscaler, ("hpa",)),
    "poddisruptionbudget": (PodDisruptionBudget, ("pdb",)),
    "persistentvolumeclaim": (PersistentVolumeClaim, ("pvc",)),
    "resourcequota": (ResourceQuota, ("quota",)),
    "limitrange": (LimitRange, ("limits",)),
    "node": (Node, ("no",)),
    "persistentvolume": (PersistentVolume, ("pv",)),
    "storageclass": (StorageClass, ("sc",)),
    "ingressclass": (IngressClass, ()),
}
_NAMES = {
    alias: kind
    for kind, (_, short) in KINDS.items()
    for alias in (kind, f"{kind}s", f"{kind}es", f"{kind[:-1]}ies", *short)
}
_EVENTS = 10
_NODE_EVENTS = "default"
_LEFT_OUT = frozenset({"apiVersion", "kind", "metadata", "status", "images"})
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_LONGEST_VALUE = 400
_NARROW = "list_events tells more events"


def object_kind(text: str) -> str:
    """`svc`, `Services` -> `service`. Raises ValueError for what cannot be described here."""
    kind = _NAMES.get(text.strip().lower().partition(".")[0])
    if kind is None:
        raise ValueError(
            f"must be one of {', '.join(KINDS)}; describe_workload and describe_pod tell of what runs"
        )
    return kind


async def describe_object(cluster: Cluster, kind: str, name: str, namespace: str | None) -> str:
    """The tool's text. Raises the kit's errors."""
    found, _ = KINDS[kind]
    namespaced = issubclass(found, NamespacedResource)
    place = await cluster.namespace(namespace) if namespaced else ""
    item = await cluster.get(found, name, place)
    content: dict[str, Any] = item.to_dict()
    now, metadata = cluster.now(), item.metadata
    where = f" in namespace {place}" if namespaced else ""
    made = f", created {age(metadata.creationTimestamp, now)} ago" if metadata else ""
    body = {
        "labels": dict((metadata and metadata.labels) or {}),
        "annotations": _annotations((metadata and metadata.annotations) or {}),
        **{key: value for key, value in content.items() if key not in _LEFT_OUT},
        "status": _without_images(content.get("status")),
    }
    lines = [
        f"{kind}/{name}{where}, at {rfc3339(now)}{made}",
        *_yaml({key: value for key, value in body.items() if value}),
        "Recent events:",
        *(f"  {line}" for line in await recent(cluster, place or _NODE_EVENTS, [name], _EVENTS)),
    ]
    return bounded("\n".join(lines), narrow=_NARROW, head=0.8)


def _annotations(given: Mapping[str, str]) -> dict[str, str]:
    return {
        key: clip(plain(shown(key, value)), _LONGEST_VALUE)
        for key, value in given.items()
        if key != _LAST_APPLIED
    }


def _without_images(status: Any) -> Any:
    """A node's status lists every image that it holds, hundreds of lines that say nothing."""
    if not isinstance(status, dict):
        return status
    return {key: value for key, value in status.items() if key not in _LEFT_OUT}


def _yaml(body: Mapping[str, Any]) -> list[str]:
    text = yaml.safe_dump(dict(body), sort_keys=False, allow_unicode=True, width=1000)
    return [clip(plain(line), _LONGEST_VALUE * 4) for line in text.splitlines()]
