"""Aggregations: many values to one of each group, or the few largest of each."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import fmean, pstdev, pvariance

from .functions import quantile
from .tree import Aggregation
from .values import NAME, Labels, Vector, dropped, kept

_WORK: dict[str, Callable[[list[float]], float]] = {
    "sum": math.fsum,
    "avg": fmean,
    "min": min,
    "max": max,
    "count": lambda values: float(len(values)),
    "group": lambda _: 1.0,
    "stddev": pstdev,
    "stdvar": pvariance,
}


def aggregated(aggregation: Aggregation, vector: Vector, parameter: float) -> Vector:
    """The aggregation of a vector; `parameter` is that of topk, bottomk and quantile."""
    groups: dict[Labels, dict[Labels, float]] = {}
    for labels, value in vector.values.items():
        groups.setdefault(_group(aggregation, labels), {})[labels] = value
    if aggregation.operator in ("topk", "bottomk"):
        return _extremes(groups, aggregation.operator == "topk", parameter)
    if aggregation.operator == "quantile":
        return Vector({g: quantile(parameter, [*each.values()]) for g, each in groups.items()})
    work = _WORK[aggregation.operator]
    return Vector({group: work(list(each.values())) for group, each in groups.items()})


def _group(aggregation: Aggregation, labels: Labels) -> Labels:
    if aggregation.without:
        return dropped(labels, NAME, *aggregation.labels)
    return kept(labels, aggregation.labels)


def _extremes(groups: dict[Labels, dict[Labels, float]], largest: bool, parameter: float) -> Vector:
    count = max(0, int(parameter)) if math.isfinite(parameter) else 0
    chosen: dict[Labels, float] = {}
    for each in groups.values():
        # NaN is neither large nor small: it comes last either way.
        order = sorted(
            each.items(),
            key=lambda pair: (math.isnan(pair[1]), -pair[1] if largest else pair[1]),
        )
        chosen.update(order[:count])
    return Vector(chosen, ordered=True)
