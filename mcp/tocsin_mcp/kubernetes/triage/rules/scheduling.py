"""Pods that no node takes: the scheduler's message, checked against nodes, selectors, taints and requests."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.happenings import latest
from tocsin_mcp.kubernetes.triage.objects import condition, dig, entries, pairs, text
from tocsin_mcp.kubernetes.triage.placement import Fit, fits
from tocsin_mcp.kubernetes.triage.pods import PodFacts

_MESSAGES = (
    ("scheduling_volume_affinity", re.compile(r"volume node affinity conflict|PersistentVolume's node affinity", re.IGNORECASE)),
    ("scheduling_pod_anti_affinity", re.compile(r"anti-affinity", re.IGNORECASE)),
    ("scheduling_pod_affinity", re.compile(r"pod affinity rules", re.IGNORECASE)),
    ("scheduling_topology_spread", re.compile(r"topology spread", re.IGNORECASE)),
    ("scheduling_host_port", re.compile(r"free ports", re.IGNORECASE)),
    ("scheduling_too_many_pods", re.compile(r"Too many pods", re.IGNORECASE)),
    ("scheduling_insufficient_cpu", re.compile(r"Insufficient cpu", re.IGNORECASE)),
    ("scheduling_insufficient_memory", re.compile(r"Insufficient memory", re.IGNORECASE)),
    ("scheduling_insufficient_storage", re.compile(r"Insufficient ephemeral-storage", re.IGNORECASE)),
    ("scheduling_insufficient_device", re.compile(r"Insufficient (?!pods)[\w.-]+/?[\w.-]*", re.IGNORECASE)),
    ("scheduling_node_affinity", re.compile(r"node affinity/selector|node affinity", re.IGNORECASE)),
    ("scheduling_node_selector", re.compile(r"node selector", re.IGNORECASE)),
    ("scheduling_untolerated_taint", re.compile(r"untolerated taint|had taints? ", re.IGNORECASE)),
    ("scheduling_node_cordoned", re.compile(r"were unschedulable", re.IGNORECASE)),
)  # fmt: skip
_NODE_TROUBLE = re.compile(
    r"node\.kubernetes\.io/(?:not-ready|unreachable|disk-pressure|memory-pressure|pid-pressure|network-unavailable)"
)
_MEANT_FOR_OTHERS = re.compile(
    r"Pod's node affinity|node selector|affinity/selector", re.IGNORECASE
)
_SEGMENT = re.compile(r"(?P<count>\d+) (?P<what>[^,]+(?:\{[^}]*\})?[^,]*)")
_RESOURCES = {
    "cpu": "scheduling_insufficient_cpu",
    "memory": "scheduling_insufficient_memory",
    "ephemeral-storage": "scheduling_insufficient_storage",
}
_MOST_NODES = 2
_PATIENCE = timedelta(seconds=20)
_NO_CLAIM = re.compile(r"persistentvolumeclaim \"([^\"]+)\" not found", re.IGNORECASE)
_UNBOUND = re.compile(
    r"unbound immediate|persistentvolumeclaim \"[^\"]+\" is being deleted|claim .{0,60}not found",
    re.IGNORECASE,
)


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: pods in phase Pending without a node; the condition PodScheduled or the newest FailedScheduling event;
    cordons, taints, labels and sizes of the worker nodes. No word of the scheduler at all: it does not run."""
    for pod in facts.live_pods:
        if pod.phase == "Pending" and pod.node and _is_nowhere(facts, pod):
            yield _nowhere(facts, pod)
        if pod.node or pod.phase != "Pending":
            continue
        if said := _said(facts, pod):
            yield from _not_placed(facts, pod, said)
        elif _is_ignored(facts, pod):
            yield _nobody_answers(facts, pod)


def _is_nowhere(facts: Facts, pod: PodFacts) -> bool:
    return bool(facts.world.nodes) and pod.node not in facts.world.nodes


def _nowhere(facts: Facts, pod: PodFacts) -> Fault:
    """Bound by hand, past the scheduler."""
    said = (
        f"pod/{pod.name}: spec.nodeName {pod.node}; nodes: {', '.join(sorted(facts.world.nodes))}"
    )
    why = f"It is bound to node {pod.node}, which does not exist."
    return _fault(facts, pod, "scheduling_node_selector", said, why, 0.9)


def _said(facts: Facts, pod: PodFacts) -> str:
    """The scheduler's newest word on this pod."""
    scheduled = condition(pod.item, "PodScheduled")
    gates = [text(each, "name") for each in entries(pod.spec, "schedulingGates")]
    if gates or text(scheduled, "reason") == "SchedulingGated":
        return f"SchedulingGated: {', '.join(gates) or text(scheduled, 'message')}"
    event = latest(facts.events_of(pod), "FailedScheduling")
    return text(scheduled, "message") or (event.message if event else "")


def _is_ignored(facts: Facts, pod: PodFacts) -> bool:
    return not condition(pod.item, "PodScheduled") and (
        pod.created is None or facts.world.now - pod.created > _PATIENCE
    )


def _nobody_answers(facts: Facts, pod: PodFacts) -> Fault:
    name = text(pod.spec, "schedulerName") or "default-scheduler"
    own = name != "default-scheduler"
    pods = [each for each in facts.live_pods if not each.node and _is_ignored(facts, each)]
    return Fault(
        object=facts.world.owner(pod) if own else scheduler_object(facts),
        cause="scheduler_unknown" if own else "scheduler_unavailable",
        confidence=0.85 if facts.snapshot.knows("events") else 0.7,
        why=f"{len(pods)} pods wait for a node and scheduler {name} has said nothing about any: it does not run.",
        evidence=evidence(
            f"pod/{pod.name}: Pending, no node, no condition PodScheduled, no FailedScheduling event"
        ),
        about=frozenset().union(*(facts.about(each) for each in pods)),
        related=tuple(dict.fromkeys([facts.world.owner(each) for each in pods]))[:5],
        since=pod.created,
    )


