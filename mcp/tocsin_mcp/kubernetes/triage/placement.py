"""Would a node take a pod? The scheduler's own tests, asked of the objects, because its message only counts nodes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .objects import Json, dig, entries, labels_of, name_of, pairs, quantity, text, words
from .pods import PodFacts

CONTROL_PLANE = ("node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master")
CONDITION_TAINTS = "node.kubernetes.io/"
"""Taints of this prefix mirror a node's condition: not ready, unreachable, under pressure, cordoned."""

_CONTROL_NAME = re.compile(r"(?:^|[-.])(?:master|control-?plane)(?:[-.\d]|$)")
_HARD = ("NoSchedule", "NoExecute")


@dataclass(frozen=True, slots=True)
class Fit:
    """How one worker node answers a pod. `taints` are those that are not tolerated and not of a node's condition."""

    node: str
    selector: bool
    affinity: bool
    cordoned: bool
    taints: tuple[str, ...]
    too_small: tuple[str, ...]
    """Resources of which the pod alone requests more than the whole node has."""


def fits(pod: PodFacts, nodes: Iterable[Json]) -> list[Fit]:
    """The answers of all worker nodes."""
    return [_fit(pod, node) for node in nodes if not is_control_plane(node)]


def is_control_plane(node: Json) -> bool:
    """Whether a node runs the control plane, where applications are not expected; by its name if it has no labels."""
    if not labels_of(node):
        return _CONTROL_NAME.search(name_of(node)) is not None
    return any(key in labels_of(node) for key in CONTROL_PLANE) or any(
        text(taint, "key") in CONTROL_PLANE for taint in entries(node, "spec", "taints")
    )


def requested(spec: Json) -> dict[str, float]:
    """What a pod requests in sum: the regular containers together, or the largest init container."""
    total: dict[str, float] = {}
    for container in entries(spec, "containers"):
        for name, amount in _requests(container).items():
            total[name] = total.get(name, 0.0) + amount
    for container in entries(spec, "initContainers"):
        for name, amount in _requests(container).items():
            total[name] = max(total.get(name, 0.0), amount)
    return total


def _requests(container: Json) -> dict[str, float]:
    given = pairs(container, "resources", "limits") | pairs(container, "resources", "requests")
    return {
        name: amount for name, value in given.items() if (amount := quantity(value)) is not None
    }


def _fit(pod: PodFacts, node: Json) -> Fit:
    labels = labels_of(node)
    room = pairs(node, "status", "allocatable") or pairs(node, "status", "capacity")
    wanted = requested(pod.spec)
    small = tuple(
        name
        for name, amount in wanted.items()
        if (most := quantity(room.get(name, ""))) is not None and amount > most
    )
    selector = pairs(pod.spec, "nodeSelector")
    return Fit(
        node=name_of(node),
        selector=all(labels.get(key) == value for key, value in selector.items()),
        affinity=_affinity(pod.spec, node),
        cordoned=dig(node, "spec", "unschedulable") is True,
        taints=tuple(_untolerated(pod.spec, node)),
        too_small=small,
    )


def _untolerated(spec: Json, node: Json) -> Iterable[str]:
    tolerations = entries(spec, "tolerations")
    for taint in entries(node, "spec", "taints"):
        key, effect = text(taint, "key"), text(taint, "effect")
        if effect not in _HARD or key.startswith(CONDITION_TAINTS):
            continue
        if not any(_tolerates(each, taint) for each in tolerations):
            yield f"{key}={text(taint, 'value')}:{effect}"


def _tolerates(toleration: Json, taint: Json) -> bool:
    effect = text(toleration, "effect")
    if effect and effect != text(taint, "effect"):
        return False
    exists = text(toleration, "operator") == "Exists"
    if not text(toleration, "key"):
        return exists
    same = text(toleration, "key") == text(taint, "key")
    return same and (exists or text(toleration, "value") == text(taint, "value"))


def _affinity(spec: Json, node: Json) -> bool:
    """Required node affinity: any of the terms, and all expressions of it."""
    required = dig(
        spec, "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"
    )
    terms = entries(required, "nodeSelectorTerms")
    return not terms or any(_term(term, node) for term in terms)


def _term(term: Json, node: Json) -> bool:
    labels = labels_of(node)
    return all(meets(each, labels) for each in entries(term, "matchExpressions")) and all(
        meets(each, {"metadata.name": name_of(node)}) for each in entries(term, "matchFields")
    )


def meets(expression: Json, labels: dict[str, str]) -> bool:
    """One requirement of a selector."""
    key, operator = text(expression, "key"), text(expression, "operator")
    values = words(expression, "values")
    has, value = key in labels, labels.get(key, "")
    if operator in ("Gt", "Lt"):
        one, other = quantity(value), quantity(values[0] if values else "")
        return (
            one is not None
            and other is not None
            and (one > other if operator == "Gt" else one < other)
        )
    answers = {
        "In": has and value in values,
        "NotIn": not has or value not in values,
        "Exists": has,
        "DoesNotExist": not has,
    }
    return answers.get(operator, True)
