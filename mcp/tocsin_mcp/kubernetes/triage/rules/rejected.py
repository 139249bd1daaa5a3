"""Pods that the kubelet of their node turned away although the scheduler had sent them there."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.objects import text

_OUT_OF = {
    "OutOfcpu": "scheduling_insufficient_cpu",
    "OutOfmemory": "scheduling_insufficient_memory",
    "OutOfephemeral-storage": "scheduling_insufficient_storage",
    "OutOfpods": "scheduling_too_many_pods",
    "NodeAffinity": "scheduling_node_affinity",
    "NodePorts": "scheduling_host_port",
}
_DEVICE = re.compile(r"Allocate failed|no healthy devices|unhealthy devices", re.IGNORECASE)


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: phase Failed with status.reason OutOf…, NodeAffinity, NodePorts or UnexpectedAdmissionError, while the
    workload lacks pods. Such pods stay as a record when others took their place."""
    for pod in facts.world.pods.values():
        workload = facts.workload(pod)
        cause = _cause(text(pod.item, "status", "reason"), text(pod.item, "status", "message"))
        if pod.phase != "Failed" or not cause or workload is None or not workload.short:
            continue
        yield Fault(
            object=workload.ref,
            cause=cause,
            confidence=0.85,
            why=f"The kubelet of node {pod.node or 'unknown'} turns its pods away.",
            evidence=evidence(
                f"pod/{pod.name} {text(pod.item, 'status', 'reason')}: {text(pod.item, 'status', 'message')}"
            ),
            about=facts.about(pod),
            related=(pod.ref, *([f"node/{pod.node}"] if pod.node else [])),
        )


def _cause(reason: str, message: str) -> str:
    if reason in _OUT_OF:
        return _OUT_OF[reason]
    device = reason.startswith("OutOf") or (
        reason == "UnexpectedAdmissionError" and _DEVICE.search(message)
    )
    return "scheduling_insufficient_device" if device else ""
