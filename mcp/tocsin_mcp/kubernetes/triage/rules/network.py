"""Connections that are cut: network policies, a node's network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault, Tier
from tocsin_mcp.kubernetes.triage.happenings import latest
from tocsin_mcp.kubernetes.triage.log_reader import Complaint
from tocsin_mcp.kubernetes.triage.objects import entries, text
from tocsin_mcp.kubernetes.triage.policies import Policies
from tocsin_mcp.kubernetes.triage.signatures import CONNECTION_KINDS
from tocsin_mcp.kubernetes.triage.world import ServiceFacts, Workload

_LATE = re.compile(r"deadline exceeded|timeout|timed out", re.IGNORECASE)
_SEVERAL = 3


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: policies against the connections that variables name; timeouts to many ready services from one node."""
    policies = Policies(facts.snapshot.all("networkpolicies"), facts.world.namespace)
    yield from _policies(facts, policies)
    yield from _one_node(facts)
    yield from _late_answers(facts)


def _policies(facts: Facts, policies: Policies) -> Iterator[Fault]:
    """A connection that variables name and a policy cuts; the log makes it sure."""
    found: dict[tuple[str, str], Fault] = {}
    for address in facts.calls.addresses:
        service = facts.calls.service(address.host)
        caller = facts.world.workloads[address.workload]
        if service is None:
            continue
        for callee in facts.world.behind(service):
            cut = policies.blocking(caller.labels, callee.labels, _pod_port(service, callee))
            if not cut:
                continue
            line = _cut_off(facts, facts.complaints.signs, caller, service)
            faded = line or _cut_off(facts, facts.complaints.faded, caller, service)
            what, said = f"{caller.ref} to {service.ref}", faded or f"{caller.ref} {address.said}"
            sure = 0.93 if line else 0.75 if faded else 0.42 if _is_heard(facts, caller) else 0.6
            fault = by_policy(facts, cut, caller, what, said, sure)
            other = found.setdefault((cut, caller.ref), fault)
            if fault.confidence > other.confidence:
                found[cut, caller.ref] = fault
    yield from found.values()


def _is_heard(facts: Facts, caller: Workload) -> bool:
    """Whether its log is there: who says nothing of a cut connection does without it."""
    return any(log.lines for pod in caller.pods for log in facts.world.logs_of(pod.name))


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


def _cut_off(
    facts: Facts, complaints: Iterable[Complaint], caller: Workload, service: ServiceFacts
) -> str:
    """What the caller, or somebody to whom it passed the error on, says of the connection. While the policy stands, what is
    heard no more has only not been tried since."""
    for each in complaints:
        if each.sign.kind not in CONNECTION_KINDS:
            continue
        host = each.sign.host
        known = facts.calls.service(host) if host else None
        name = known.name if known else facts.calls.named_in(each.line)
        named = bool(host) and name == service.name
        own = each.workload == caller.ref
        if named or (own and not host):
            return each.line
    return ""


def by_policy(
    facts: Facts, policy: str, workload: Workload, what: str, said: str, sure: float
) -> Fault:
    """A network policy that cuts `what` of a workload."""
    return Fault(
        object=f"networkpolicy/{policy}",
        cause="network_policy_denies",
        confidence=sure,
        why=f"It lets nothing through from {what}.",
        evidence=evidence(said, f"networkpolicy/{policy} has no rule for {what}"),
        about=facts.concerned(workload) | {policy},
        related=(workload.ref,),
    )


def _late_answers(facts: Facts) -> Iterator[Fault]:
    """Probes of several workloads on one node time out, and hardly any elsewhere: the programs are not to blame."""
    late: dict[str, dict[str, str]] = {}
    hurt = {facts.world.owner(pod) for pod in facts.live_pods if not pod.ready}
    hurt |= {
        each.ref
        for complaint in facts.complaints.signs
        if complaint.sign.kind == "timeout"
        and (service := facts.calls.service(complaint.sign.host))
        for each in facts.world.behind(service)
    }
    for pod in facts.live_pods:
        event = latest(facts.events_of(pod), "Unhealthy")
        if (
            event
            and facts.world.is_recent(event.last)
            and event.count > 2
            and _LATE.search(event.message)
        ):
            late.setdefault(pod.node, {})[facts.world.owner(pod)] = event.line
    if not late or len({pod.node for pod in facts.live_pods if pod.node}) < 2:
        return
    node = max(late, key=lambda each: len(late[each]))
    elsewhere = {owner for each, owners in late.items() if each != node for owner in owners}
    if len(late[node]) < _SEVERAL or len(elsewhere) > 1 or not hurt & late[node].keys():
        return
    behind = frozenset().union(
        *(
            facts.concerned(facts.world.workloads[each])
            for each in late[node]
            if each in facts.world.workloads
        )
    )
    yield Fault(
        object=f"node/{node}",
        cause="cluster_network_failure",
        confidence=0.75,
        why=f"Probes of {len(late[node])} workloads on this node time out, those on other nodes do not: its network is slow or loses packets.",
        evidence=evidence(*list(late[node].values())[:3]),
        about=frozenset({node}) | behind,
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
    nodes = set(facts.world.nodes) or {pod.node for pod in facts.live_pods if pod.node}
    if len(failing) != 1 or len(nodes) < 2:
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