def scheduler_object(facts: Facts) -> str:
    """The scheduler's pod when it was recorded."""
    for pod in facts.world.system_pods.values():
        if pod.name.startswith("kube-scheduler"):
            return pod.ref
    return "component/kube-scheduler"


def _not_placed(facts: Facts, pod: PodFacts, said: str) -> Iterator[Fault]:
    if said.startswith("SchedulingGated"):
        yield _fault(facts, pod, "scheduling_gated", said, "A scheduling gate holds it back.", 0.95)
    elif claim := _NO_CLAIM.search(said):
        yield _fault(facts, pod, "claim_missing", said, f"Claim {claim[1]} does not exist.", 0.9)
    elif _UNBOUND.search(said):
        yield _fault(facts, pod, "claim_unbound", said, "It waits for a volume claim.", 0.6)
    else:
        cause, why, nodes = _cause(pod, fits(pod, facts.snapshot.all("nodes")), said)
        found = _fault(
            facts, pod, cause, said, why, 0.93 if cause != "scheduling_failed" else 0.6, nodes
        )
        yield found
        for node in nodes[:_MOST_NODES]:
            others = (found.object, *found.related)
            yield replace(found, object=node, confidence=0.88, blames=frozenset(), related=others)


def _cause(pod: PodFacts, workers: Sequence[Fit], said: str) -> tuple[str, str, tuple[str, ...]]:
    """The objects decide where they can; the message decides the rest."""
    wanted = pairs(pod.spec, "nodeSelector")
    if workers and wanted and not any(each.selector for each in workers):
        return "scheduling_node_selector", f"No worker has the labels {wanted}.", ()
    required = dig(
        pod.spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"
    )
    if workers and required and not any(each.affinity for each in workers):
        return "scheduling_node_affinity", "No worker fits its required node affinity.", ()
    eligible = [each for each in workers if each.selector and each.affinity]
    open_ones = [each for each in eligible if not each.cordoned]
    if eligible and not open_ones:
        names = tuple(f"node/{each.node}" for each in eligible)
        return (
            "scheduling_node_cordoned",
            f"Every worker that fits is cordoned: {', '.join(names)}.",
            names,
        )
    if open_ones and all(each.taints for each in open_ones):
        return (
            "scheduling_untolerated_taint",
            f"It does not tolerate {', '.join(open_ones[0].taints)}.",
            (),
        )
    small = _too_small(open_ones)
    if small:
        return (
            _RESOURCES.get(small, "scheduling_insufficient_device"),
            f"It requests more {small} than any node has.",
            (),
        )
    return _by_message(pod, eligible, said)


def _too_small(workers: Sequence[Fit]) -> str:
    shared = set.intersection(*(set(each.too_small) for each in workers)) if workers else set()
    return next(iter(sorted(shared)), "")


def _by_message(
    pod: PodFacts, eligible: Sequence[Fit], said: str
) -> tuple[str, str, tuple[str, ...]]:
    """The reason of most nodes, without those that always refuse."""
    counted = [
        (int(found["count"]), found["what"].strip())
        for found in _SEGMENT.finditer(said.partition("preemption:")[0].partition(":")[2])
    ]
    apart = any(_is_usual(what) for _, what in counted)
    ranked = sorted(
        (each for each in counted if not _is_usual(each[1])),
        key=lambda each: (_only_excludes(each[1], each[0], apart=apart), -each[0]),
    )
    for _, what in ranked or [(0, said)]:
        if _NODE_TROUBLE.search(what):
            return "node_not_ready", "The nodes that fit are not ready or under pressure.", ()
        cause = next((cause for cause, pattern in _MESSAGES if pattern.search(what)), "")
        if cause == "scheduling_node_affinity":
            cause = _selector_or_affinity(pod)
        if cause == "scheduling_node_cordoned":
            cordoned = tuple(f"node/{each.node}" for each in eligible if each.cordoned)
            return cause, "A node that it needs is cordoned.", cordoned
        if cause:
            return cause, f"The scheduler says: {what}.", ()
    return "scheduling_failed", "No node fits.", ()


def _only_excludes(what: str, count: int, *, apart: bool) -> bool:
    """Nodes that a selector leaves out were never meant; one cordoned node is the control plane's if nothing else is."""
    if _MEANT_FOR_OTHERS.search(what):
        return True
    return "were unschedulable" in what and count == 1 and not apart


def _is_usual(what: str) -> bool:
    """Control-plane nodes refuse every application."""
    return any(key in what for key in ("control-plane", "node-role.kubernetes.io/master"))


def _selector_or_affinity(pod: PodFacts) -> str:
    affinity = dig(pod.spec, "affinity", "nodeAffinity")
    return (
        "scheduling_node_selector"
        if pairs(pod.spec, "nodeSelector") and not affinity
        else "scheduling_node_affinity"
    )


def _fault(
    facts: Facts,
    pod: PodFacts,
    cause: str,
    said: str,
    why: str,
    sure: float,
    nodes: tuple[str, ...] = (),
) -> Fault:
    return Fault(
        object=facts.world.owner(pod),
        cause=cause,
        confidence=sure,
        why=f"Pod {pod.name} cannot be placed. {why}",
        evidence=evidence(f"pod/{pod.name}: {said}", *(f"{node}: cordoned" for node in nodes)),
        about=facts.about(pod),
        related=(pod.ref, *nodes),
        generic=cause in ("claim_unbound", "scheduling_failed", "node_not_ready"),
        since=pod.created,
    )
