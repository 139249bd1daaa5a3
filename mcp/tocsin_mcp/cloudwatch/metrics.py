"""Metrics: which there are, and what one did over a range of time, in words instead of points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tocsin_mcp.kit.errors import BadArgument
from tocsin_mcp.kit.output import clip, counted, listed, plain
from tocsin_mcp.kit.points import structured
from tocsin_mcp.kit.series import Point, described, moment, number, summary
from tocsin_mcp.kit.times import parse_span, rfc3339

from .client import Aws, Json

_MOST_METRICS = 2000
_MOST_PAGES = 5
_POINTS = 240
_MOST_POINTS = 1440
_SHOWN_RAW = 12
_LONGEST_RANGE = timedelta(days=455)
_PERIODS = (60, 300, 900, 3600, 21600, 86400)
# How long CloudWatch keeps points of each period (user guide, "Metrics retention").
_KEPT = ((timedelta(hours=3), 1), (timedelta(days=15), 60), (timedelta(days=63), 300))
_LONGEST_KEPT_PERIOD = 3600


@dataclass(frozen=True, slots=True)
class Wanted:
    """One metric over a range of time. `period` is in seconds, None for one that suits the range."""

    namespace: str
    metric: str
    dimensions: Mapping[str, str]
    statistics: list[str]
    since: str
    until: str | None
    period: int | None


async def list_metrics(
    aws: Aws,
    namespace: str | None,
    metric: str | None,
    dimensions: Mapping[str, str],
    limit: int,
) -> str:
    """Metrics with all their dimensions; without a filter, the namespaces with how many each has."""
    found, complete = await _listed(aws, namespace, metric, dimensions)
    if not found:
        return "No such metrics. Names are exact; leave out filters, or all of them to list the namespaces."
    known = f"{'' if complete else 'the first '}{counted(len(found), 'metric')}"
    if not (namespace or metric or dimensions):
        spaces = Counter(str(each["Namespace"]) for each in found)
        lines = [f"{counted(len(spaces), 'namespace')} in {known}; list one with `namespace`"]
        lines += [f"{plain(name)}  {counted(spaces[name], 'metric')}" for name in sorted(spaces)]
        return listed(lines, narrow="use `namespace`")
    rows = sorted(_line(each) for each in found)
    return listed(
        [known, *rows[:limit]],
        total=len(rows) + 1,
        narrow="use `metric`, `dimensions` or a larger `limit`",
    )


@dataclass(frozen=True, slots=True)
class Read:
    """What a metric did: points by statistic, one per `period` seconds."""

    wanted: Wanted
    start: datetime
    end: datetime
    period: int
    series: Mapping[str, list[Point]]


async def read_metric(aws: Aws, wanted: Wanted) -> Read:
    """The points of each statistic. Raises BadArgument."""
    now = aws.now()
    start, end = parse_span(
        wanted.since, wanted.until, now, _LONGEST_RANGE, ": CloudWatch keeps no more."
    )
    period = wanted.period or _suitable(end - start, now - start)
    if (end - start).total_seconds() / period > _MOST_POINTS:
        raise BadArgument(
            "period", f"{period} s gives more than {_MOST_POINTS} points; take a longer one."
        )
    series = await _points(aws, wanted, start, end, period)
    return Read(wanted, start, end, period, series)


def text(read: Read) -> str:
    """One line per statistic: last, mean, extremes with their times, and a lasting change of level."""
    wanted = read.wanted
    name = f"{wanted.namespace} {wanted.metric} {_braced(wanted.dimensions)}"
    span = f"{rfc3339(read.start)} to {rfc3339(read.end)}"
    lines = [f"{plain(name)}, {span}, one point per {read.period} s"]
    lines += [f"{name}: {_text(points)}" for name, points in read.series.items()]
    if not any(read.series.values()):
        lines.append(
            "Names and dimensions are exact, and each combination of dimensions is a metric of its own: "
            "list_metrics(namespace=…, metric=…) shows what there is."
        )
    return listed(lines, narrow="ask for fewer statistics")


def points(read: Read) -> dict[str, Any]:
    """What programs read: the points behind the words, a series per statistic."""
    wanted = read.wanted
    about = {"namespace": wanted.namespace, "metric": wanted.metric, **wanted.dimensions}
    return structured(
        (({**about, "statistic": name}, found) for name, found in read.series.items()),
        step=read.period,
    )


async def _listed(
    aws: Aws, namespace: str | None, metric: str | None, dimensions: Mapping[str, str]
) -> tuple[list[Json], bool]:
    filters = [{"Name": name, "Value": value} for name, value in dimensions.items()]
    found: list[Json] = []
    token: str | None = None
    while len(found) < _MOST_METRICS:
        answer = await aws.call(
            "ListMetrics",
            Namespace=namespace,
            MetricName=metric,
            Dimensions=filters or None,
            NextToken=token,
        )
        found += answer.get("Metrics", [])
        token = answer.get("NextToken")
        if not token:
            break
    return found, not token


async def _points(
    aws: Aws, wanted: Wanted, start: datetime, end: datetime, period: int
) -> dict[str, list[Point]]:
    metric = {
        "Namespace": wanted.namespace,
        "MetricName": wanted.metric,
        "Dimensions": [{"Name": n, "Value": v} for n, v in wanted.dimensions.items()],
    }
    queries = [
        {"Id": f"m{i}", "MetricStat": {"Metric": metric, "Period": period, "Stat": statistic}}
        for i, statistic in enumerate(wanted.statistics)
    ]
    found: dict[str, list[Point]] = {f"m{i}": [] for i in range(len(queries))}
    token: str | None = None
    for _ in range(_MOST_PAGES):
        answer = await aws.call(
            "GetMetricData",
            MetricDataQueries=queries,
            StartTime=start,
            EndTime=end,
            ScanBy="TimestampAscending",
            NextToken=token,
        )
        for result in answer.get("MetricDataResults", []):
            pairs = zip(result.get("Timestamps", []), result.get("Values", []), strict=False)
            found.setdefault(str(result.get("Id")), []).extend(
                (at.timestamp(), float(value)) for at, value in pairs
            )
        token = answer.get("NextToken")
        if not token:
            break
    return {name: sorted(found[f"m{i}"]) for i, name in enumerate(wanted.statistics)}


def _suitable(length: timedelta, age: timedelta) -> int:
    """Seconds per point, so that there are at most 240 points and all of them are still kept."""
    kept = next((least for keeps, least in _KEPT if age <= keeps), _LONGEST_KEPT_PERIOD)
    fits = (p for p in _PERIODS if p >= kept and length.total_seconds() / p <= _POINTS)
    return next(fits, _PERIODS[-1])


def _text(points: list[Point]) -> str:
    found = summary(points)
    if found is None:
        return "no data points in this range"
    text = f"{described(found)} ({counted(found.count, 'point')})"
    if found.lowest[1] == found.highest[1]:
        return described(found)
    if found.count > _SHOWN_RAW:
        return text
    raw = ", ".join(f"{moment(at)[11:16]} {number(value)}" for at, value in points)
    return f"{text}: {raw}"


def _line(metric: Json) -> str:
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
    return clip(plain(f"{metric['Namespace']} {metric['MetricName']} {_braced(dimensions)}"), 400)


def _braced(dimensions: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name}={value}" for name, value in dimensions.items()) + "}"
