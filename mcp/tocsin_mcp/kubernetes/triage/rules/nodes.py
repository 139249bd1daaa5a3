"""Nodes: not ready, silent, under pressure; kubelet and container runtime."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.happenings import latest
from tocsin_mcp.kubernetes.triage.objects import Json, condition, entries, moment, name_of, text
from tocsin_mcp.kubernetes.triage.placement import is_control_plane
from tocsin_mcp.kubernetes.triage.pods import PodFacts

_RUNTIME = re.compile(
    r"container runtime|PLEG|containerd|cri-?o\b|docker|runtime is down|runtime network not ready: NetworkReady=false.{0,40}container",
    re.IGNORECASE,
)
_NETWORK = re.compile(
    r"network plugin|cni (?:config|plugin)|NetworkPluginNotReady|NetworkReady=false", re.IGNORECASE
)
_PRESSURES = {
    "MemoryPressure": "node_memory_pressure",
    "DiskPressure": "node_disk_pressure",
    "PIDPressure": "node_pid_pressure",
    "NetworkUnavailable": "node_network_unavailable",
}
_SILENCE = timedelta(minutes=6)
"""The kubelet writes its node's status at least every five minutes."""

_START = timedelta(minutes=2)


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: the conditions Ready, *Pressure and NetworkUnavailable; heartbeats older than those of other nodes; pods
    that were bound to a node and never started there; sandbox errors that name the runtime's socket."""
    for node in facts.snapshot.all("nodes"):
        yield from _readiness(facts, node)
        yield from _pressures(facts, node)
    yield from _runtime(facts)
    yield from _never_started(facts)
    if not facts.world.nodes:
        yield from _unseen(facts)


def _unseen(facts: Facts) -> Iterator[Fault]:
    """Nodes that may not be read: the node controller says in their pods' events that they are not ready."""
    told: dict[str, str] = {}
    for pod in facts.world.pods.values():
        event = latest(facts.events_of(pod), "NodeNotReady", "TaintManagerEviction")
        if event and pod.node and not pod.ready and facts.world.is_recent(event.last):
            told.setdefault(pod.node, event.line)
    for node, line in told.items():
        yield _fault(facts, node, "node_not_ready", 0.8, "Its pods say that it is not ready.", line)


def _on(facts: Facts, node: str) -> list[PodFacts]:
    return [
        pod
        for pod in facts.world.pods.values()
        if pod.node == node and not pod.ready and pod.phase != "Succeeded"
    ]


def _fault(facts: Facts, node: str, cause: str, sure: float, why: str, *said: str) -> Fault:
    """A node without network keeps pods that look ready; other troubles show in the pods."""
    cut = cause == "node_network_unavailable"
    sick = [pod for pod in facts.live_pods if pod.node == node] if cut else _on(facts, node)
    hurt = f" {len(sick)} pods of the namespace run there." if cut else ""
    if sick and not cut:
        hurt = f" {len(sick)} pods of the namespace on it are not ready."
    return Fault(
        object=f"node/{node}",
        cause=cause,
        confidence=sure if sick else min(sure, 0.55),
        why=f"{why}{hurt}",
        evidence=evidence(
            *said, *(f"pod/{pod.name} on {node}: not ready" for pod in sick[:3] if not pod.ready)
        ),
        about=frozenset().union(frozenset({node}), *(facts.about(pod) for pod in sick)),
        related=tuple(dict.fromkeys(facts.world.owner(pod) for pod in sick))[:5],
    )


def _readiness(facts: Facts, node: Json) -> Iterator[Fault]:
    name, ready = name_of(node), condition(node, "Ready")
    status, said = text(ready, "status"), text(ready, "message")
    line = f"node/{name} Ready={status} {text(ready, 'reason')}: {said}"
    if status == "True" or not ready:
        if ready and _is_silent(facts, node):
            yield _fault(
                facts,
                name,
                "kubelet_down",
                0.85,
                "Its kubelet stopped reporting.",
                line,
                _heartbeat(node),
            )
        return
    if status == "Unknown" or "stopped posting" in said:
        yield _fault(
            facts, name, "kubelet_down", 0.95, "Its kubelet stopped posting node status.", line
        )
    elif _NETWORK.search(said) and "runtime is down" not in said:
        yield _fault(
            facts, name, "node_network_unavailable", 0.93, "Its network is not set up.", line
        )
    elif _RUNTIME.search(said):
        yield _fault(
            facts,
            name,
            "container_runtime_down",
            0.95,
            "Its container runtime does not answer.",
            line,
        )
    else:
        yield _fault(facts, name, "node_not_ready", 0.9, "It is not ready.", line)


