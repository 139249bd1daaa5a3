"""Names that cannot be resolved and connections that are cut: DNS, network policies, a node's network."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin_mcp.kubernetes.triage.complaints import Complaint
from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault, Tier
from tocsin_mcp.kubernetes.triage.history import changed
from tocsin_mcp.kubernetes.triage.objects import dig, entries, text
from tocsin_mcp.kubernetes.triage.policies import Policies
from tocsin_mcp.kubernetes.triage.world import ServiceFacts, Workload

_DNS = ("unresolved", "unresolved_now")
_CUT = ("timeout", "unresolved", "unresolved_now")


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: resolution errors for services that exist; dnsPolicy and dnsConfig; policies against the connections that
    variables name; timeouts to many ready services from one node."""
    policies = Policies(facts.snapshot.all("networkpolicies"), facts.world.namespace)
    yield from _dns(facts, policies)
    yield from _policies(facts, policies)
    yield from _one_node(facts)


def _dns(facts: Facts, policies: Policies) -> Iterator[Fault]:
    by_workload: dict[str, list[Complaint]] = {}
    for complaint in facts.complaints.signs:
        if complaint.sign.kind in _DNS and _exists(facts, complaint):
            by_workload.setdefault(complaint.workload, []).append(complaint)
    for ref, complaints in by_workload.items():
        workload = facts.world.workloads.get(ref)
        if workload is None:
            continue
        cut = policies.blocks_dns(workload.labels)
        if cut:
            yield _by_policy(facts, cut, workload, "DNS (port 53)", complaints[0].line, 0.95)
            continue
        own = _own_dns(workload)
        several = len(by_workload) > 1
        yield Fault(
            object=ref,
            cause="dns_config_invalid" if own else "dns_failure",
            confidence=0.9 if own else 0.7 if not several else 0.65,
            why=f"It cannot resolve {complaints[0].sign.host}, which exists."
            + (f" Its own DNS settings: {own}." if own else ""),
            evidence=evidence(complaints[0].line, own),
            tier=Tier.OWN_STATE if own else Tier.NAMED,
            about=facts.concerned(workload),
            blames=frozenset() if own else frozenset({"coredns", "kube-dns"}),
            since=complaints[0].first,
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


def _policies(facts: Facts, policies: Policies) -> Iterator[Fault]:
    """A connection that variables name and a policy cuts; the log makes it sure."""
    seen: set[tuple[str, str]] = set()
    for address in facts.calls.addresses:
        service = facts.calls.service(address.host)
        caller = facts.world.workloads[address.workload]
        if service is None:
            continue
        for callee in facts.world.behind(service):
            cut = policies.blocking(caller.labels, callee.labels, _pod_port(service, callee))
            if cut and (cut, caller.ref) not in seen:
                seen.add((cut, caller.ref))
                line = _timed_out(facts, caller, service)
                said = line or f"{caller.ref} {address.said}"
                yield _by_policy(
                    facts,
                    cut,
                    caller,
                    f"{caller.ref} to {service.ref}",
                    said,
                    0.93 if line else 0.6,
                )


def _pod_port(service: ServiceFacts, callee: Workload) -> int:
    for port in service.ports:
        target = text(port, "targetPort") or text(port, "port")
        if target.isdigit():
            return int(target)
        for container in entries(callee.spec, "containers"):
            for declared in entries(container, "ports"):
                if text(declared, "name") == target:
                    return int(text(declared, "containerPort") or 0)
    return 0


def _timed_out(facts: Facts, caller: Workload, service: ServiceFacts) -> str:
    for each in facts.complaints.of(caller.ref):
        named = not each.sign.host or facts.calls.service_name(each.sign.host) == service.name
        if each.sign.kind in _CUT and named:
            return each.line
    return ""


def _by_policy(
    facts: Facts, policy: str, workload: Workload, what: str, said: str, sure: float
) -> Fault:
    return Fault(
        object=f"networkpolicy/{policy}",
        cause="network_policy_denies",
        confidence=sure,
        why=f"It lets nothing through from {what}.",
        evidence=evidence(said, f"networkpolicy/{policy} selects the pods of {workload.ref}"),
        about=facts.concerned(workload) | {policy},
        related=(workload.ref,),
    )


def _one_node(facts: Facts) -> Iterator[Fault]:
    """Several callees, all with ready endpoints, fail from the pods of one node, and from no other."""
    failing: dict[str, dict[str, Complaint]] = {}
    for complaint in facts.complaints.signs:
        service = facts.calls.service(complaint.sign.host) if complaint.sign.host else None
        if (
            complaint.sign.kind in ("timeout", "refused")
            and service
            and service.ready
            and complaint.node
        ):
            failing.setdefault(complaint.node, {})[service.name] = complaint
    if len(failing) != 1 or len(facts.world.nodes) < 2:
        return
    node, named = next(iter(failing.items()))
    if len(named) >= 3:
        yield Fault(
            object=f"node/{node}",
            cause="cluster_network_failure",
            confidence=0.55,
            why=f"From this node alone {len(named)} services cannot be reached although all are ready: kube-proxy or the network of the node.",
            evidence=evidence(*(each.line for each in list(named.values())[:3])),
            tier=Tier.OWN_STATE,
            about=frozenset(
                {node, *named, *(each.workload.partition("/")[2] for each in named.values())}
            ),
        )
