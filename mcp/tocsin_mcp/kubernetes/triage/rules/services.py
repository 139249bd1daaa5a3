"""Services that lead nowhere: selectors, target ports, protocols, and services that do not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from tocsin_mcp.kubernetes.triage.calls import bare
from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.objects import Json, chosen, entries, name_of, text
from tocsin_mcp.kubernetes.triage.pods import PodFacts
from tocsin_mcp.kubernetes.triage.world import ServiceFacts, Workload

from .creation import of_quota, quota_cause, used_up
from .probes import port_of

_PROBES = ("readinessProbe", "livenessProbe", "startupProbe")


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: a service's selector against pods and templates; targetPort and protocol against declared ports; names
    that variables and workloads share with no service, and the quota of services."""
    for service in facts.world.services.values():
        if not service.external:
            found = list(_selection(facts, service)) or list(_ports(facts, service))
            yield from found or _without_endpoints(facts, service)
    yield from _missing(facts)


def _selection(facts: Facts, service: ServiceFacts) -> Iterator[Fault]:
    """No template fits the selector while a workload of the service's name exists, or another's does."""
    fitting = [
        each for each in facts.world.workloads.values() if chosen(service.selector, each.labels)
    ]
    meant = _meant(facts, service)
    if meant is None or meant in fitting:
        return
    if service.pods and not fitting:
        return
    if _is_spare(facts, service, meant):
        return
    picked = fitting[0].ref if fitting else "no workload"
    said = (
        f"{service.ref} selects {dict(service.selector)}; pods of {meant.ref} carry {meant.labels}"
    )
    yield Fault(
        object=service.ref,
        cause="service_selector_mismatch",
        confidence=0.95 if not fitting else 0.88,
        why=f"It selects {picked}, not the pods of {meant.ref}.",
        evidence=evidence(said, f"{service.ref}: {service.ready} ready endpoints"),
        about=frozenset({service.name, meant.name}),
        related=(meant.ref,),
    )


def _is_spare(facts: Facts, service: ServiceFacts, meant: Workload) -> bool:
    """A second service for what has one of its own, called by nobody: one for a canary that does not run now."""
    return (
        bare(service.name) != bare(meant.name)
        and bool(facts.world.services_of(meant))
        and not facts.calls.callers(service.name)
    )


def _without_endpoints(facts: Facts, service: ServiceFacts) -> Iterator[Fault]:
    """Called by somebody, and nothing answers: no pod at all, or ready pods that no controller has listed."""
    callers = facts.calls.callers(service.name)
    listed = any(each.ready and not each.deleted for each in service.pods)
    empty = not service.pods and not facts.world.behind(service)
    if service.ready != 0 or not callers or not (listed or empty):
        return
    yield Fault(
        object=service.ref,
        cause="no_endpoints",
        confidence=0.6,
        why="Nothing stands behind it."
        if empty
        else "Its pods are ready and not among its endpoints.",
        evidence=evidence(
            f"{service.ref} selects {dict(service.selector)}: no ready endpoints, called by {', '.join(callers)}"
        ),
        about=_about(facts, service),
        victims=tuple(callers),
    )


def _meant(facts: Facts, service: ServiceFacts) -> Workload | None:
    """The workload that a service stands for: of its name, or of the nearest name with labels in common; of those that are
    merely named alike one that no service chooses."""
    same = facts.world.named(service.name)
    if same:
        return same
    names = {bare(each.name): each for each in facts.world.workloads.values() if each.kind != "job"}
    plain = bare(service.name)
    if plain in names:
        return names[plain]
    wanted = set(service.selector.values())
    shared = [
        each for each in names.values() if wanted & set(each.labels.values()) and each.kind != "job"
    ]
    if shared:
        return min(shared, key=lambda each: len(each.name))
    alone = [name for name, each in names.items() if not facts.world.services_of(each)]
    near = difflib.get_close_matches(plain, alone, n=1, cutoff=0.8)
    return names[near[0]] if near and not service.pods else None


def _ports(facts: Facts, service: ServiceFacts) -> Iterator[Fault]:
    """Target ports that the chosen pods do not have, judged only where the pods declare their ports."""
    declared = [port for pod in service.pods for port in _declared(pod)]
    if not declared:
        return
    fitting = [port for port in service.ports if _target_fits(port, declared)]
    for port in service.ports:
        match = [each for each in declared if _same_number(port, each)]
        wrong = match and all(_protocol(each) != _protocol(port) for each in match)
        if wrong:
            yield _wrong_protocol(facts, service, port, match)
        elif not match and not fitting:
            yield _wrong_target(facts, service, port, declared)


def _declared(pod: PodFacts) -> list[Json]:
    return [port for container in pod.containers for port in container.ports]