def _heartbeat(node: Json) -> str:
    return f"node/{name_of(node)}: last heartbeat {text(condition(node, 'Ready'), 'lastHeartbeatTime')}"


def _is_silent(facts: Facts, node: Json) -> bool:
    """Older than those of other nodes, so that a recording made long ago is not taken for silence."""
    beats = [
        when
        for each in facts.snapshot.all("nodes")
        if (when := moment(condition(each, "Ready"), "lastHeartbeatTime"))
    ]
    mine = moment(condition(node, "Ready"), "lastHeartbeatTime")
    return mine is not None and len(beats) > 1 and max(beats) - mine > _SILENCE


def _pressures(facts: Facts, node: Json) -> Iterator[Fault]:
    for kind, cause in _PRESSURES.items():
        found = condition(node, kind)
        if text(found, "status") == "True":
            line = f"node/{name_of(node)} {kind}=True {text(found, 'reason')}: {text(found, 'message')}"
            what = (
                "Its network is not set up"
                if kind == "NetworkUnavailable"
                else "It is under pressure"
            )
            yield _fault(facts, name_of(node), cause, 0.88, f"{what} ({kind}).", line)


def _runtime(facts: Facts) -> Iterator[Fault]:
    """The runtime's socket in the errors of pods that wait, or of the node's own events."""
    seen: set[str] = set()
    for pod in facts.live_pods:
        event = latest(facts.events_of(pod), "FailedCreatePodSandBox", "FailedKillPod", "Failed")
        if pod.ready or not pod.node or pod.node in seen or event is None:
            continue
        if (
            re.search(
                r"containerd\.sock|crio\.sock|docker(?:shim)?\.sock|cri-dockerd", event.message
            )
            and "OOM" not in event.message
        ):
            seen.add(pod.node)
            yield _fault(
                facts,
                pod.node,
                "container_runtime_down",
                0.93,
                "Its container runtime does not answer.",
                event.line,
            )
        elif _NETWORK.search(event.message) or "failed to setup network" in event.message:
            seen.add(pod.node)
            yield _fault(
                facts,
                pod.node,
                "node_network_unavailable",
                0.85,
                "No network can be set up for pods.",
                event.line,
            )


def _never_started(facts: Facts) -> Iterator[Fault]:
    """Bound to a node for minutes without any word of its kubelet, while others there say nothing either."""
    waiting: dict[str, list[PodFacts]] = {}
    for pod in facts.world.pods.values():
        bound = latest(facts.events_of(pod), "Scheduled")
        since = pod.created or (bound.last if bound else None)
        old = since is not None and facts.world.now - since > _START
        if (
            (pod.node in facts.world.nodes or (pod.node and not facts.world.nodes))
            and pod.phase == "Pending"
            and old
            and not entries(pod.item, "status", "containerStatuses")
        ):
            heard = [
                each
                for each in facts.events_of(pod)
                if each.reason not in ("Scheduled", "FailedScheduling")
            ]
            if not heard:
                waiting.setdefault(pod.node, []).append(pod)
    for node, pods in waiting.items():
        item = facts.world.nodes.get(node, {})
        if is_control_plane(item) or text(condition(item, "Ready"), "status") in (
            "Unknown",
            "False",
        ):
            continue
        yield _fault(
            facts,
            node,
            "kubelet_down",
            0.8,
            "Pods bound to it never start and its kubelet says nothing.",
            f"pod/{pods[0].name}: Pending on {node}, no container status, no event of the kubelet",
        )
