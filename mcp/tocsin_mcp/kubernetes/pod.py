"""describe_pod: one pod with its containers, their states and ends, its volumes, its node and its events."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lightkube.models.core_v1 import ContainerStatus
from lightkube.resources.core_v1 import Node, PersistentVolumeClaim, Pod

from tocsin_mcp.kit.output import bounded
from tocsin_mcp.kit.tasks import together
from tocsin_mcp.kit.times import age, rfc3339

from .cluster import Cluster, Listing, problems
from .events import recent
from .surroundings import claim_line, node_problems
from .templates import lines as template_lines
from .templates import pairs
from .wording import ended_text, message, state_text, view

_EVENTS = 15
_NARROW = "read_logs and list_events tell each part alone"


async def describe_pod(cluster: Cluster, name: str, namespace: str | None) -> str:
    """The tool's text. Raises the kit's errors."""
    place, now = await cluster.namespace(namespace), cluster.now()
    pod = await cluster.get(Pod, name, place)
    async with together() as group:
        nodes = group.create_task(cluster.nodes())
        claims = group.create_task(cluster.permitted(PersistentVolumeClaim, place))
        events = group.create_task(recent(cluster, place, [name], _EVENTS))
    lines = [
        *_head(pod, place, now),
        *(f"Note: {text}." for text in problems(nodes.result())),
        *_section("Containers", _containers(pod, now)),
        *_section("Conditions", _conditions(pod, now)),
        *_section("Spec", template_lines(pod.spec) if pod.spec else []),
        *_section("Volume claims", _claims(pod, claims.result())),
        *_section("Its node", _node(pod, nodes.result(), now)),
        *_section("Recent events", events.result()),
    ]
    return bounded("\n".join(lines), narrow=_NARROW, head=0.8)


def _head(pod: Pod, place: str, now: datetime) -> list[str]:
    summary, metadata, status = view(pod, now), pod.metadata, pod.status
    owners = (metadata and metadata.ownerReferences) or []
    owner = ", ".join(f"{each.kind.lower()}/{each.name}" for each in owners) or "nobody"
    deleted = metadata.deletionTimestamp if metadata else None
    word = "; ".join(summary.why) or "nothing wrong seen"
    lines = [
        f"pod/{summary.name} in namespace {place}, at {rfc3339(now)}: {summary.status}, {summary.ready} ready, "
        f"{summary.restarts} restarts",
        f"Verdict: {word}",
        f"Created {age(summary.created, now)} ago, owned by {owner}, on {summary.node or 'no node'}, "
        f"IP {(status and status.podIP) or 'none'}, QoS {(status and status.qosClass) or '?'}. "
        f"Labels {pairs(metadata.labels if metadata else None)}.",
    ]
    return [*lines, f"Being deleted since {rfc3339(deleted)}."] if deleted else lines


def _containers(pod: Pod, now: datetime) -> list[str]:
    status = pod.status
    lines: list[str] = []
    for title, entries in (
        ("init container", status and status.initContainerStatuses),
        ("container", status and status.containerStatuses),
    ):
        for entry in entries or []:
            lines += _container(title, entry, now)
    return lines or ["none has been started"]


def _container(title: str, entry: ContainerStatus, now: datetime) -> Iterable[str]:
    ready = "ready" if entry.ready else "NOT ready"
    yield f"{title} {entry.name}: {state_text(entry.state, now)}; {ready}, {entry.restartCount} restarts"
    if entry.lastState and entry.lastState.terminated:
        yield f"  before: {ended_text(entry.lastState.terminated, now)}"


def _conditions(pod: Pod, now: datetime) -> list[str]:
    return [
        f"{each.type}={each.status} for {age(each.lastTransitionTime, now)}"
        + (f" {each.reason}: {message(each.message)}" if each.reason or each.message else "")
        for each in (pod.status and pod.status.conditions) or []
    ]


def _claims(pod: Pod, claims: Listing[PersistentVolumeClaim]) -> list[str]:
    known = {claim.metadata.name: claim for claim in claims.items if claim.metadata}
    names = [
        volume.persistentVolumeClaim.claimName
        for volume in (pod.spec and pod.spec.volumes) or []
        if volume.persistentVolumeClaim
    ]
    return [
        claim_line(known[name]) if name in known else f"persistentvolumeclaim/{name}: not found"
        for name in names
        if name in known or not claims.problem
    ]


def _node(pod: Pod, nodes: Listing[Node], now: datetime) -> list[str]:
    name = pod.spec.nodeName if pod.spec else None
    if not name or nodes.problem:
        return []
    mine = [node for node in nodes.items if node.metadata and node.metadata.name == name]
    if not mine:
        return [f"node/{name} no longer exists"]
    return node_problems(mine, now) or [f"node/{name}: ready, no pressure"]


def _section(title: str, entries: list[str]) -> list[str]:
    return ["", f"{title}:", *(f"  {entry}" for entry in entries)] if entries else []
