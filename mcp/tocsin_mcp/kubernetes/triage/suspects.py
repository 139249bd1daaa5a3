"""Whose logs are worth a request: what is broken first, then the alerted service and what it depends on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .facts import Facts
from .pods import PodFacts
from .world import Workload

MOST = 24
"""At most so many logs are read."""

_EACH = 2


@dataclass(frozen=True, slots=True)
class LogWish:
    """One log to read: of the instance before the last restart when `previous`."""

    pod: str
    container: str
    previous: bool = False


def wishes(facts: Facts, service: str = "") -> list[LogWish]:
    """The logs to read, the most telling first, at most MOST of them."""
    found: dict[LogWish, None] = {}
    for pod in _in_order(facts, service):
        for container in pod.all_containers:
            started = container.running or container.ending is not None
            if container.init and container.ready:
                continue
            if container.ending is not None and not pod.ready:
                found[LogWish(pod.name, container.name, previous=True)] = None
            if started:
                found[LogWish(pod.name, container.name)] = None
    return list(found)[:MOST]


def _in_order(facts: Facts, service: str) -> Iterable[PodFacts]:
    workloads = list(facts.world.workloads.values())
    for workload in workloads:
        yield from [pod for pod in workload.pods if not pod.ready and not pod.deleted][:_EACH]
    if service:
        near = facts.calls.reach([service])
        own = sorted(
            (each for each in workloads if each.name in near), key=lambda each: each.name != service
        )
        for workload in own:
            yield from _newest(workload, _EACH if workload.name == service else 1)
    for workload in sorted(workloads, key=lambda each: -_calls(facts, each)):
        yield from _newest(workload, 1)


def _newest(workload: Workload, most: int) -> list[PodFacts]:
    """Ready pods, the youngest first: they run the newest revision."""
    ready = [pod for pod in workload.pods if pod.ready and not pod.deleted]
    return sorted(
        ready, key=lambda pod: pod.created.timestamp() if pod.created else 0.0, reverse=True
    )[:most]


def _calls(facts: Facts, workload: Workload) -> int:
    """Who calls many others hears of their troubles."""
    return len(facts.calls.edges.get(workload.ref, ()))
