"""A scenario's `metrics.csv`: samples by series, for whichever simulator serves them."""

from __future__ import annotations

import csv
import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import yaml

NAME = "__name__"
FILE = "metrics.csv"
_FIRST = ("time", "name")
_LAST = "value"
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Series:
    """One series: its labels, the name among them as `__name__`, and samples in order of time (seconds since the epoch)."""

    labels: Mapping[str, str]
    times: tuple[float, ...] = field(repr=False)
    values: tuple[float, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """The metric's name."""
        return self.labels[NAME]

    def between(self, start: float, end: float) -> list[tuple[float, float]]:
        """Samples later than `start`, up to and with `end`."""
        first, last = bisect_right(self.times, start), bisect_right(self.times, end)
        return list(zip(self.times[first:last], self.values[first:last], strict=True))

    def has_samples(self, start: float, end: float) -> bool:
        """Whether there is a sample from `start` to `end`, both included."""
        return bisect_left(self.times, start) < bisect_right(self.times, end)


@dataclass(frozen=True, slots=True)
class Recording:
    """What was measured. `now` is the recorded present in seconds since the epoch."""

    now: float
    series: tuple[Series, ...]

    def of_prometheus(self) -> Recording:
        """Without what only CloudWatch can name: a metric of its own has its namespace before a slash."""
        return replace(self, series=tuple(s for s in self.series if "/" not in s.name))

    @property
    def names(self) -> list[str]:
        """The metrics' names, sorted."""
        return sorted({each.name for each in self.series})


def load(folder: Path) -> Recording:
    """Read a scenario folder; without `metrics.csv` nothing was measured, without `scenario.yaml` now is real.

    Raises ValueError, naming file and line, for a table that is none.
    """
    path = folder / FILE
    text = path.read_text(encoding="utf-8-sig") if path.is_file() else ""
    return Recording(_now(folder / "scenario.yaml"), _series(text, path) if text.strip() else ())


def is_counter(name: str) -> bool:
    """Whether a metric only grows: names that end in `_total`, and what a histogram or summary counts."""
    return name.endswith(("_total", "_count", "_sum", "_bucket"))


def _series(text: str, path: Path) -> tuple[Series, ...]:
    rows = csv.reader(text.splitlines())
    header = [cell.strip() for cell in next(rows)]
    labels = header[2:-1]
    if tuple(header[:2]) != _FIRST or header[-1] != _LAST or not all(map(_LABEL.fullmatch, labels)):
        raise ValueError(f"{path}: the first line must be time,name,<label>,…,value")
    found: dict[tuple[tuple[str, str], ...], dict[float, float]] = {}
    for row in rows:
        if not any(cell.strip() for cell in row):
            continue
        try:
            cells = dict(zip(header, row, strict=True))
            at, value = _seconds(cells["time"]), float(cells[_LAST])
        except ValueError as error:
            raise ValueError(f"{path}, line {rows.line_num}: {error}") from error
        named = [(NAME, cells["name"].strip()), *((label, cells[label]) for label in labels)]
        key = tuple((label, cell) for label, cell in named if cell)
        found.setdefault(key, {})[at] = value
    return tuple(_sorted(dict(key), samples) for key, samples in sorted(found.items()))


def _sorted(labels: Mapping[str, str], samples: Mapping[float, float]) -> Series:
    if NAME not in labels:
        raise ValueError(f"a sample without a name: {dict(labels)}")
    times = sorted(samples)
    return Series(labels, tuple(times), tuple(samples[at] for at in times))


def _seconds(text: str) -> float:
    """RFC 3339 or seconds since the epoch. Raises ValueError."""
    try:
        seconds = float(text)
    except ValueError:
        moment = datetime.fromisoformat(text.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(seconds):
        raise ValueError(f"{text!r} is no time")
    return seconds


def _now(path: Path) -> float:
    document = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None
    now = document.get("now") if isinstance(document, dict) else None
    if now is None:
        return datetime.now(UTC).timestamp()
    moment = now if isinstance(now, datetime) else datetime.fromisoformat(str(now))
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
