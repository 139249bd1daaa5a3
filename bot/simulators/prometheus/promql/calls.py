"""Calls of functions: each is given values and answers one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence

from .errors import EvaluationError
from .functions import OF_EACH, OVER_TIME, line, quantile
from .tree import Call, Expression, Selector
from .values import NAME, Labels, Matrix, Scalar, String, Value, Vector, dropped

_KEEP_NAME = frozenset(["last_over_time"])


def call(expression: Call, given: Sequence[Value], at: float) -> Value:
    """The function's value; `at` is the moment of evaluation in seconds since the epoch."""
    name = expression.function
    if name in OVER_TIME:
        return _over_time(name, _matrix(given[0]))
    if name in OF_EACH:
        return _each(_vector(given[0]), OF_EACH[name])
    if name in ("absent", "absent_over_time"):
        return _absent(expression.arguments[0], given[0])
    return _OTHERS[name](given, at)


def _vector(value: Value) -> Mapping[Labels, float]:
    return value.values if isinstance(value, Vector) else {}


def _matrix(value: Value) -> Matrix:
    return value if isinstance(value, Matrix) else Matrix({})


def _number(value: Value) -> float:
    return value.value if isinstance(value, Scalar) else math.nan


def _text(value: Value) -> str:
    return value.value if isinstance(value, String) else ""


def _over_time(name: str, matrix: Matrix) -> Vector:
    found = {}
    for labels, window in matrix.windows.items():
        value = OVER_TIME[name](window)
        if value is not None:
            found[labels if name in _KEEP_NAME else dropped(labels, NAME)] = value
    return Vector(found)


def _each(values: Mapping[Labels, float], work: Callable[[float], float]) -> Vector:
    return Vector({dropped(labels, NAME): work(value) for labels, value in values.items()})


def _absent(asked: Expression, given: Value) -> Vector:
    """1 with the labels that the selector asks for by `=`, when there is nothing."""
    there = given.windows if isinstance(given, Matrix) else _vector(given)
    if there:
        return Vector({})
    matchers = asked.matchers if isinstance(asked, Selector) else ()
    equal = {m.label: m.value for m in matchers if m.sign == "=" and m.label != NAME and m.value}
    return Vector({tuple(sorted(equal.items())): 1.0})


def _quantile_over_time(given: Sequence[Value], at: float) -> Value:
    share = _number(given[0])
    windows = _matrix(given[1]).windows.items()
    return Vector(
        {
            dropped(labels, NAME): quantile(share, [value for _, value in window.samples])
            for labels, window in windows
        }
    )


def _predict_linear(given: Sequence[Value], at: float) -> Value:
    ahead, found = _number(given[1]), {}
    for labels, window in _matrix(given[0]).windows.items():
        fitted = line(window, at)
        if fitted is not None:
            found[dropped(labels, NAME)] = fitted[0] * ahead + fitted[1]
    return Vector(found)


def _round(given: Sequence[Value], at: float) -> Value:
    to = _number(given[1]) if len(given) > 1 else 1.0

    def work(value: float) -> float:
        return math.floor(value / to + 0.5) * to if math.isfinite(value) and to else value

    return _each(_vector(given[0]), work)


def _clamp(given: Sequence[Value], at: float) -> Value:
    low, high = _number(given[1]), _number(given[2])
    if low > high:
        return Vector({})
    return _each(_vector(given[0]), lambda value: max(low, min(high, value)))


def _clamp_min(given: Sequence[Value], at: float) -> Value:
    return _clamp([given[0], given[1], Scalar(math.inf)], at)


def _clamp_max(given: Sequence[Value], at: float) -> Value:
    return _clamp([given[0], Scalar(-math.inf), given[1]], at)


def _histogram_quantile(given: Sequence[Value], at: float) -> Value:
    share, groups = _number(given[0]), dict[Labels, list[tuple[float, float]]]()
    for labels, value in _vector(given[1]).items():
        try:
            edge = float(dict(labels).get("le", ""))
        except ValueError:
            continue
        groups.setdefault(dropped(labels, NAME, "le"), []).append((edge, value))
    return Vector({labels: _bucketed(share, sorted(each)) for labels, each in groups.items()})


def _bucketed(share: float, buckets: list[tuple[float, float]]) -> float:
    """Linear within the bucket of the rank; in the last bucket its lower edge, as nothing is known beyond."""
    if len(buckets) < 2 or buckets[-1][0] != math.inf or not buckets[-1][1]:
        return math.nan
    if not 0 <= share <= 1:
        return math.nan if math.isnan(share) else math.copysign(math.inf, share)
    rank = share * buckets[-1][1]
    index = next(i for i, (_, count) in enumerate(buckets) if count >= rank)
    if index == len(buckets) - 1:
        return buckets[-2][0]
    edge, count = buckets[index]
    if index == 0 and edge <= 0:
        return edge
    below, before = buckets[index - 1] if index else (0.0, 0.0)
    return below + (edge - below) * ((rank - before) / (count - before) if count > before else 0.0)


def _label_replace(given: Sequence[Value], at: float) -> Value:
    target, replacement, source, pattern = (_text(each) for each in given[1:])
    try:
        wanted = re.compile(pattern, re.DOTALL)
    except re.error as error:
        raise EvaluationError(
            f"invalid regular expression in label_replace(): {pattern}"
        ) from error
    found: dict[Labels, float] = {}
    for labels, value in _vector(given[0]).items():
        hit = wanted.fullmatch(dict(labels).get(source, ""))
        made = dict(labels)
        if hit:
            made[target] = _filled(replacement, hit)
        found[tuple(sorted((name, text) for name, text in made.items() if text))] = value
    return Vector(found)


_GROUP = re.compile(r"\$\{?(\w+)\}?")


def _filled(replacement: str, hit: re.Match[str]) -> str:
    """`$1` and `${name}` by what the groups hold; a group that is not there holds nothing."""

    def part(reference: re.Match[str]) -> str:
        name = reference.group(1)
        try:
            return hit.group(int(name) if name.isdigit() else name) or ""
        except IndexError:
            return ""

    return _GROUP.sub(part, replacement)


def _scalar(given: Sequence[Value], at: float) -> Value:
    values = list(_vector(given[0]).values())
    return Scalar(values[0] if len(values) == 1 else math.nan)


def _of_number(given: Sequence[Value], at: float) -> Value:
    return Vector({(): _number(given[0])})


def _sort(given: Sequence[Value], at: float) -> Value:
    return _ordered(_vector(given[0]), 1)


def _sort_desc(given: Sequence[Value], at: float) -> Value:
    return _ordered(_vector(given[0]), -1)


def _ordered(values: Mapping[Labels, float], sign: int) -> Vector:
    pairs = sorted(values.items(), key=lambda pair: (math.isnan(pair[1]), sign * pair[1]))
    return Vector(dict(pairs), ordered=True)


def _time(given: Sequence[Value], at: float) -> Value:
    return Scalar(at)


def _timestamp(given: Sequence[Value], at: float) -> Value:
    return _each(_vector(given[0]), lambda _: at)


_OTHERS: dict[str, Callable[[Sequence[Value], float], Value]] = {
    "quantile_over_time": _quantile_over_time,
    "predict_linear": _predict_linear,
    "round": _round,
    "clamp": _clamp,
    "clamp_min": _clamp_min,
    "clamp_max": _clamp_max,
    "histogram_quantile": _histogram_quantile,
    "label_replace": _label_replace,
    "scalar": _scalar,
    "vector": _of_number,
    "sort": _sort,
    "sort_desc": _sort_desc,
    "time": _time,
    "timestamp": _timestamp,
}
