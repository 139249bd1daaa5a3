"""What containers used, from recorded samples: CPU against the limit, and how often it was throttled."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from tocsin_mcp.kit.times import parse_rfc3339

from .objects import Json, entries, labels_of, name_of, text
from .snapshot import Usage

_CPU = "container_cpu_usage_seconds_total"
_PERIODS = "container_cpu_cfs_periods_total"
_THROTTLED = "container_cpu_cfs_throttled_periods_total"
_WANTED = frozenset({_CPU, _PERIODS, _THROTTLED})
_SPAN = timedelta(minutes=10)

_Samples = dict[str, list[tuple[float, float]]]


def read_usage(path: Path, pods: tuple[Json, ...]) -> tuple[Usage, ...]:
    """Usage over the last ten minutes of a recording; none without such samples."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if row.get("name") in _WANTED]
    except (OSError, ValueError, csv.Error):
        return ()
    found: dict[tuple[str, str], _Samples] = {}
    for row in rows:
        when, value = parse_rfc3339(row.get("time") or ""), _number(row.get("value"))
        if when is None or value is None:
            continue
        for pod, container in _meant(row, pods):
            series = found.setdefault((pod, container), {})
            series.setdefault(str(row["name"]), []).append((when.timestamp(), value))
    return tuple(_usage(pod, container, series) for (pod, container), series in found.items())


def usage_of(metrics: Iterable[Json], cores: float = 1.0) -> tuple[Usage, ...]:
    """Usage from PodMetrics objects of metrics.k8s.io; CPU is in cores times `cores`."""
    found = []
    for item in metrics:
        for container in entries(item, "containers"):
            amount = _cores(text(container, "usage", "cpu"))
            if amount is not None:
                found.append(Usage(name_of(item), text(container, "name"), amount * cores))
    return tuple(found)


def _meant(row: dict[str, str], pods: tuple[Json, ...]) -> Iterable[tuple[str, str]]:
    """The pod of a sample; one without a pod is of the first pod of its service."""
    name, service = row.get("pod") or "", row.get("service") or row.get("app") or ""
    for pod in pods:
        mine = name_of(pod) == name or (not name and service and service in labels_of(pod).values())
        if mine:
            containers = [text(each, "name") for each in entries(pod, "spec", "containers")]
            wanted = row.get("container") or ""
            return (
                [(name_of(pod), wanted if wanted in containers else containers[0])]
                if containers
                else []
            )
    return []


def _usage(pod: str, container: str, series: _Samples) -> Usage:
    periods, throttled = _rate(series.get(_PERIODS)), _rate(series.get(_THROTTLED))
    share = throttled / periods if periods and throttled is not None else None
    return Usage(pod, container, _rate(series.get(_CPU)), share)


def _rate(samples: list[tuple[float, float]] | None) -> float | None:
    """Increase a second over the last samples; None when the counter began anew or there is one sample."""
    ordered = sorted(samples or [])
    if len(ordered) < 2:
        return None
    last = ordered[-1]
    first = next(each for each in ordered if last[0] - each[0] <= _SPAN.total_seconds())
    if last[0] == first[0] or last[1] < first[1]:
        return None
    return (last[1] - first[1]) / (last[0] - first[0])


def _number(value: str | None) -> float | None:
    try:
        return float(value or "")
    except ValueError:
        return None


def _cores(value: str) -> float | None:
    units = {"n": 1e-9, "u": 1e-6, "m": 1e-3}
    digits = value.rstrip("num")
    amount = _number(digits)
    return None if amount is None else amount * units.get(value[len(digits) :], 1.0)
