"""Which metrics there are, and the labels of one: what a query has to be made of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from tocsin_mcp.kit.errors import NotFound
from tocsin_mcp.kit.output import clip, counted, listed, one_line, plain

from .client import Prometheus

_RECENT = timedelta(hours=1)
_MOST_SERIES = 2000
_VALUES_SHOWN = 12
_LONGEST_HELP = 300
_LONGEST_VALUE = 100


async def list_metrics(prometheus: Prometheus, contains: str | None, limit: int) -> str:
    """Names of metrics that had values in the last hour."""
    query = _window(prometheus)
    if contains:
        query.append(("match[]", f'{{__name__=~"(?i).*{contains}.*"}}'))
    answer = await prometheus.get("label/__name__/values", query)
    names = [str(name) for name in answer.data or []]
    if contains:
        names = [name for name in names if contains.casefold() in name.casefold()]
    if not names:
        wanted = f" whose name contains {contains!r}" if contains else ""
        return f"No metrics{wanted} in the last hour. Try a shorter part of the name."
    lines = [counted(len(names), "metric"), *map(plain, sorted(names)[:limit])]
    return listed(lines, total=len(names) + 1, narrow="use `contains` or a larger `limit`")


async def describe_metric(prometheus: Prometheus, metric: str) -> str:
    """Type, help, how many series, and each label with its values."""
    known = await prometheus.get("metadata", [("metric", metric), ("limit_per_metric", "1")])
    found = await prometheus.get(
        "series",
        [*_window(prometheus), ("match[]", metric), ("limit", str(_MOST_SERIES))],
    )
    series = [dict(each) for each in found.data or []]
    facts = _facts(known.data, metric)
    if not series and not facts:
        raise NotFound(
            f"There was no metric {metric} in the last hour; list_metrics(contains=…) finds what there is."
        )
    more = " or more" if len(series) >= _MOST_SERIES else ""
    lines = [f"{metric}: {facts or 'no help text'}", f"{len(series)} series{more}"]
    lines += _labels(series)
    return listed(lines, narrow="query it with label matchers")


def _window(prometheus: Prometheus) -> list[tuple[str, str]]:
    end = prometheus.now()
    start = end - _RECENT
    return [("start", f"{start.timestamp():.3f}"), ("end", f"{end.timestamp():.3f}")]


def _facts(data: Any, metric: str) -> str:
    entries = data.get(metric) if isinstance(data, dict) else None
    if not entries:
        return ""
    first = entries[0]
    unit = f" in {first['unit']}" if first.get("unit") else ""
    return clip(
        plain(f"{first.get('type', 'unknown')}{unit}. {first.get('help', '')}"), _LONGEST_HELP
    )


def _labels(series: Iterable[dict[str, str]]) -> list[str]:
    values: dict[str, dict[str, None]] = {}
    for each in series:
        for name, value in each.items():
            if name != "__name__":
                values.setdefault(name, {})[value] = None
    return [f"  {plain(name)}: {_some(sorted(values[name]))}" for name in sorted(values)]


def _some(values: list[str]) -> str:
    shown = ", ".join(clip(one_line(value), _LONGEST_VALUE) for value in values[:_VALUES_SHOWN])
    more = len(values) - _VALUES_SHOWN
    return f"{shown}, … {more} more" if more > 0 else shown
