"""Queries in words: values now, and what each series did over a range."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from tocsin_mcp.kit.errors import BadArgument
from tocsin_mcp.kit.output import counted, listed
from tocsin_mcp.kit.series import Summary, described, number, summary
from tocsin_mcp.kit.times import parse_duration, parse_optional, parse_span, rfc3339

from .client import Prometheus
from .samples import Sample, Series, instant, series, shared_labels, written

MOST_POINTS = 11_000
"""Per series: Prometheus itself refuses more."""
_POINTS = 240
_LONGEST_RANGE = timedelta(days=92)
_STEPS = (1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)
_COUNTER = re.compile(r"[A-Za-z_:][\w:]*_(?:total|count|sum|bucket)\s*(?:\{[^}]*\})?", re.ASCII)
_HISTOGRAM = "(native histogram: use histogram_quantile())"
_NARROW = "aggregate (sum by, topk) or add label matchers"


@dataclass(frozen=True, slots=True)
class Range:
    """A query over a range of time. `step` is in seconds."""

    query: str
    start: datetime
    end: datetime
    step: float


@dataclass(frozen=True, slots=True)
class Told:
    """One series and what it came to; None when it has no finite value."""

    series: Series
    summary: Summary | None


@dataclass(frozen=True, slots=True)
class Ranged:
    """What a range query gave: the series worth telling first, how many there were, and warnings."""

    told: Sequence[Told]
    total: int
    warnings: Sequence[str]


async def query(prometheus: Prometheus, expression: str, time: str | None, limit: int) -> str:
    """One line per series with its value."""
    now = prometheus.now()
    at = parse_optional(time, now, "time") or now
    answer = await prometheus.get(
        "query", [("query", expression), ("time", f"{at.timestamp():.3f}")]
    )
    found = instant(answer.data)
    if isinstance(found, str):
        return found
    notes = [*_notes(answer.warnings), *_counter_hint(expression)]
    if not found:
        return "\n".join([f"Nothing at {rfc3339(at)}. {_NOTHING}", *notes])
    common = shared_labels(sample.labels for sample in found)
    lines = [f"{counted(len(found), 'result')} at {rfc3339(at)}{_common(common)}", *notes]
    lines += [_line(sample, common) for sample in found[:limit]]
    return listed(lines, total=len(found) + 1 + len(notes), narrow=_NARROW)


async def ranged(prometheus: Prometheus, wanted: Range, limit: int) -> Ranged:
    """The `limit` series most worth telling: a lasting change of level first, the strongest of them at the top."""
    answer = await prometheus.get(
        "query_range",
        [
            ("query", wanted.query),
            ("start", f"{wanted.start.timestamp():.3f}"),
            ("end", f"{wanted.end.timestamp():.3f}"),
            ("step", f"{wanted.step:g}"),
        ],
    )
    told = await asyncio.to_thread(_told, answer.data)
    return Ranged(told[:limit], len(told), answer.warnings)


def text(wanted: Range, found: Ranged) -> str:
    """What a range query gave, in words."""
    span = f"{rfc3339(wanted.start)} to {rfc3339(wanted.end)}, one point per {wanted.step:g} s"
    notes = [*_notes(found.warnings), *_counter_hint(wanted.query)]
    if not found.told:
        return "\n".join([f"Nothing from {span}. {_NOTHING}", *notes])
    common = shared_labels(each.series.labels for each in found.told)
    changed = sum(1 for each in found.told if each.summary and each.summary.change)
    order = ", what changed first" if changed and len(found.told) > 1 else ""
    lines = [f"{counted(found.total, 'result')}, {span}{order}{_common(common)}", *notes]
    lines += [_told_line(each, common) for each in found.told]
    return listed(lines, total=found.total + 1 + len(notes), narrow=_NARROW)


def parse_range(
    expression: str, since: str, until: str | None, step: str | None, now: datetime
) -> Range:
    """A range query whose step suits its length unless one is given. Raises BadArgument."""
    start, end = parse_span(
        since, until, now, _LONGEST_RANGE, "; set `until` to look further back."
    )
    length = (end - start).total_seconds()
    if step is None:
        fits = (each for each in _STEPS if length / each <= _POINTS)
        return Range(expression, start, end, next(fits, _STEPS[-1]))
    duration = parse_duration(step)
    if not duration:
        raise BadArgument("step", f"{step[:40]!r} is not a duration like 15s, 1m or 1h.")
    seconds = duration.total_seconds()
    if length / seconds + 1 > MOST_POINTS:
        raise BadArgument(
            "step",
            f"{step[:40]} gives more than {MOST_POINTS} points per series; take a longer one.",
        )
    return Range(expression, start, end, seconds)


def _told(data: object) -> list[Told]:
    every = [Told(each, summary(each.points)) for each in series(data)]
    return sorted(every, key=lambda told: -_strength(told))


def _strength(told: Told) -> float:
    return told.summary.change.strength if told.summary and told.summary.change else 0.0


def _line(sample: Sample, common: dict[str, str]) -> str:
    value = _HISTOGRAM if sample.value is None else number(sample.value)
    return f"{written(sample.labels, common)} {value}"


def _told_line(told: Told, common: dict[str, str]) -> str:
    labels = written(told.series.labels, common)
    if told.summary is not None:
        return f"{labels} {described(told.summary)}"
    if told.series.points:
        return f"{labels} NaN or infinite throughout ({counted(len(told.series.points), 'point')})"
    return f"{labels} {_HISTOGRAM}"


def _common(labels: dict[str, str]) -> str:
    return f"; all have {written(labels)}" if labels else ""


def _notes(warnings: Sequence[str]) -> list[str]:
    return [f"warning: {each}" for each in warnings]


def _counter_hint(expression: str) -> list[str]:
    if not _COUNTER.fullmatch(expression):
        return []
    return ["note: this looks like a counter, which only ever grows; rate(…[5m]) says how fast."]


_NOTHING = (
    "Either no series matches or it had no value then: check names with list_metrics and labels with describe_metric. "
    "A comparison (>, ==) keeps only what satisfies it."
)
