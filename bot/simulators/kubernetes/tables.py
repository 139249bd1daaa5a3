"""Server-side printing: the Table that kubectl asks for, with the columns of the real server."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from . import cells
from .resources import Resource
from .shapes import Json, dig

Cell = Callable[[Json, datetime], Any]

_WIDE = 1


def wanted(accept: str) -> bool:
    """Whether the first media type that the client accepts is a Table."""
    return "as=Table" in accept.split(",")[0]


def table(resource: Resource, items: list[Json], metadata: Json, now: datetime) -> Json:
    """A `meta.k8s.io/v1` Table; ages count back from `now`."""
    columns = [("Name", 0, cells.name), *_COLUMNS.get(resource.plural, _AGE_ONLY)]
    if resource.plural == "events":
        columns = _COLUMNS["events"]
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": metadata,
        "columnDefinitions": [_definition(title, priority) for title, priority, _ in columns],
        "rows": [
            {
                "cells": [cell(item, now) for _, _, cell in columns],
                "object": {
                    "kind": "PartialObjectMetadata",
                    "apiVersion": "meta.k8s.io/v1",
                    "metadata": item["metadata"],
                },
            }
            for item in items
        ],
    }


def _definition(title: str, priority: int) -> Json:
    return {
        "name": title,
        "type": "string",
        "format": "name" if title == "Name" else "",
        "description": "",
        "priority": priority,
    }


def _plain(*path: str, missing: Any = "<none>") -> Cell:
    def cell(item: Json, _: datetime) -> Any:
        value = dig(item, *path)
        return missing if value is None or value == "" else value

    return cell


def _count(*path: str) -> Cell:
    return _plain(*path, missing=0)


_AGE = ("Age", 0, cells.age_cell)
_AGE_ONLY: list[tuple[str, int, Cell]] = [_AGE]
_TEMPLATE: list[tuple[str, int, Cell]] = [
    ("Containers", _WIDE, cells.container_names),
    ("Images", _WIDE, cells.images),
    ("Selector", _WIDE, cells.selector),
]

_COLUMNS: dict[str, list[tuple[str, int, Cell]]] = {
    "pods": [
        ("Ready", 0, cells.pod_ready),
        ("Status", 0, cells.pod_status),
        ("Restarts", 0, cells.pod_restarts),
        _AGE,
        ("IP", _WIDE, _plain("status", "podIP")),
        ("Node", _WIDE, _plain("spec", "nodeName")),
        ("Nominated Node", _WIDE, _plain("status", "nominatedNodeName")),
        ("Readiness Gates", _WIDE, lambda item, now: "<none>"),
    ],
    "deployments": [
        ("Ready", 0, cells.ready_of("spec", "replicas")),
        ("Up-to-date", 0, _count("status", "updatedReplicas")),
        ("Available", 0, _count("status", "availableReplicas")),
        _AGE,
        *_TEMPLATE,
    ],
    "statefulsets": [("Ready", 0, cells.ready_of("spec", "replicas")), _AGE, *_TEMPLATE[:2]],
    "replicasets": [
        ("Desired", 0, _count("spec", "replicas")),
        ("Current", 0, _count("status", "replicas")),
        ("Ready", 0, _count("status", "readyReplicas")),
        _AGE,
        *_TEMPLATE,
    ],
    "daemonsets": [
        ("Desired", 0, _count("status", "desiredNumberScheduled")),
        ("Current", 0, _count("status", "currentNumberScheduled")),
        ("Ready", 0, _count("status", "numberReady")),
        ("Up-to-date", 0, _count("status", "updatedNumberScheduled")),
        ("Available", 0, _count("status", "numberAvailable")),
        ("Node Selector", 0, cells.node_selector),
        _AGE,
        *_TEMPLATE,
    ],
    "jobs": [
        ("Status", 0, cells.job_status),
        ("Completions", 0, cells.job_completions),
        ("Duration", 0, cells.job_duration),
        _AGE,
        *_TEMPLATE,
    ],
    "cronjobs": [
        ("Schedule", 0, _plain("spec", "schedule")),
        ("Timezone", 0, _plain("spec", "timeZone")),
        ("Suspend", 0, cells.suspend),
        ("Active", 0, cells.active),
        ("Last Schedule", 0, cells.since("status", "lastScheduleTime")),
        _AGE,
    ],
    "services": [
        ("Type", 0, _plain("spec", "type", missing="ClusterIP")),
        ("Cluster-IP", 0, _plain("spec", "clusterIP")),
        ("External-IP", 0, cells.external_ip),
        ("Port(s)", 0, cells.service_ports),
        _AGE,
        ("Selector", _WIDE, cells.service_selector),
    ],
    "endpoints": [("Endpoints", 0, cells.endpoint_addresses), _AGE],
    "nodes": [
        ("Status", 0, cells.node_status),
        ("Roles", 0, cells.node_roles),
        _AGE,
        ("Version", 0, _plain("status", "nodeInfo", "kubeletVersion", missing="")),
    ],
    "events": [
        ("Last Seen", 0, cells.event_seen),
        ("Type", 0, _plain("type")),
        ("Reason", 0, _plain("reason")),
        ("Object", 0, cells.event_object),
        ("Subobject", _WIDE, _plain("involvedObject", "fieldPath", missing="")),
        ("Source", _WIDE, _plain("source", "component", missing="")),
        ("Message", 0, cells.event_message),
        ("First Seen", _WIDE, cells.since("firstTimestamp")),
        ("Count", _WIDE, _plain("count", missing=1)),
        ("Name", _WIDE, cells.name),
    ],
    "persistentvolumeclaims": [
        ("Status", 0, _plain("status", "phase", missing="Pending")),
        ("Volume", 0, _plain("spec", "volumeName", missing="")),
        ("Capacity", 0, _plain("status", "capacity", "storage", missing="")),
        ("Access Modes", 0, cells.access_modes),
        ("StorageClass", 0, _plain("spec", "storageClassName", missing="")),
        _AGE,
    ],
    "persistentvolumes": [
        ("Capacity", 0, _plain("spec", "capacity", "storage", missing="")),
        ("Access Modes", 0, cells.access_modes),
        ("Reclaim Policy", 0, _plain("spec", "persistentVolumeReclaimPolicy", missing="")),
        ("Status", 0, _plain("status", "phase", missing="")),
        ("StorageClass", 0, _plain("spec", "storageClassName", missing="")),
        _AGE,
    ],
    "configmaps": [("Data", 0, cells.data_count), _AGE],
    "secrets": [("Type", 0, _plain("type")), ("Data", 0, cells.data_count), _AGE],
    "resourcequotas": [
        ("Request", 0, cells.quota("requests.", "pods", "services", "count/")),
        ("Limit", 0, cells.quota("limits.")),
        _AGE,
    ],
    "namespaces": [("Status", 0, _plain("status", "phase", missing="Active")), _AGE],
    "networkpolicies": [("Pod-Selector", 0, cells.policy_selector), _AGE],
    "storageclasses": [("Provisioner", 0, _plain("provisioner", missing="")), _AGE],
    "horizontalpodautoscalers": [
        ("Reference", 0, cells.scale_target),
        ("MinPods", 0, _plain("spec", "minReplicas", missing="<unset>")),
        ("MaxPods", 0, _count("spec", "maxReplicas")),
        ("Replicas", 0, _count("status", "currentReplicas")),
        _AGE,
    ],
}
