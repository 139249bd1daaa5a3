"""Names that cannot be resolved: a policy that cuts DNS, a pod's own DNS settings, or the DNS server."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin_mcp.kubernetes.triage.answers import answering, beyond
from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault, Tier
from tocsin_mcp.kubernetes.triage.history import changed
from tocsin_mcp.kubernetes.triage.log_reader import Complaint
from tocsin_mcp.kubernetes.triage.objects import dig, text, words
from tocsin_mcp.kubernetes.triage.policies import Policies
from tocsin_mcp.kubernetes.triage.world import ServiceFacts, Workload

from .network import by_policy

_DNS = ("unresolved", "unresolved_now")
_SERVERS = frozenset({"coredns", "kube-dns"})


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: resolution errors for services that exist; egress policies without port 53; dnsPolicy and dnsConfig."""
    policies = Policies(facts.snapshot.all("networkpolicies"), facts.world.namespace)
    sick = _complaining(facts)
    plain: list[Fault] = []
    for workload, complaint in sick:
        own = _own_dns(workload)
        service = facts.calls.service(complaint.sign.host)
        if service and _stands_for(service) and complaint.sign.kind == "unresolved":
            yield _alias(facts, service, workload, complaint)
        elif cut := policies.blocks_dns(workload.labels):
            yield by_policy(facts, cut, workload, "DNS (port 53)", complaint.line, 0.95)
        elif own:
            yield _own_settings(facts, workload, own, complaint)
        else:
            plain.append(_unresolved(facts, workload, complaint))
    yield from plain
    if 1 < len(plain) == len(sick):
        yield _for_all(plain)
    if not facts.snapshot.logs:
        yield from _unsaid(facts)


def _complaining(facts: Facts) -> list[tuple[Workload, Complaint]]:
    """The workloads that cannot resolve names of services that exist, each with one complaint."""
    found: dict[str, tuple[Workload, Complaint]] = {}
    for complaint in facts.complaints.signs:
        if complaint.sign.kind in _DNS and _exists(facts, complaint):
            workload = facts.world.workloads.get(_who(facts, complaint))
            if workload:
                found.setdefault(workload.ref, (workload, complaint))
    return list(found.values())


def _who(facts: Facts, complaint: Complaint) -> str:
    """Of an answer that is passed on: whoever further on calls the service that could not be found."""
    if not complaint.answer:
        return complaint.workload
    further = beyond(facts, complaint.workload)
    callers = [
        each
        for each in facts.calls.callers(facts.calls.service_name(complaint.sign.host))
        if each.partition("/")[2] in further
    ]
    source = answering(facts, complaint)
    if source and source.ref in callers:
        return source.ref
    return callers[0] if len(callers) == 1 else complaint.workload


def _unsaid(facts: Facts) -> Iterator[Fault]:
    for workload in facts.world.workloads.values():
        own = _own_dns(workload)
        if own and _needs_names(facts, workload):
            yield _own_settings(facts, workload, own, None)


def _needs_names(facts: Facts, workload: Workload) -> bool:
    """Without any log: a workload that calls services by name and asks another DNS server than the cluster's."""
    called = facts.calls.edges.get(workload.ref)
    servers = words(workload.spec, "dnsConfig", "nameservers")
    return bool(called) and not any(each.startswith(("169.254.", "10.")) for each in servers)


def _own_settings(facts: Facts, workload: Workload, own: str, complaint: Complaint | None) -> Fault:
    said = f"It cannot resolve {complaint.sign.host}, which exists. " if complaint else ""
    return Fault(
        object=workload.ref,
        cause="dns_config_invalid",
        confidence=0.9 if complaint else 0.7,
        why=f"{said}Its own DNS settings: {own}.",
        evidence=evidence(complaint.line if complaint else "", f"{workload.ref}: {own}"),
        about=facts.concerned(workload),
        since=complaint.first if complaint else None,
    )


def _stands_for(service: ServiceFacts) -> str:
    return text(service.item, "spec", "externalName")


def _alias(facts: Facts, service: ServiceFacts, workload: Workload, complaint: Complaint) -> Fault:
    """A Service that only stands for a name outside is as good as that name."""
    name = _stands_for(service)
    return Fault(
        object=service.ref,
        cause="address_unknown_host",
        confidence=0.85,
        why=f"It stands for {name}, which cannot be resolved.",
        evidence=evidence(f"{service.ref}: externalName {name}", complaint.line),
        about=frozenset({service.name}),
        since=complaint.first,
        related=(workload.ref,),
        victims=(workload.ref,),
    )


def _unresolved(facts: Facts, workload: Workload, complaint: Complaint) -> Fault:
    return Fault(
        object=workload.ref,
        cause="dns_failure",
        confidence=0.7,
        why=f"It cannot resolve {complaint.sign.host}, which exists.",
        evidence=evidence(complaint.line),
        tier=Tier.NAMED,
        about=facts.concerned(workload),
        blames=_SERVERS,
        since=complaint.first,
    )


def _for_all(single: list[Fault]) -> Fault:
    """What several workloads cannot resolve is the DNS server's doing, though it may look well."""
    return Fault(
        object="deployment/coredns",
        cause="dns_failure",
        confidence=0.72,
        why=f"{len(single)} workloads cannot resolve names that exist, and none has DNS settings of its own.",
        evidence=evidence(*(each.evidence[0] for each in single[:3])),
        tier=Tier.NAMED,
        about=_SERVERS.union(*(each.about for each in single)),
    )


def _exists(facts: Facts, complaint: Complaint) -> bool:
    """A name without a service is the business of other rules, unless resolution fails for a moment only."""
    host = complaint.sign.host
    return facts.calls.service(host) is not None or (
        complaint.sign.kind == "unresolved_now" and not facts.calls.is_inside(host)
    )


def _own_dns(workload: Workload) -> str:
    policy = text(workload.spec, "dnsPolicy")
    servers = dig(workload.spec, "dnsConfig", "nameservers")
    if policy in ("Default", "None"):
        return f"dnsPolicy {policy}" + (f", nameservers {servers}" if servers else "")
    host = dig(workload.spec, "hostNetwork") is True and policy != "ClusterFirstWithHostNet"
    if host:
        return f"hostNetwork with dnsPolicy {policy or 'ClusterFirst'}"
    if servers or changed(workload, "dnsConfig"):
        return f"dnsConfig {dig(workload.spec, 'dnsConfig')}"
    return ""
