"""From many faults to the few that explain the rest: victims are put behind those they point at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from .causes import CAUSES
from .facts import Facts
from .fault import Fault, Tier
from .objects import condition, moment, text

_NODES = "nodes and control plane"
_OF_NODES = frozenset(
    {"pod_not_ready", "probe_failing", "crash_killed", "dependency_unreachable", "network_delay", "replicas_missing",
     "rollout_stuck", "no_endpoints", "volume_attach_failed", "volume_multi_attach", "evicted_memory", "evicted_disk",
     "image_registry_unreachable", "scheduling_untolerated_taint"}
)  # fmt: skip
_OF_CALLERS = frozenset(
    {"address_unknown_host", "address_wrong_port", "network_policy_denies", "dns_config_invalid", "dns_failure",
     "database_credentials", "connection_pool_exhausted"}
)  # fmt: skip
_CHRONIC = timedelta(hours=24)
_UNRELATED, _CALLER, _LINKED, _ITSELF = -0.25, -0.12, 0.03, 0.1
_DOWN = 0.02
_MOST_QUOTES = 5
_LIKELY = 0.5


def ranked(facts: Facts, faults: Iterable[Fault], service: str = "") -> list[Fault]:
    """Root causes first; what they explain is left out and named among their victims."""
    single = _one_for_each_object(_merged(faults))
    roots = _roots(single)
    placed = [(_linked(facts, fault, service), fault.confidence) for fault in roots]
    placed.sort(key=lambda each: _order(each[0], _outage(facts, each[0]), each[1]))
    return [fault for fault, _ in placed]


def _outage(facts: Facts, fault: Fault) -> float:
    """What is wholly down comes before what still serves, as an old revision does beside one that cannot start.

    What is no workload, a quota for one, is as bad as the worst that it keeps from running.
    """
    if fault.tier != Tier.OWN_STATE:
        return 0.0
    concerned = (fault.object,) if fault.object in facts.world.workloads else fault.related
    return max((_missing(facts, ref) for ref in concerned), default=0.0)


def _missing(facts: Facts, ref: str) -> float:
    workload = facts.world.workloads.get(ref)
    if workload is None or not workload.desired:
        return 0.0
    return _DOWN if not workload.ready else 0.0 if workload.short else -_DOWN


def _order(fault: Fault, outage: float, before: float) -> tuple[float, int, int, float, str]:
    """`before` is its confidence before the alarm's service had a say: where both are sure, that decides."""
    return (
        -fault.confidence - outage - 0.01 * min(len(fault.victims), 3),
        -len(fault.victims),
        -fault.tier,
        -before,
        fault.object,
    )


def _merged(faults: Iterable[Fault]) -> list[Fault]:
    """One for each object and cause: the surest, with the quotes of all."""
    found: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        key = (fault.object, fault.cause)
        old = found.get(key)
        if old is None:
            found[key] = fault
            continue
        best, other = (old, fault) if old.confidence >= fault.confidence else (fault, old)
        found[key] = _joined(best, other)
    return list(found.values())


def _joined(best: Fault, other: Fault) -> Fault:
    return replace(
        best,
        evidence=tuple(dict.fromkeys((*best.evidence, *other.evidence)))[:_MOST_QUOTES],
        about=best.about | other.about,
        blames=best.blames | other.blames,
        victims=tuple(dict.fromkeys((*best.victims, *other.victims))),
        related=tuple(dict.fromkeys((*best.related, *other.related))),
    )


def _one_for_each_object(faults: list[Fault]) -> list[Fault]:
    """A precise fault replaces the vague ones of its object; among vague ones the surest stays.

    What the vague ones blame stays with the object: errors that name others make a crash a victim.
    """
    by_object: dict[str, list[Fault]] = {}
    for fault in sorted(faults, key=lambda each: (each.generic, -each.confidence)):
        by_object.setdefault(fault.object, []).append(fault)
    kept: list[Fault] = []
    for group in by_object.values():
        precise = [each for each in group if not each.generic and each.tier > Tier.EMITTED]
        if any(each.confidence >= _LIKELY for each in precise):
            kept += precise
        else:
            blames = frozenset().union(*(each.blames for each in group))
            first = max(group, key=lambda each: (each.tier, each.confidence))
            kept.append(replace(first, blames=blames - first.names))
    return kept


