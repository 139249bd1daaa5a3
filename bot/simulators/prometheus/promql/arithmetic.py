"""Signs between two values: numbers, a vector and a number, or two vectors that find each other by their labels."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable

from .errors import EvaluationError
from .tree import Binary, Matching
from .values import NAME, Labels, Scalar, Value, Vector, dropped, kept

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


def _divided(left: float, right: float) -> float:
    if right:
        return left / right
    if not left or math.isnan(left):
        return math.nan
    return math.copysign(math.inf, left) * math.copysign(1.0, right)


def _remainder(left: float, right: float) -> float:
    return math.fmod(left, right) if right and math.isfinite(left) else math.nan


def _power(left: float, right: float) -> float:
    try:
        return math.pow(left, right)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.nan


_COMPUTE: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "%": _remainder,
    "^": _power,
}


def combined(binary: Binary, left: Value, right: Value) -> Value:
    """What stands on both sides of a sign, combined. Raises EvaluationError when elements do not match up."""
    if isinstance(left, Scalar) and isinstance(right, Scalar):
        return Scalar(_result(binary, left.value, right.value) or 0.0)
    if isinstance(left, Vector) and isinstance(right, Vector):
        if binary.sign in ("and", "or", "unless"):
            return _set(binary, left, right)
        return _matched(binary, left, right)
    if isinstance(left, Vector) and isinstance(right, Scalar):
        return _with_number(binary, left, right.value, number_left=False)
    if isinstance(left, Scalar) and isinstance(right, Vector):
        return _with_number(binary, right, left.value, number_left=True)
    raise EvaluationError("these values cannot be combined")


def _result(binary: Binary, left: float, right: float, keep: float | None = None) -> float | None:
    """None for what a comparison filters away; `keep` is what a comparison that filters lets through."""
    compare = _COMPARE.get(binary.sign)
    if compare is None:
        return _COMPUTE[binary.sign](left, right)
    hit = compare(left, right)
    if binary.as_bool or keep is None:
        return float(hit)
    return keep if hit else None


def _named(binary: Binary, labels: Labels) -> Labels:
    """Comparisons that filter keep the name; whatever computes a new value drops it."""
    keeps = binary.sign in _COMPARE and not binary.as_bool
    return labels if keeps else dropped(labels, NAME)


def _with_number(binary: Binary, vector: Vector, number: float, *, number_left: bool) -> Vector:
    found = {}
    for labels, value in vector.values.items():
        left, right = (number, value) if number_left else (value, number)
        result = _result(binary, left, right, keep=value)
        if result is not None:
            found[_named(binary, labels)] = result
    return Vector(found)


def _signature(matching: Matching, labels: Labels) -> Labels:
    if matching.on:
        return kept(labels, matching.labels)
    return dropped(labels, NAME, *matching.labels)


def _set(binary: Binary, left: Vector, right: Vector) -> Vector:
    def signature(labels: Labels) -> Labels:
        return _signature(binary.matching, labels)

    there = {signature(labels) for labels in right.values}
    if binary.sign == "or":
        here = {signature(labels) for labels in left.values}
        more = {each: v for each, v in right.values.items() if signature(each) not in here}
        return Vector({**left.values, **more})
    wanted = binary.sign == "and"
    return Vector(
        {each: v for each, v in left.values.items() if (signature(each) in there) is wanted}
    )


def _matched(binary: Binary, left: Vector, right: Vector) -> Vector:
    matching = binary.matching
    many, one = (right, left) if matching.many == "right" else (left, right)
    partners = _unique(matching, one)
    found: dict[Labels, float] = {}
    used: set[Labels] = set()
    for labels, value in many.values.items():
        signature = _signature(matching, labels)
        if signature not in partners:
            continue
        other, other_value = partners[signature]
        if not matching.many and signature in used:
            raise EvaluationError(
                "multiple matches for labels: many-to-one matching must be explicit (group_left/group_right)"
            )
        used.add(signature)
        pair = (other_value, value) if matching.many == "right" else (value, other_value)
        result = _result(binary, *pair, keep=pair[0])
        if result is not None:
            found[_joined(binary, labels, other)] = result
    return Vector(found)


def _unique(matching: Matching, one: Vector) -> dict[Labels, tuple[Labels, float]]:
    partners: dict[Labels, tuple[Labels, float]] = {}
    for labels, value in one.values.items():
        signature = _signature(matching, labels)
        if signature in partners:
            side = "left" if matching.many == "right" else "right"
            raise EvaluationError(
                f"found duplicate series for the match group {dict(signature)} on the {side} hand-side of the "
                "operation;many-to-many matching not allowed: matching labels must be unique on one side"
            )
        partners[signature] = (labels, value)
    return partners


def _joined(binary: Binary, labels: Labels, other: Labels) -> Labels:
    matching = binary.matching
    named = _named(binary, labels)
    if matching.many:
        included = kept(other, matching.include)
        return tuple(sorted((*dropped(named, *matching.include), *included)))
    return kept(named, matching.labels) if matching.on else dropped(named, *matching.labels)
