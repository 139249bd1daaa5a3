"""All rules over one snapshot, ranked, with a verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from .facts import Facts
from .fault import Fault, Tier
from .history import latest_change
from .ranking import ranked
from .rules import (
    addresses,
    claims,
    configuration,
    control_plane,
    cpu,
    crashes,
    creation,
    dependencies,
    images,
    ingresses,
    jobs,
    memory,
    names,
    network,
    nodes,
    probes,
    programs,
    rejected,
    scale,
    scheduling,
    services,
    volumes,
)
from .snapshot import Snapshot

RULES: tuple[Callable[[Facts], Iterator[Fault]], ...] = tuple(
    module.find
    for module in (
        images, configuration, volumes, claims, scheduling, rejected, creation, memory, probes, crashes, services, addresses,
        names, network, nodes, control_plane, jobs, ingresses, programs, dependencies, scale, cpu,
    )
)  # fmt: skip

MOST = 3
SURE = 0.5
"""From this confidence on a candidate is called a fault."""

WORTH_SAYING = 0.3
_LATELY = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One ranked cause. `confidence` is 0..1; `changed` are changes of the object before its trouble began."""

    object: str
    cause: str
    confidence: float
    evidence: tuple[str, ...]
    why: str
    related: tuple[str, ...] = ()
    victims: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Triage:
    """`verdict` is fault, healthy or inconclusive; at most three candidates, the likeliest first."""

    verdict: str
    candidates: tuple[Candidate, ...]
    notes: tuple[str, ...] = ()


def state_faults(facts: Facts) -> list[Fault]:
    """The faults of all rules, unranked."""
    return [fault for rule in RULES for fault in rule(facts)]


def triage(snapshot: Snapshot, service: str = "") -> Triage:
    """What is broken in the snapshot, seen from `service` (a workload's or service's name) when one is given."""
    facts = Facts(snapshot)
    known = service if _known(facts, service) else ""
    found = [
        fault
        for fault in ranked(facts, state_faults(facts), known)
        if fault.confidence >= WORTH_SAYING
    ]
    notes = list(snapshot.notes)
    if service and not known:
        notes.append(f"no workload or service named {service} in namespace {snapshot.namespace}")
    if snapshot.knows("pods") and _is_empty(facts):
        notes.append(
            f"no workload and no pod in namespace {snapshot.namespace}: see whether its name is right"
        )
    verdict = _verdict(facts, found)
    shown = () if verdict == "healthy" else tuple(_candidate(facts, each) for each in found[:MOST])
    return Triage(verdict, shown, tuple(notes))


def _known(facts: Facts, service: str) -> bool:
    return service in facts.world.services or facts.world.named(service) is not None


def _is_empty(facts: Facts) -> bool:
    return not facts.world.workloads and not facts.world.pods


def _verdict(facts: Facts, found: list[Fault]) -> str:
    if found and found[0].confidence >= SURE:
        return "fault"
    short = any(each.short for each in facts.world.workloads.values())
    complaining = any(each.tier <= Tier.NAMED for each in found)
    if _is_empty(facts):
        return "inconclusive"
    return "inconclusive" if short or complaining else "healthy"


def _candidate(facts: Facts, fault: Fault) -> Candidate:
    victims = tuple(each for each in fault.victims if each != fault.object)
    suffering = f" Suffering from it: {', '.join(victims[:6])}." if victims else ""
    return Candidate(
        fault.object,
        fault.cause,
        fault.confidence,
        fault.evidence,
        fault.why + suffering,
        tuple(dict.fromkeys(each for each in fault.related if each and each != fault.object)),
        victims,
        _changed(facts, fault),
    )


def _changed(facts: Facts, fault: Fault) -> tuple[str, ...]:
    """Changes before the trouble began; a later one is no cause."""
    before = fault.since or facts.world.now
    workload = facts.world.workloads.get(fault.object)
    change = latest_change(workload) if workload else None
    lines = []
    if change and change.lines and change.time and timedelta() <= before - change.time <= _LATELY:
        lines.append(change.line)
    mine = [
        each
        for each in facts.snapshot.rollouts
        if each.object == fault.object and each.time <= before
    ]
    lines += [f"{each.object} at {each.time:%Y-%m-%dT%H:%M:%SZ}: {each.what}" for each in mine[-1:]]
    return tuple(lines)
