"""A scenario's samples as CloudWatch has them.

A name with a slash is a metric of CloudWatch: what stands before the last slash is its namespace (`AWS/SQS/…`). All
others are what the CloudWatch agent scrapes from Prometheus endpoints: they lie in its namespace, labels are dimensions, and
of a counter each sample is how much it grew since the one before (CloudWatch user guide, "Container Insights Prometheus
metrics").
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from bot.simulators.recorded_metrics import NAME, Recording, Series, is_counter

SCRAPED = "ContainerInsights/Prometheus"
_PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?|100)")
_WORK: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Average": fmean,
    "Sum": math.fsum,
    "Minimum": min,
    "Maximum": max,
    "SampleCount": lambda values: float(len(values)),
}


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric with its samples (seconds since the epoch, value) in order of time."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    samples: Sequence[tuple[float, float]]

    def statistics(
        self, statistic: str, period: int, start: float, end: float
    ) -> list[tuple[float, float]]:
        """Points at the beginning of each period that has samples, from the one of `start` to before `end`.

        Raises ValueError for a statistic that there is not.
        """
        work = _work(statistic)
        first = start // period * period
        groups: dict[float, list[float]] = {}
        for at, value in self.samples:
            if first <= at < end:
                groups.setdefault(at // period * period, []).append(value)
        return [(at, work(values)) for at, values in sorted(groups.items())]


def metrics(recording: Recording) -> list[Metric]:
    """Every metric of a recording."""
    return [_metric(series) for series in recording.series]


def _metric(series: Series) -> Metric:
    dimensions = {name: value for name, value in series.labels.items() if name != NAME}
    namespace, slash, name = series.name.rpartition("/")
    samples = list(zip(series.times, series.values, strict=True))
    if slash:
        return Metric(namespace, name, dimensions, samples)
    return Metric(SCRAPED, name, dimensions, _grown(samples) if is_counter(name) else samples)


def _grown(samples: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    pairs = itertools.pairwise(samples)
    return [
        (at, after - before if after >= before else after) for (_, before), (at, after) in pairs
    ]


def _work(statistic: str) -> Callable[[Sequence[float]], float]:
    if statistic in _WORK:
        return _WORK[statistic]
    found = _PERCENTILE.fullmatch(statistic)
    if not found:
        raise ValueError(f"The value {statistic} for parameter Stat is not supported.")
    share = float(found[1]) / 100

    def percentile(values: Sequence[float]) -> float:
        ordered = sorted(values)
        return ordered[min(len(ordered) - 1, max(0, math.ceil(share * len(ordered)) - 1))]

    return percentile
