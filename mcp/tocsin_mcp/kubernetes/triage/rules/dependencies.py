"""What callers say of those they call: who is named, who only passes errors on, who is to blame in their place."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault, Tier
from tocsin_mcp.kubernetes.triage.log_reader import Complaint
from tocsin_mcp.kubernetes.triage.objects import entries, text
from tocsin_mcp.kubernetes.triage.signatures import CONNECTION_KINDS
from tocsin_mcp.kubernetes.triage.world import ServiceFacts, Workload

_PASSED_ON = frozenset(
    {"upstream", "timeout", "refused", "unresolved", "unresolved_now", "protocol"}
)


_FEW = 2
_CUT_OFF = re.compile(
    r"code = (?:Unavailable|Canceled)|UNAVAILABLE|connection reset|ECONNRESET|\b50[234]\b",
    re.IGNORECASE,
)


_ANSWERED = re.compile(
    r"https?://[^\s\"'<>]{3,300}[\"']?[^\w\"']{1,6}(?:(?:http|status|code|returned|answered|replied|response|with|resulted|in|a)\W{1,4}){0,3}50[0234]\b"
    r"|\b50[0234]\b[\w :,-]{0,60} (?:for|from|calling|to)\b[\w :]{0,12}[\"'(]?https?://",
    re.IGNORECASE,
)
"""A call with the status that it got; an address that only stands in the same line is another thing."""

_OWN_STATUS = re.compile(
    r"\bstatus(?:_?code)?[\"']?\s*[=:]\s*[\"']?50[0234]\b|responded 50[0234]\b", re.IGNORECASE
)
_OF_CALLS = re.compile(
    r"rpc|upstream|StatusCode\.|StatusRuntime|https?://|ECONNRESET|connection reset|gateway|unavailable",
    re.IGNORECASE,
)


_RESET = re.compile(r"ECONNRESET|connection reset", re.IGNORECASE)


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: hosts, addresses and ports in connection errors, joined with services; gRPC and HTTP errors of callees.
    A service that callers name is blamed; who only logs such errors is a victim."""
    yield from _named(facts)
    yield from _passing_on(facts)


def _named(facts: Facts) -> Iterator[Fault]:
    cut: dict[str, list[Complaint]] = {}
    answered: dict[str, list[Complaint]] = {}
    outside: dict[tuple[str, str], Complaint] = {}
    for complaint in facts.complaints.signs:
        name = _service_of(facts, complaint)
        if name:
            (cut if _is_cut(complaint) else answered).setdefault(name, []).append(complaint)
        elif _is_outside(facts, complaint):
            outside.setdefault((complaint.workload, complaint.sign.host), complaint)
    for name, complaints in cut.items():
        if not all(each.sign.kind.startswith("unresolved") for each in complaints):
            yield _unreachable(facts, name, complaints)
    for name, complaints in answered.items():
        yield _answering_errors(facts, name, complaints)
    for (workload, host), complaint in outside.items():
        yield _outside(facts, workload, host, complaint)


def _service_of(facts: Facts, complaint: Complaint) -> str:
    """The service of the namespace that a complaint is about: by its address, else by its words."""
    host, kind = complaint.sign.host, complaint.sign.kind
    if not host and kind in ("timeout", "upstream"):
        return facts.calls.spoken_of(complaint.workload, complaint.line)
    if not host or kind not in CONNECTION_KINDS | {"upstream"}:
        return ""
    name = facts.calls.service_name(host)
    if facts.calls.service(host) or facts.world.named(name):
        return name
    if not _is_address(host):
        return ""
    return facts.calls.named_in(complaint.line) or _by_port(facts, complaint)


def _by_port(facts: Facts, complaint: Complaint) -> str:
    """An address that is nobody's now, as a service made anew leaves behind: the one called service with that port."""
    port = str(complaint.sign.port)
    offering = [
        name
        for name in facts.calls.called_by(complaint.workload)
        if any(text(each, "port") == port for each in facts.world.services[name].ports)
    ]
    return offering[0] if len(offering) == 1 else ""


def _is_cut(complaint: Complaint) -> bool:
    return bool(complaint.sign.kind in CONNECTION_KINDS or _CUT_OFF.search(complaint.line))


def _is_outside(facts: Facts, complaint: Complaint) -> bool:
    host, kind = complaint.sign.host, complaint.sign.kind
    if kind == "upstream":
        cut = "." in host and _RESET.search(complaint.line)
        return bool(cut or _ANSWERED.search(complaint.line)) and not _is_own(facts, host)
    if kind not in CONNECTION_KINDS or not host or _is_local(host):
        return False
    return not _is_address(host) or kind != "timeout" or _is_public(host)


def _is_own(facts: Facts, host: str) -> bool:
    """A name of this namespace, or one under which an Ingress offers it to the world."""
    offered = {
        text(rule, "host")
        for item in facts.snapshot.all("ingresses")
        for rule in entries(item, "spec", "rules")
    }
    return facts.calls.is_inside(host) or _is_address(host) or host in offered


def _is_public(host: str) -> bool:
    try:
        return ip_address(host).is_global
    except ValueError:
        return False


def _is_address(host: str) -> bool:
    return host.replace(".", "").isdigit()


