"""What around the workloads may be the cause: nodes, volume claims, quotas, network policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from lightkube.models.core_v1 import NodeCondition
from lightkube.resources.core_v1 import Node, PersistentVolumeClaim, ResourceQuota
from lightkube.resources.networking_v1 import NetworkPolicy

from tocsin_mcp.kit.times import age, rfc3339

from .lookup import selector_text
from .services import matches
from .wording import message

_PRESSURES = ("MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable")


def node_problems(nodes: Iterable[Node], now: datetime) -> list[str]:
    """Nodes that are not ready, under pressure or cordoned. Cordoned control-plane nodes are as they should be."""
    found: list[str] = []
    for node in nodes:
        name = (node.metadata and node.metadata.name) or "?"
        conditions = (node.status and node.status.conditions) or []
        found += [f"node/{name}: {_condition(each, now)}" for each in conditions if _bad(each)]
        labels = (node.metadata and node.metadata.labels) or {}
        control = any(key.startswith("node-role.kubernetes.io/control-plane") for key in labels)
        if node.spec and node.spec.unschedulable and not control:
            found.append(f"node/{name}: cordoned (unschedulable)")
    return found


def claim_problems(claims: Iterable[PersistentVolumeClaim]) -> list[str]:
    """Volume claims that are not bound."""
    return [
        claim_line(claim) for claim in claims if not claim.status or claim.status.phase != "Bound"
    ]


def claim_line(claim: PersistentVolumeClaim) -> str:
    """A claim in one line."""
    spec, name = claim.spec, (claim.metadata and claim.metadata.name) or "?"
    storage_class = (spec and spec.storageClassName) or "the default"
    requests = (spec and spec.resources and spec.resources.requests) or {}
    phase = (claim.status and claim.status.phase) or "unknown"
    return f"persistentvolumeclaim/{name}: {phase}, {requests.get('storage', '?')} of storage class {storage_class}"


def quota_problems(quotas: Iterable[ResourceQuota]) -> list[str]:
    """Quotas that leave no room: the used amount equals the hard limit."""
    found: list[str] = []
    for quota in quotas:
        name = (quota.metadata and quota.metadata.name) or "?"
        hard = (quota.status and quota.status.hard) or {}
        used = (quota.status and quota.status.used) or {}
        full = [
            f"{key} {used[key]} of {hard[key]}"
            for key in sorted(hard)
            if _full(used.get(key), hard[key])
        ]
        if full:
            found.append(f"resourcequota/{name} is used up: {', '.join(full)}")
    return found


def policies_of(
    policies: Iterable[NetworkPolicy], labels: Mapping[str, str], now: datetime
) -> list[str]:
    """Network policies that select pods with these labels."""
    found = []
    for policy in policies:
        selector = policy.spec.podSelector if policy.spec else None
        wanted = (selector and selector.matchLabels) or {}
        expressions = (selector and selector.matchExpressions) or []
        if (wanted and not matches(wanted, labels)) or (expressions and not wanted):
            continue
        name = (policy.metadata and policy.metadata.name) or "?"
        created = policy.metadata.creationTimestamp if policy.metadata else None
        found.append(
            f"networkpolicy/{name} (created {age(created, now)} ago) selects {selector_text(selector) or 'all pods'}: "
            f"{_rules(policy)}"
        )
    return found


def _rules(policy: NetworkPolicy) -> str:
    spec = policy.spec
    types = (spec and spec.policyTypes) or ["Ingress"]
    told = []
    for kind in types:
        rules = (spec.ingress if kind == "Ingress" else spec.egress) if spec else None
        told.append(
            f"{kind.lower()} {'limited to ' + str(len(rules)) + ' rules' if rules else 'all denied'}"
        )
    return ", ".join(told)


def _bad(condition: NodeCondition) -> bool:
    if condition.type == "Ready":
        return condition.status != "True"
    return condition.type in _PRESSURES and condition.status == "True"


def _condition(each: NodeCondition, now: datetime) -> str:
    since = (
        f" since {rfc3339(each.lastTransitionTime)} ({age(each.lastTransitionTime, now)})"
        if each.lastTransitionTime
        else ""
    )
    return f"{each.type}={each.status}{since} {each.reason or ''}: {message(each.message)}"


def _full(used: object, hard: object) -> bool:
    first, second = _quantity(str(used or "0")), _quantity(str(hard))
    return first is not None and second is not None and second > 0 and first >= second


_UNITS = {
    "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40,
}  # fmt: skip


def _quantity(text: str) -> float | None:
    """A Kubernetes quantity (`100m`, `4`, `1.5Gi`) as a number, or None."""
    digits = text.rstrip("KMGTikm")
    try:
        return float(digits) * _UNITS[text[len(digits) :]]
    except (ValueError, KeyError):
        return None