def _roots(faults: list[Fault]) -> list[Fault]:
    explained: dict[int, int] = {}
    for _ in range(len(faults)):
        before = len(explained)
        for index, fault in enumerate(faults):
            if index not in explained:
                found = _explanation(index, fault, faults, explained)
                if found is not None:
                    explained[index] = found
        if len(explained) == before:
            break
    victims: dict[int, list[str]] = {}
    for index, root in explained.items():
        victims.setdefault(root, []).append(faults[index].object)
    return [
        fault.with_victims(tuple(sorted(victims.get(index, ()))))
        for index, fault in enumerate(faults)
        if index not in explained
    ]


def _explanation(
    index: int, fault: Fault, faults: list[Fault], explained: dict[int, int]
) -> int | None:
    """The index of the root that explains a fault."""
    for test in (_by_blame, _by_node, _by_callers):
        for other, culprit in _by_strength(faults):
            linked = test(fault, culprit) or (other in explained and _passes_on(fault, culprit))
            if other == index or culprit.object == fault.object or not linked:
                continue
            root = explained.get(other, other)
            if root != index and faults[root].object != fault.object:
                return root
    return None


def _by_strength(faults: list[Fault]) -> list[tuple[int, Fault]]:
    return sorted(enumerate(faults), key=lambda each: (-each[1].tier, -each[1].confidence))


def _by_blame(fault: Fault, culprit: Fault) -> bool:
    """It points at the culprit by name, and the culprit's fault is nearer to a cause than its own."""
    if not fault.blames & culprit.names:
        return False
    if fault.names & culprit.blames and culprit.tier <= fault.tier:
        return False
    if fault.tier == Tier.EMITTED:
        return culprit.tier > Tier.EMITTED or not culprit.generic
    if fault.tier == Tier.NAMED:
        return culprit.tier >= Tier.NAMED
    if fault.tier == Tier.OWN_STATE:
        return culprit.tier == Tier.OWN_STATE
    return culprit.tier >= max(fault.tier, Tier.OWN_CODE) and not culprit.generic


def _passes_on(fault: Fault, victim: Fault) -> bool:
    """Errors of a victim's callers have the victim's cause."""
    return fault.tier == Tier.EMITTED and bool(fault.blames & victim.names)


def _by_node(fault: Fault, culprit: Fault) -> bool:
    """A node or a part of the control plane explains the vague faults of what runs on it."""
    of_node = CAUSES[culprit.cause].group == _NODES or culprit.cause in (
        "node_out_of_memory",
        "cluster_network_failure",
    )
    vague = fault.generic or fault.cause in _OF_NODES
    mine = fault.names & culprit.about or _scheduled(fault, culprit)
    return of_node and vague and bool(mine) and CAUSES[fault.cause].group != _NODES


def _scheduled(fault: Fault, culprit: Fault) -> bool:
    return culprit.cause == "scheduler_unavailable" and fault.cause in (
        "pod_not_ready",
        "rollout_stuck",
    )


def _by_callers(fault: Fault, culprit: Fault) -> bool:
    """A service that only one caller cannot reach is innocent when that caller's own settings are wrong."""
    if fault.tier != Tier.NAMED or culprit.cause not in _OF_CALLERS or culprit.tier < Tier.NAMED:
        return False
    callers = {victim.partition("/")[2] for victim in fault.victims}
    return bool(callers) and callers <= culprit.names | {culprit.name}


def _linked(facts: Facts, fault: Fault, service: str) -> Fault:
    """Nearer to the alerted service is likelier; what has been broken for days did not raise today's alarm."""
    by = -0.15 if _chronic(facts, fault) else 0.0
    if service:
        by += _distance(facts, fault, service)
    return fault.scaled(by) if by else fault


def _distance(facts: Facts, fault: Fault, service: str) -> float:
    if CAUSES[fault.cause].group == _NODES or fault.cause == "dns_server_down":
        return 0.0
    names = fault.names | {each.partition("/")[2] for each in (*fault.related, *fault.victims)}
    if fault.tier == Tier.OWN_STATE and service in fault.names:
        return _ITSELF
    if names & facts.calls.reach([service]):
        return _LINKED
    above = any(service in facts.calls.reach([name]) for name in names)
    return _CALLER if above else _UNRELATED


def _chronic(facts: Facts, fault: Fault) -> bool:
    workload = facts.world.workloads.get(fault.object)
    available = condition(workload.item, "Available") if workload else {}
    since = moment(available, "lastTransitionTime")
    return (
        text(available, "status") == "False"
        and since is not None
        and facts.world.now - since > _CHRONIC
    )