def _target(port: Json) -> str:
    return text(port, "targetPort") or text(port, "port")


def _same_number(port: Json, declared: Json) -> bool:
    return _target(port) in (text(declared, "containerPort"), text(declared, "name"))


def _target_fits(port: Json, declared: list[Json]) -> bool:
    return any(_same_number(port, each) for each in declared)


def _protocol(port: Json) -> str:
    return text(port, "protocol") or "TCP"


def _wrong_target(facts: Facts, service: ServiceFacts, port: Json, declared: list[Json]) -> Fault:
    has = ", ".join(sorted({text(each, "containerPort") for each in declared}))
    named = not _target(port).isdigit()
    probed = any(
        port_of(container.spec[key]) not in ("", _target(port))
        for pod in service.pods[:1]
        for container in pod.containers
        for key in _PROBES
        if isinstance(container.spec.get(key), dict)
    )
    return Fault(
        object=service.ref,
        cause="service_target_port_mismatch",
        confidence=0.95 if named else 0.92 if probed else 0.75,
        why=f"It sends traffic to port {_target(port)}; its pods declare {has}.",
        evidence=evidence(
            f"{service.ref} {text(port, 'port')}->{_target(port)}; its pods declare {has}"
        ),
        about=_about(facts, service),
        related=tuple(each.ref for each in facts.world.behind(service)),
    )


def _wrong_protocol(facts: Facts, service: ServiceFacts, port: Json, match: list[Json]) -> Fault:
    has = ", ".join(sorted({_protocol(each) for each in match}))
    said = f"{service.ref} port {text(port, 'port')} is {_protocol(port)}; its pods declare {has}"
    return Fault(
        object=service.ref,
        cause="service_protocol_mismatch",
        confidence=0.94,
        why=f"It carries {_protocol(port)}; its pods serve {has}.",
        evidence=evidence(said),
        about=_about(facts, service),
        related=tuple(each.ref for each in facts.world.behind(service)),
    )


def _about(facts: Facts, service: ServiceFacts) -> frozenset[str]:
    return frozenset({service.name, *(each.name for each in facts.world.behind(service))})


def _missing(facts: Facts) -> Iterator[Fault]:
    """Somebody's configuration names a workload of the namespace by the Service that it no longer has."""
    if not facts.snapshot.knows("services"):
        return
    wanted: dict[str, list[str]] = {}
    for address in facts.calls.addresses:
        name = facts.calls.service_name(address.host)
        workload = facts.world.named(name)
        if name not in facts.world.services and workload and not facts.calls.is_called(workload):
            wanted.setdefault(name, []).append(f"{address.workload} {address.said}")
    full = _full_quota(facts)
    for workload in _without_service(facts) if full[0] else ():
        wanted.setdefault(workload.name, [f"{workload.ref} declares ports and has no Service"])
    for name, said in wanted.items():
        workload = facts.world.named(name)
        if workload:
            yield from _lost_service(facts, workload, said, full)


def _without_service(facts: Facts) -> list[Workload]:
    """Workloads with ports that no service chooses, if that is the exception in this namespace."""
    serving = [
        each
        for each in facts.world.workloads.values()
        if each.kind in ("deployment", "statefulset")
        and any(entries(container, "ports") for container in entries(each.spec, "containers"))
    ]
    without = [each for each in serving if not facts.world.services_of(each)]
    return without if len(without) * 2 < len(serving) else []


def _lost_service(
    facts: Facts, workload: Workload, said: list[str], full: tuple[str, str]
) -> Iterator[Fault]:
    callers = frozenset(each.split()[0].partition("/")[2] for each in said)
    quotes = evidence(*said[:3], full[1])
    about = frozenset({workload.name})
    if full[0]:
        why = f"{workload.ref} has no Service, and the quota of services is used up."
        yield from of_quota(facts, "quota_services", workload, full[0], why, quotes, about)
        return
    yield Fault(
        object=f"service/{workload.name}",
        cause="service_missing",
        confidence=0.94,
        why=f"{workload.ref} runs and has no Service, but {', '.join(sorted(callers))} calls it by that name.",
        evidence=quotes,
        about=about,
        related=(workload.ref,),
    )


def _full_quota(facts: Facts) -> tuple[str, str]:
    """Name of the quota that leaves no room for services, and a quote."""
    for quota in facts.snapshot.all("resourcequotas"):
        full = [each for each in used_up(quota) if quota_cause(each) == "quota_services"]
        if full:
            used = text(quota, "status", "used", full[0])
            return (
                name_of(quota),
                f"resourcequota/{name_of(quota)}: {full[0]} {used} of {text(quota, 'status', 'hard', full[0])}",
            )
    return "", ""
