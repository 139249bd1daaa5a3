"""list_workloads: everything that should run in a namespace, what is broken first, and what around it is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import (
    Endpoints,
    Node,
    PersistentVolumeClaim,
    ResourceQuota,
    Service,
)

from tocsin_mcp.kit.output import counted, listed, table
from tocsin_mcp.kit.tasks import together
from tocsin_mcp.kit.times import age, rfc3339

from .cluster import Cluster, Listing, problems
from .health import Health, complete, health
from .lookup import CLASSES, Workload, workload
from .services import backings
from .surroundings import claim_problems, node_problems, quota_problems
from .templates import images

_KINDS = ("deployment", "statefulset", "daemonset", "job", "cronjob")
_NARROW = "describe_workload tells all about one"


@dataclass(frozen=True, slots=True)
class _Read:
    """The answers of all requests."""

    workloads: dict[str, Listing[Any]]
    services: Listing[Service]
    endpoints: Listing[Endpoints]
    claims: Listing[PersistentVolumeClaim]
    quotas: Listing[ResourceQuota]
    nodes: Listing[Node]


async def list_workloads(cluster: Cluster, namespace: str | None) -> str:
    """The tool's text. Raises the kit's errors."""
    place, now = await cluster.namespace(namespace), cluster.now()
    read = await _read(cluster, place)
    found = [
        workload(kind, item)
        for kind, listing in read.workloads.items()
        for item in listing.items
        if not (isinstance(item, Job) and complete(item))
    ]
    judged = sorted(
        ((each, health(each, now)) for each in found),
        key=lambda pair: (pair[1].rank, _KINDS.index(pair[0].kind), pair[0].name),
    )
    sick = sum(1 for _, state in judged if state.problems)
    lines = [
        f"Namespace {place}: {counted(len(judged), 'workload')}, {sick} unhealthy, at {rfc3339(now)}."
    ]
    unread = problems(
        *read.workloads.values(),
        read.services,
        read.endpoints,
        read.claims,
        read.quotas,
        read.nodes,
    )
    lines += [f"Note: {text}." for text in unread]
    lines += _rows(judged, now) if judged else ["Nothing is deployed here."]
    lines += _section("Unhealthy:", _reasons(judged))
    lines += _section("Services without ready endpoints:", _dead(read))
    lines += _section("Around them:", _around(read, now))
    return listed(lines, narrow=_NARROW)


async def _read(cluster: Cluster, place: str) -> _Read:
    async with together() as group:
        kinds: dict[str, asyncio.Task[Listing[Any]]] = {
            kind: group.create_task(cluster.permitted(CLASSES[kind], place)) for kind in _KINDS
        }
        services = group.create_task(cluster.permitted(Service, place))
        endpoints = group.create_task(cluster.permitted(Endpoints, place))
        claims = group.create_task(cluster.permitted(PersistentVolumeClaim, place))
        quotas = group.create_task(cluster.permitted(ResourceQuota, place))
        nodes = group.create_task(cluster.nodes())
    return _Read(
        {kind: task.result() for kind, task in kinds.items()},
        services.result(),
        endpoints.result(),
        claims.result(),
        quotas.result(),
        nodes.result(),
    )


def _rows(judged: Iterable[tuple[Workload, Health]], now: datetime) -> list[str]:
    return table(
        ("WORKLOAD", "READY", "STATE", "AGE", "IMAGES"),
        (
            (
                f"{each.kind}/{each.name}",
                state.ready,
                "UNHEALTHY" if state.problems else "; ".join(state.notes) or "ok",
                age(each.created, now),
                ", ".join(images(each.template.spec if each.template else None)),
            )
            for each, state in judged
        ),
    )


def _reasons(judged: Iterable[tuple[Workload, Health]]) -> list[str]:
    return [
        f"{each.kind}/{each.name}: {'; '.join([*state.problems, *state.notes])}"
        for each, state in judged
        if state.problems
    ]


def _dead(read: _Read) -> list[str]:
    known = not read.endpoints.problem
    joined = backings(read.services.items, read.endpoints.items, known)
    templates = [
        dict(workload(kind, item).pod_labels)
        for kind, listing in read.workloads.items()
        for item in listing.items
    ]
    lines = []
    for backing in joined:
        if backing.dead:
            chosen = any(
                backing.selector and backing.selector.items() <= labels.items()
                for labels in templates
            )
            lost = "" if chosen or not backing.selector else "; its selector matches no workload"
            lines.append(backing.line() + lost)
    return lines


def _around(read: _Read, now: datetime) -> list[str]:
    return [
        *node_problems(read.nodes.items, now),
        *claim_problems(read.claims.items),
        *quota_problems(read.quotas.items),
    ]


def _section(title: str, entries: list[str]) -> list[str]:
    return ["", title, *(f"- {entry}" for entry in entries)] if entries else []
