"""Addresses in variables that lead nowhere: hosts that do not exist, other services than meant, wrong ports."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import replace

from tocsin_mcp.kubernetes.triage.calls import Address, bare
from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault, Tier
from tocsin_mcp.kubernetes.triage.history import changed
from tocsin_mcp.kubernetes.triage.objects import entries, text
from tocsin_mcp.kubernetes.triage.signatures import CONNECTION_KINDS
from tocsin_mcp.kubernetes.triage.world import ServiceFacts

_LIKENESS = 0.75
_SHORT = 4


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: host and port of variables named *_ADDR, *_HOST, *_URL against services and their ports; the variable's
    own name against the host; a host that nobody knows counts only when it is nearly that of a service, or when the
    program's log or the newest revision speaks of it, because optional parts are often absent."""
    if not facts.snapshot.knows("services"):
        return
    for address in facts.calls.addresses:
        if not facts.calls.is_inside(address.host):
            yield from _elsewhere(facts, address)
            continue
        service = facts.calls.service(address.host)
        if service is None:
            yield from _unknown(facts, address)
        elif meant := _other_meant(facts, address, service):
            yield _wrong_service(facts, address, meant)
        elif (port := address.port or _called_port(facts, address)) and not _offers(service, port):
            yield _wrong_port(facts, replace(address, port=port), service)


def _elsewhere(facts: Facts, address: Address) -> Iterator[Fault]:
    """An IP address that is nobody's, or a name in another namespace, where a service of this one would be meant."""
    if facts.calls.service(address.host) or not _of_cluster(address.host):
        return
    first = address.host.partition(".")[0]
    stem = _by_stem(facts, address)
    meant = first if first in facts.world.services else next(iter(stem), "")
    complaint = _complaint(facts, address)
    new = changed(facts.world.workloads.get(address.workload), address.where)
    lost = "no such host" in complaint or "not known" in complaint
    if not (meant or lost):
        return
    sure = 0.92 if complaint and meant else 0.85 if new else 0.8 if complaint else 0.55
    hint = f" Service {meant} exists in {facts.world.namespace}." if meant else ""
    yield _fault(
        facts,
        address,
        "address_unknown_host",
        sure,
        f"{address.host} is no service of the namespace.{hint}",
        complaint,
    )


def _of_cluster(host: str) -> bool:
    """An IP address, `name.namespace` or a name below `.svc`; anything else is of the world outside."""
    return host.replace(".", "").isdigit() or ".svc" in host or host.count(".") == 1


def _unknown(facts: Facts, address: Address) -> Iterator[Fault]:
    name = facts.calls.service_name(address.host)
    workload = facts.world.named(name)
    if workload and not facts.calls.is_called(workload):
        return  # the workload is there and its Service is not: the rule of missing services
    complaint = _complaint(facts, address)
    near = _near(facts, address)
    new = changed(facts.world.workloads.get(address.workload), address.where)
    if not (complaint or near or new):
        return
    broken = facts.world.workloads[address.workload].short
    sure = 0.93 if complaint and (near or new) else 0.88 if near and new else 0.8
    if complaint and broken:
        sure = 0.93  # it ends or waits because of it
    hint = f" Service {near} exists." if near else ""
    yield _fault(
        facts,
        address,
        "address_unknown_host",
        sure,
        f"There is no service {name}.{hint}",
        complaint,
    )


def _near(facts: Facts, address: Address) -> str:
    """A service that this variable may mean: nearly of this name, or of the variable's, and named by no other variable."""
    taken = {
        facts.calls.service_name(each.host)
        for each in facts.calls.addresses
        if each.workload == address.workload and each != address
    }
    free = [each for each in facts.world.services if each not in taken]
    by_name = [each for each in _by_stem(facts, address) if each in free]
    near = difflib.get_close_matches(
        facts.calls.service_name(address.host), free, n=1, cutoff=_LIKENESS
    )
    found = by_name or near
    return found[0] if found else ""