def _is_local(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def _blamed(facts: Facts, name: str) -> tuple[ServiceFacts | None, list[Workload], str]:
    """The service of a name, the workloads behind it, and the object to blame."""
    service = facts.world.services.get(name)
    named = facts.world.named(name)
    behind = facts.world.behind(service) if service else [named] if named else []
    return service, behind, behind[0].ref if behind else f"service/{name}"


def _callers(complaints: list[Complaint], ref: str) -> list[str]:
    return sorted({each.workload for each in complaints} - {ref})


def _unreachable(facts: Facts, name: str, complaints: list[Complaint]) -> Fault:
    service, behind, ref = _blamed(facts, name)
    callers = _callers(complaints, ref)
    slow = all(each.sign.kind == "timeout" for each in complaints) and bool(
        service and service.ready
    )
    return _told_by(
        callers,
        complaints,
        object=ref,
        cause="network_delay" if slow else "dependency_unreachable",
        why=f"{', '.join(callers) or 'It'} cannot reach it; its own state shows no fault.",
        about=frozenset({name, *(each.name for each in behind)}),
    )


def _answering_errors(facts: Facts, name: str, complaints: list[Complaint]) -> Fault:
    """It was reached and answered with errors; its own log says nothing of them."""
    _, behind, ref = _blamed(facts, name)
    callers = _callers(complaints, ref)
    return _told_by(
        callers,
        complaints,
        object=ref,
        cause="application_errors",
        why=f"{', '.join(callers)} gets errors as its answers; its own state shows no fault.",
        about=frozenset({name, *(each.name for each in behind)}),
    )


def _told_by(
    callers: list[str],
    complaints: list[Complaint],
    *,
    object: str,
    cause: str,
    why: str,
    about: frozenset[str],
) -> Fault:
    """A fault that only its callers tell of: they are its victims, and what they log is the evidence."""
    return Fault(
        object=object,
        cause=cause,
        confidence=_sure(callers, complaints),
        why=why,
        evidence=evidence(*(f"{each.pod}: {each.line}" for each in complaints[:3])),
        tier=Tier.NAMED,
        about=about,
        generic=True,
        since=complaints[0].first,
        victims=tuple(callers),
    )


def _sure(callers: list[str], complaints: list[Complaint]) -> float:
    """A few errors are what every rollout leaves behind, and every client that hangs up."""
    if not callers or sum(each.count for each in complaints) <= _FEW:
        return 0.25
    return 0.6 if len(callers) > 1 else 0.5


def _outside(facts: Facts, workload: str, host: str, complaint: Complaint) -> Fault:
    found = facts.world.workloads.get(workload)
    broken = facts.is_of_broken(complaint)
    if complaint.sign.kind == "unresolved" and _is_of_nobody(facts, host):
        return Fault(
            object=workload,
            cause="address_unknown_host",
            confidence=0.9 if broken else 0.7 if complaint.count > _FEW else 0.28,
            why=f"It calls {host}, and no Service of the namespace has that name.",
            evidence=evidence(complaint.line),
            about=facts.concerned(found) if found else frozenset(),
            since=complaint.first,
        )
    return Fault(
        object=workload,
        cause="external_dependency_unreachable",
        confidence=0.65 if broken else 0.55 if complaint.count > _FEW else 0.28,
        why=f"It {'gets errors from' if complaint.sign.kind == 'upstream' else 'cannot reach'} {host}, which is nothing of this namespace.",
        evidence=evidence(complaint.line),
        tier=Tier.NAMED,
        about=facts.concerned(found) if found else frozenset(),
        since=complaint.first,
    )


def _is_of_nobody(facts: Facts, host: str) -> bool:
    """A short name can only mean a Service of the namespace, and there is none."""
    return (
        facts.snapshot.knows("services")
        and facts.calls.is_inside(host)
        and not _is_address(host)
        and facts.calls.service(host) is None
    )


def _passing_on(facts: Facts) -> Iterator[Fault]:
    """Everybody whose errors come from others, with the services that the errors or the configuration name."""
    by_workload: dict[str, list[Complaint]] = {}
    for complaint in facts.complaints.signs:
        if complaint.sign.kind in _PASSED_ON:
            by_workload.setdefault(complaint.workload, []).append(complaint)
    for workload, complaints in by_workload.items():
        spoken = [
            _service_of(facts, each) or facts.calls.service_name(each.sign.host)
            if each.sign.host
            else facts.calls.spoken_of(workload, each.line)
            for each in complaints
        ]
        named = {each for each in spoken if each}
        unnamed = not all(spoken)
        called = facts.calls.edges.get(workload, frozenset())
        found = facts.world.workloads.get(workload)
        many = sum(each.count for each in complaints) > _FEW
        own = not named and all(_is_answer(each) for each in complaints)
        yield Fault(
            object=workload,
            cause="application_errors" if own else "upstream_errors",
            confidence=(0.5 if own else 0.35) if many else 0.2,
            why="It answers with errors and names nobody else."
            if own
            else "It passes on errors of what it calls.",
            evidence=evidence(complaints[0].line),
            tier=Tier.EMITTED,
            about=facts.concerned(found) if found else frozenset(),
            blames=frozenset(named | (called if unnamed else frozenset())),
            generic=True,
            since=complaints[0].first,
        )


def _is_answer(complaint: Complaint) -> bool:
    """Whether a line tells of the program's own answer, not of one that it got."""
    return bool(_OWN_STATUS.search(complaint.line)) and not _OF_CALLS.search(complaint.line)
