"""A time series in one line: what a reader of a graph would say about it, instead of its points.

The change point is the split at which two medians describe the series best (least absolute deviations), so single
outliers neither make nor hide one. It counts when the medians differ by more than 3.5 times the noise, the noise
being 1.4826 times the median absolute deviation: the limit that Iglewicz and Hoaglin (1993) give for outliers.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from .output import counted
from .times import rfc3339

Point = tuple[float, float]
"""Seconds since the epoch, value."""

_FEWEST = 12
_SHORTEST_SIDE = 3
_MOST = 1000
_STRENGTH = 3.5
_MAD_TO_SIGMA = 1.4826
_NO_NOISE = 1e-3


@dataclass(frozen=True, slots=True)
class Change:
    """A lasting change of level: first moment of the new one, the medians of both, their distance in noise widths."""

    at: float
    before: float
    after: float
    strength: float


@dataclass(frozen=True, slots=True)
class Summary:
    """A series with at least one finite value. `skipped` counts values that are not finite."""

    count: int
    skipped: int
    first: Point
    last: Point
    lowest: Point
    highest: Point
    mean: float
    change: Change | None


def summary(points: Iterable[Point]) -> Summary | None:
    """What the points, in order of time, come to; None when no value is finite."""
    given = list(points)
    finite = [point for point in given if math.isfinite(point[1])]
    if not finite:
        return None
    return Summary(
        count=len(finite),
        skipped=len(given) - len(finite),
        first=finite[0],
        last=finite[-1],
        lowest=min(finite, key=_value),
        highest=max(finite, key=_value),
        mean=_mean([value for _, value in finite]),
        change=change_point(finite),
    )


def _mean(values: Sequence[float]) -> float:
    """The mean without an overflow on the way: the values are scaled to at most 1 first."""
    scale = max(map(abs, values)) or 1.0
    return scale * min(max(math.fsum(value / scale for value in values) / len(values), -1.0), 1.0)


def change_point(points: Sequence[Point]) -> Change | None:
    """The strongest lasting change of level among finite points, or None. Fewer than 12 points have none.

    A long series is thinned to at most 1000 points, each the median of its neighbours.
    """
    thinned = _thinned(points)
    values = [value for _, value in thinned]
    if len(values) < _FEWEST:
        return None
    left, right = _costs(values), _costs(values[::-1])[::-1]
    splits = range(_SHORTEST_SIDE, len(values) - _SHORTEST_SIDE + 1)
    at = min(splits, key=lambda split: left[split - 1] + right[split])
    before, after = median(values[:at]), median(values[at:])
    residuals = [abs(value - (before if i < at else after)) for i, value in enumerate(values)]
    # A series without noise still has a scale: what is below a thousandth of its level nobody sees in a graph.
    noise = max(_MAD_TO_SIGMA * median(residuals), _NO_NOISE * max(abs(before), abs(after)), 1e-300)
    strength = abs(after - before) / noise
    if strength < _STRENGTH or not math.isfinite(strength):
        return None
    return Change(thinned[at][0], before, after, strength)


def described(found: Summary) -> str:
    """`last 5.1 · mean 2.3 · min 0.2 at … · max 6 at … · changed at …: median 0.2 -> 5.1`."""
    if found.lowest[1] == found.highest[1]:
        parts = [f"constant {number(found.last[1])} ({counted(found.count, 'point')})"]
    else:
        parts = [
            f"last {number(found.last[1])}",
            f"mean {number(found.mean)}",
            f"min {number(found.lowest[1])} at {moment(found.lowest[0])}",
            f"max {number(found.highest[1])} at {moment(found.highest[0])}",
        ]
    if found.change:
        change = found.change
        parts.append(
            f"changed at {moment(change.at)}: median {number(change.before)} -> {number(change.after)}"
        )
    if found.skipped:
        parts.append(f"{found.skipped} points without a number")
    return " · ".join(parts)


def number(value: float) -> str:
    """Short and without false precision: whole numbers up to a million as they are, else four digits."""
    whole = abs(value) < 1e6 and value == int(value)
    return str(int(value)) if whole else f"{value:.4g}"


def moment(seconds: float) -> str:
    """Seconds since the epoch as RFC 3339 in UTC."""
    return rfc3339(datetime.fromtimestamp(seconds, UTC))


def _value(point: Point) -> float:
    return point[1]


def _thinned(points: Sequence[Point]) -> Sequence[Point]:
    size = -(-len(points) // _MOST)
    if size <= 1:
        return points
    groups = (points[start : start + size] for start in range(0, len(points), size))
    return [(group[0][0], median(value for _, value in group)) for group in groups]


def _costs(values: Sequence[float]) -> list[float]:
    """For each prefix the sum of absolute deviations from its median, by two heaps that meet there."""
    low: list[float] = []  # negated: its largest comes first
    high: list[float] = []
    low_sum = high_sum = 0.0
    costs = []
    for value in values:
        moved = -heapq.heappushpop(low, -value)
        low_sum += value - moved
        heapq.heappush(high, moved)
        high_sum += moved
        if len(high) > len(low):
            moved = heapq.heappop(high)
            high_sum -= moved
            heapq.heappush(low, -moved)
            low_sum += moved
        middle = -low[0]
        costs.append(middle * len(low) - low_sum + high_sum - middle * len(high))
    return costs
