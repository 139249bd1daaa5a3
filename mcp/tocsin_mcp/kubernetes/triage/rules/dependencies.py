"""What callers say of those they call: who is named, who only passes errors on, who is to blame in their place."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin_mcp.kubernetes.triage.complaints import Complaint
from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault, Tier
from tocsin_mcp.kubernetes.triage.signatures import CONNECTION_KINDS

_PASSED_ON = frozenset(
    {"upstream", "timeout", "refused", "unresolved", "unresolved_now", "protocol"}
)


_FEW = 2


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: hosts, addresses and ports in connection errors, joined with services; gRPC and HTTP errors of callees.
    A service that callers name is blamed; who only logs such errors is a victim."""
    yield from _named(facts)
    yield from _passing_on(facts)


def _named(facts: Facts) -> Iterator[Fault]:
    by_service: dict[str, list[Complaint]] = {}
    outside: dict[tuple[str, str], Complaint] = {}
    for complaint in facts.complaints.signs:
        host = complaint.sign.host
        if complaint.sign.kind not in CONNECTION_KINDS or not host:
            continue
        if facts.calls.service(host) or facts.world.named(facts.calls.service_name(host)):
            by_service.setdefault(facts.calls.service_name(host), []).append(complaint)
        elif not _is_address(host) or complaint.sign.kind != "timeout":
            outside.setdefault((complaint.workload, host), complaint)
    for name, complaints in by_service.items():
        if not all(each.sign.kind.startswith("unresolved") for each in complaints):
            yield _unreachable(facts, name, complaints)
    for (workload, host), complaint in outside.items():
        yield _outside(facts, workload, host, complaint)


def _is_address(host: str) -> bool:
    return host.replace(".", "").isdigit()


def _unreachable(facts: Facts, name: str, complaints: list[Complaint]) -> Fault:
    service = facts.world.services.get(name)
    behind = facts.world.behind(service) if service else []
    workload = behind[0] if behind else facts.world.named(name)
    callers = sorted(
        {each.workload for each in complaints} - ({workload.ref} if workload else set())
    )
    slow = all(each.sign.kind == "timeout" for each in complaints) and bool(
        service and service.ready
    )
    return Fault(
        object=workload.ref if workload else f"service/{name}",
        cause="network_delay" if slow else "dependency_unreachable",
        confidence=_sure(callers, complaints),
        why=f"{', '.join(callers) or 'It'} cannot reach it; its own state shows no fault.",
        evidence=evidence(*(f"{each.pod}: {each.line}" for each in complaints[:3])),
        tier=Tier.NAMED,
        about=frozenset({name, *(each.name for each in behind)}),
        generic=True,
        since=complaints[0].first,
        victims=tuple(callers),
    )


def _sure(callers: list[str], complaints: list[Complaint]) -> float:
    """A few errors are what every rollout leaves behind."""
    if not callers or sum(each.count for each in complaints) <= _FEW:
        return 0.28
    return 0.6 if len(callers) > 1 else 0.5


def _outside(facts: Facts, workload: str, host: str, complaint: Complaint) -> Fault:
    found = facts.world.workloads.get(workload)
    broken = found is not None and found.short
    return Fault(
        object=workload,
        cause="external_dependency_unreachable",
        confidence=0.65 if broken else 0.55 if complaint.count > _FEW else 0.28,
        why=f"It cannot reach {host}, which is nothing of this namespace.",
        evidence=evidence(complaint.line),
        tier=Tier.NAMED,
        about=facts.concerned(found) if found else frozenset(),
        since=complaint.first,
    )


def _passing_on(facts: Facts) -> Iterator[Fault]:
    """Everybody whose errors come from others, with the services that the errors or the configuration name."""
    by_workload: dict[str, list[Complaint]] = {}
    for complaint in facts.complaints.signs:
        if complaint.sign.kind in _PASSED_ON:
            by_workload.setdefault(complaint.workload, []).append(complaint)
    for workload, complaints in by_workload.items():
        named = {facts.calls.service_name(each.sign.host) for each in complaints if each.sign.host}
        unnamed = any(not each.sign.host for each in complaints)
        called = facts.calls.edges.get(workload, frozenset())
        found = facts.world.workloads.get(workload)
        yield Fault(
            object=workload,
            cause="upstream_errors",
            confidence=0.35 if sum(each.count for each in complaints) > _FEW else 0.2,
            why="It passes on errors of what it calls.",
            evidence=evidence(complaints[0].line),
            tier=Tier.EMITTED,
            about=facts.concerned(found) if found else frozenset(),
            blames=frozenset(named | (called if unnamed else frozenset())),
            generic=True,
            since=complaints[0].first,
        )
