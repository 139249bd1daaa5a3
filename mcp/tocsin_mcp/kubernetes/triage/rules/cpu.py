"""CPU: containers that use all that their limit allows, or whose limit is too low to answer probes in time."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.happenings import Happening
from tocsin_mcp.kubernetes.triage.history import previous_spec
from tocsin_mcp.kubernetes.triage.objects import Json, entries, quantity, text
from tocsin_mcp.kubernetes.triage.pods import ContainerFacts, PodFacts
from tocsin_mcp.kubernetes.triage.world import Workload

from .probes import killed_by_probe

_USED = 0.95
_THROTTLED = 0.25
_TINY = 0.03
"""Cores. Who answers probes in time with less hardly does anything."""

_MUCH_LESS = 0.5
_LATE = re.compile(r"did not complete within|deadline exceeded|timed? ?out", re.IGNORECASE)
_NOBODY = re.compile(r"connection refused", re.IGNORECASE)


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: usage at the CPU limit, the share of throttled periods; probes that time out of a container whose limit is
    tiny, or was cut by half or more in the current revision."""
    yield from _throttled(facts)
    for pod in facts.live_pods:
        for container in pod.containers:
            little = _too_little(facts.workload(pod), container.spec)
            late = _late(facts, pod, container) if little else None
            if late:
                yield _starved(facts, pod, container, little, late)


def _throttled(facts: Facts) -> Iterator[Fault]:
    for usage in facts.snapshot.usage:
        pod = facts.world.pods.get(usage.pod)
        container = (
            next((each for each in pod.containers if each.name == usage.container), None)
            if pod
            else None
        )
        limit = quantity(text(container.spec, "resources", "limits", "cpu")) if container else None
        if pod is None or not limit:
            continue
        at_limit = usage.cpu is not None and usage.cpu >= _USED * limit
        often = usage.throttled is not None and usage.throttled > _THROTTLED
        if at_limit or (often and (usage.cpu is None or usage.cpu >= 0.5 * limit)):
            shown = f"cpu {usage.cpu:.3f} of {limit:g} cores" if usage.cpu is not None else ""
            share = (
                f"throttled in {usage.throttled:.0%} of periods"
                if usage.throttled is not None
                else ""
            )
            yield Fault(
                object=facts.world.owner(pod),
                cause="cpu_throttled",
                confidence=0.72 if at_limit and often else 0.62,
                why="It uses all the CPU that its limit allows.",
                evidence=evidence(
                    f"pod/{pod.name} {usage.container}: {', '.join(filter(None, (shown, share)))}"
                ),
                about=facts.about(pod),
            )


def _too_little(workload: Workload | None, container: Json) -> str:
    """`limits cpu 200m -> 10m` or `limits cpu 10m`; empty when the limit tells nothing."""
    written = text(container, "resources", "limits", "cpu")
    limit = quantity(written) if written else None
    if not limit:
        return ""
    before = next(
        (
            text(each, "resources", "limits", "cpu")
            for each in entries(previous_spec(workload), "containers")
            if text(each, "name") == text(container, "name")
        ),
        "",
    )
    was = quantity(before) if before else None
    if was and limit <= _MUCH_LESS * was:
        return f"limits cpu {before} -> {written}"
    return f"limits cpu {written}" if limit <= _TINY else ""


def _late(facts: Facts, pod: PodFacts, container: ContainerFacts) -> Happening | None:
    """The probe that was answered too late, of a container that is not ready or was killed for it."""
    if container.ready and not killed_by_probe(facts, pod, container):
        return None
    told = (each for each in facts.events_of(pod) if each.reason == "Unhealthy")
    newest = next(told, None)
    if newest is None or not facts.world.is_recent(newest.last) or _NOBODY.search(newest.message):
        return None
    return newest if _LATE.search(newest.message) else None


def _starved(
    facts: Facts, pod: PodFacts, container: ContainerFacts, little: str, late: Happening
) -> Fault:
    return Fault(
        object=facts.world.owner(pod),
        cause="cpu_throttled",
        confidence=0.85 if "->" in little else 0.7,
        why=f"Container {container.name} answers its probes too late, and may use hardly any CPU.",
        evidence=evidence(f"{facts.world.owner(pod)} {container.name}: {little}", late.line),
        about=facts.about(pod),
        related=(pod.ref,),
        since=late.first,
    )