def _by_stem(facts: Facts, address: Address) -> list[str]:
    """The services that a variable's name says: of just that name, else the only one that begins with it."""
    same = [each for each in facts.world.services if bare(each) == address.stem]
    begun = [each for each in facts.world.services if bare(each).startswith(address.stem)]
    return same or (begun if len(begun) == 1 and len(address.stem) >= _SHORT else [])


def _other_meant(facts: Facts, address: Address, service: ServiceFacts) -> str:
    """The service that the variable's name says, when it names another one; the beginning of its name counts if nobody
    else names it and the program complains or the newest revision speaks of it."""
    plain = bare(service.name)
    if not address.stem or plain in address.stem or address.stem in plain:
        return ""
    found = _by_stem(facts, address)
    if not found or bare(found[0]) == address.stem:
        return found[0] if found else ""
    new = changed(facts.world.workloads.get(address.workload), address.where)
    told = new or facts.complaints.of(address.workload)
    return found[0] if told and not facts.calls.callers(found[0]) else ""


def _called_port(facts: Facts, address: Address) -> int:
    """The port that the program says it could not reach, where its variable names none: that of the scheme, mostly."""
    told = (
        each.sign.port
        for each in facts.complaints.of(address.workload)
        if each.sign.kind in CONNECTION_KINDS and each.sign.host == address.host
    )
    return next((port for port in told if port), 0)


def _offers(service: ServiceFacts, port: int) -> bool:
    return any(text(each, "port") == str(port) for each in service.ports) or service.external


def _wrong_service(facts: Facts, address: Address, meant: str) -> Fault:
    why = f"Variable {address.where.removeprefix('env ')} names {address.host}; by its name it means service {meant}."
    return _fault(facts, address, "address_unknown_host", 0.86, why, "")


def _wrong_port(facts: Facts, address: Address, service: ServiceFacts) -> Fault:
    """The one that is alone is wrong: one client among several, or the service if all clients agree against it."""
    offered = ", ".join(text(each, "port") for each in service.ports)
    said = f"{service.ref} offers port {offered}"
    others = [
        each
        for each in facts.calls.naming(address.host)
        if each.workload != address.workload and each.port
    ]
    agree = [each for each in others if each.port == address.port]
    listens = any(
        text(port, "containerPort") == str(address.port)
        for workload in facts.world.behind(service)
        for container in entries(workload.spec, "containers")
        for port in entries(container, "ports")
    )
    new = changed(facts.world.workloads.get(address.workload), address.where)
    if not new and ((agree and len(agree) == len(others)) or (listens and not others)):
        return Fault(
            object=service.ref,
            cause="service_port_mismatch",
            confidence=0.9,
            why=f"All its clients call port {address.port}; it offers {offered}.",
            evidence=evidence(said, f"{address.workload} {address.said}"),
            about=frozenset({service.name, *(each.name for each in facts.world.behind(service))}),
            related=(address.workload,),
        )
    why = f"Service {service.name} offers port {offered}, not {address.port}."
    return _fault(facts, address, "address_wrong_port", 0.92, why, said)


def _complaint(facts: Facts, address: Address) -> str:
    """The program's own complaint about the address, or that of a caller to whom it passed its error on."""
    wanted = facts.calls.service_name(address.host)
    told = [
        each
        for each in facts.complaints.signs
        if each.sign.kind in CONNECTION_KINDS
        and each.sign.host
        and facts.calls.service_name(each.sign.host) == wanted
    ]
    own = [each for each in told if each.workload == address.workload]
    passed_on = [] if wanted in facts.world.services else told
    return (own or passed_on)[0].line if own or passed_on else ""


def _fault(facts: Facts, address: Address, cause: str, sure: float, why: str, said: str) -> Fault:
    workload = facts.world.workloads[address.workload]
    return Fault(
        object=address.workload,
        cause=cause,
        confidence=sure,
        why=why,
        evidence=evidence(
            f"{address.workload} container {address.container}: {address.said}", said
        ),
        tier=Tier.OWN_STATE,
        about=facts.concerned(workload),
    )
