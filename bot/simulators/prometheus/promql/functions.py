"""PromQL's functions over ranges, vectors and numbers, by the definitions of Prometheus' documentation.

`rate`, `increase` and `delta` extrapolate to the ends of the range when samples come close to them, and a counter that
fell was reset: what Prometheus does, so that numbers agree with the real server's to the last digit but one.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from statistics import fmean, pstdev

from .tree import Kind
from .values import Window

OverTime = Callable[[Window], float | None]
"""One window's value; None when it has too few samples."""


def quantile(share: float, values: list[float]) -> float:
    """Linear between the two values beside the rank."""
    if not values or math.isnan(share):
        return math.nan
    if share < 0:
        return -math.inf
    if share > 1:
        return math.inf
    ordered = sorted(values)
    rank = share * (len(ordered) - 1)
    low = int(rank)
    high = min(low + 1, len(ordered) - 1)
    weight = rank - low
    return ordered[low] * (1 - weight) + ordered[high] * weight


def _grown(window: Window, *, counter: bool) -> float | None:
    samples = window.samples
    if len(samples) < 2:
        return None
    (first_at, first), (last_at, last) = samples[0], samples[-1]
    grown = last - first
    if counter:
        values = [value for _, value in samples]
        grown += sum(before for before, after in itertools.pairwise(values) if after < before)
    sampled = last_at - first_at
    between = sampled / (len(samples) - 1)
    to_start, to_end = first_at - window.start, window.end - last_at
    if to_start >= between * 1.1:
        to_start = between / 2
    if counter and grown > 0 and first >= 0:
        to_start = min(to_start, sampled * (first / grown))
    if to_end >= between * 1.1:
        to_end = between / 2
    return grown * (sampled + to_start + to_end) / sampled


def _increase(window: Window) -> float | None:
    return _grown(window, counter=True)


def _rate(window: Window) -> float | None:
    grown = _grown(window, counter=True)
    return None if grown is None else grown / (window.end - window.start)


def _delta(window: Window) -> float | None:
    return _grown(window, counter=False)


def _irate(window: Window) -> float | None:
    if len(window.samples) < 2:
        return None
    (before_at, before), (at, last) = window.samples[-2:]
    return (last if last < before else last - before) / (at - before_at)


def _idelta(window: Window) -> float | None:
    if len(window.samples) < 2:
        return None
    return window.samples[-1][1] - window.samples[-2][1]


def line(window: Window, origin: float) -> tuple[float, float] | None:
    """Slope per second, and value at `origin`, of the least-squares line; None for fewer than two samples."""
    if len(window.samples) < 2:
        return None
    times = [at - origin for at, _ in window.samples]
    values = [value for _, value in window.samples]
    mean_time, mean_value = fmean(times), fmean(values)
    spread = math.fsum((at - mean_time) ** 2 for at in times)
    slope = (
        math.fsum(
            (at - mean_time) * (value - mean_value) for at, value in zip(times, values, strict=True)
        )
        / spread
    )
    return slope, mean_value - slope * mean_time


def _deriv(window: Window) -> float | None:
    found = line(window, window.samples[0][0]) if window.samples else None
    return None if found is None else found[0]


def _changes(window: Window) -> float | None:
    values = [value for _, value in window.samples]
    pairs = itertools.pairwise(values)
    return float(sum(a != b and not (math.isnan(a) and math.isnan(b)) for a, b in pairs))


def _resets(window: Window) -> float | None:
    values = [value for _, value in window.samples]
    return float(sum(after < before for before, after in itertools.pairwise(values)))


def _over(work: Callable[[list[float]], float]) -> OverTime:
    return lambda window: work([value for _, value in window.samples])


OVER_TIME: dict[str, OverTime] = {
    "rate": _rate,
    "irate": _irate,
    "increase": _increase,
    "delta": _delta,
    "idelta": _idelta,
    "deriv": _deriv,
    "changes": _changes,
    "resets": _resets,
    "avg_over_time": _over(fmean),
    "min_over_time": _over(min),
    "max_over_time": _over(max),
    "sum_over_time": _over(math.fsum),
    "count_over_time": _over(lambda values: float(len(values))),
    "last_over_time": _over(lambda values: values[-1]),
    "present_over_time": _over(lambda _: 1.0),
    "stddev_over_time": _over(pstdev),
}


def _log(base: Callable[[float], float]) -> Callable[[float], float]:
    def taken(value: float) -> float:
        if value == 0:
            return -math.inf
        return base(value) if value > 0 else math.nan

    return taken


def _exp(value: float) -> float:
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf


def _rounded(work: Callable[[float], float]) -> Callable[[float], float]:
    return lambda value: float(work(value)) if math.isfinite(value) else value


OF_EACH: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "ceil": _rounded(math.ceil),
    "floor": _rounded(math.floor),
    "sqrt": lambda value: math.sqrt(value) if value >= 0 else math.nan,
    "exp": _exp,
    "ln": _log(math.log),
    "log2": _log(math.log2),
    "log10": _log(math.log10),
    "sgn": lambda value: value if value == 0 or math.isnan(value) else math.copysign(1.0, value),
}

Signature = tuple[tuple[Kind, ...], int, Kind]
"""The kinds of the arguments, how many of them must be given, the kind of the result."""

SIGNATURES: dict[str, Signature] = {
    **dict.fromkeys(OVER_TIME, (("matrix",), 1, "vector")),
    **dict.fromkeys(OF_EACH, (("vector",), 1, "vector")),
    "quantile_over_time": (("scalar", "matrix"), 2, "vector"),
    "predict_linear": (("matrix", "scalar"), 2, "vector"),
    "absent_over_time": (("matrix",), 1, "vector"),
    "absent": (("vector",), 1, "vector"),
    "round": (("vector", "scalar"), 1, "vector"),
    "clamp": (("vector", "scalar", "scalar"), 3, "vector"),
    "clamp_min": (("vector", "scalar"), 2, "vector"),
    "clamp_max": (("vector", "scalar"), 2, "vector"),
    "histogram_quantile": (("scalar", "vector"), 2, "vector"),
    "label_replace": (("vector", "string", "string", "string", "string"), 5, "vector"),
    "scalar": (("vector",), 1, "scalar"),
    "vector": (("scalar",), 1, "vector"),
    "sort": (("vector",), 1, "vector"),
    "sort_desc": (("vector",), 1, "vector"),
    "time": ((), 0, "scalar"),
    "timestamp": (("vector",), 1, "vector"),
}
