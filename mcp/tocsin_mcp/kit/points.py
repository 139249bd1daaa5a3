"""The points of series for programs: a result's structured content, beside the words that a model reads.

A chart needs points; a model that reads them pays for each. So they travel where only code looks. Bounded all the
same: what is longer is thinned evenly, with the lowest and highest point of each stretch kept, so that a spike stays.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .output import clip
from .series import Point

MOST_SERIES = 20
MOST_POINTS = 480
"""Of each series."""
_MOST_LABELS = 40
_LONGEST_LABEL = 200


def structured(
    series: Iterable[tuple[Mapping[str, str], Sequence[Point]]], *, step: float
) -> dict[str, Any]:
    """`{"step": seconds, "series": [{"labels": {…}, "points": [[seconds since the epoch, value], …]}]}`.

    At most 20 series of at most 480 points each, in the order given; values that are not finite are left out. `left_out`
    counts the series beyond.
    """
    every = list(series)
    told = [
        {"labels": _bounded(labels), "points": [list(point) for point in thinned(points)]}
        for labels, points in every[:MOST_SERIES]
    ]
    left_out = len(every) - len(told)
    return {"step": step, "series": told, **({"left_out": left_out} if left_out else {})}


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """At most `most` (at least 2) of the finite points, in order of time: of each stretch the lowest and the highest."""
    finite = [point for point in points if math.isfinite(point[1])]
    if len(finite) <= most:
        return finite
    stretches = max(1, most // 2)
    kept: list[Point] = []
    for number in range(stretches):
        begin = number * len(finite) // stretches
        stretch = finite[begin : (number + 1) * len(finite) // stretches]
        extremes = {min(stretch, key=_value), max(stretch, key=_value)}
        kept += sorted(extremes)
    return kept


def _bounded(labels: Mapping[str, str]) -> dict[str, str]:
    return {
        clip(name, _LONGEST_LABEL): clip(value, _LONGEST_LABEL)
        for name, value in list(labels.items())[:_MOST_LABELS]
    }


def _value(point: Point) -> float:
    return point[1]
