"""What callers may pass: names, ranges, statistics and queries, checked before anything reaches the API.

The limits are CloudWatch's own (API reference of CloudWatch and CloudWatch Logs), or lower.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from tocsin_mcp.kit.arguments import BLANK, between

_GROUP = re.compile(r"[A-Za-z0-9_/.#-]{1,512}", re.ASCII)
_STATISTIC = re.compile(
    r"Average|Sum|Minimum|Maximum|SampleCount|IQM|(?:p|tm|wm|tc|ts)\d{1,2}(?:\.\d{1,4})?|p100"
)
_BLANK = r"(?:\s|#[^\n]*(?:\n|$)|/\*.*?\*/)*"
_FORBIDDEN = re.compile(
    rf"(?:^|[|(]){_BLANK}source\b|\bsource{_BLANK}(?:['\"`]|log_?groups)|\bunmask{_BLANK}\(",
    re.IGNORECASE | re.DOTALL,
)
"""Also behind a comment, and in a subquery. A text that only looks like it is refused, too."""
_LONGEST_NAME = 255
_LONGEST_FILTER = 1024
_LONGEST_QUERY = 4000
_MOST_DIMENSIONS = 30
_MOST_STATISTICS = 5
_MOST_GROUPS = 10
_FINE_PERIODS = (1, 5, 10, 20, 30)


def _one_line(text: str, longest: int) -> str:
    line = text.strip()
    if not line or len(line) > longest or not line.isprintable():
        raise ValueError(f"must be one line of 1 to {longest} characters")
    return line


def _name(text: str) -> str:
    return _one_line(text, _LONGEST_NAME)


def _optional_name(text: str | None) -> str | None:
    return None if text is None else _name(text)


def _optional_filter(text: str | None) -> str | None:
    return None if text is None else _one_line(text, _LONGEST_FILTER)


def _group(text: str) -> str:
    name = text.strip()
    if not _GROUP.fullmatch(name):
        raise ValueError("must be the name of a log group, as list_log_groups says")
    return name


def _groups(names: list[str]) -> list[str]:
    if not 1 <= len(names) <= _MOST_GROUPS:
        raise ValueError(f"must name 1 to {_MOST_GROUPS} log groups")
    return [_group(name) for name in names]


def _part(text: str | None) -> str | None:
    return None if text is None else _group(text)


def _dimensions(given: dict[str, str]) -> dict[str, str]:
    if len(given) > _MOST_DIMENSIONS:
        raise ValueError(f"must be at most {_MOST_DIMENSIONS}")
    return {_name(name): _one_line(value, 1024) for name, value in given.items()}


def _statistics(given: list[str]) -> list[str]:
    names = [name.strip() for name in given]
    if not 1 <= len(names) <= _MOST_STATISTICS or not all(map(_STATISTIC.fullmatch, names)):
        raise ValueError(
            f"must be 1 to {_MOST_STATISTICS} of Average, Sum, Minimum, Maximum, SampleCount or percentiles like p99"
        )
    return list(dict.fromkeys(names))


def _period(value: int | None) -> int | None:
    if value is None or value in _FINE_PERIODS or (60 <= value <= 86400 and value % 60 == 0):
        return value
    raise ValueError("must be 1, 5, 10, 20, 30 or a multiple of 60, up to 86400 (seconds)")


def _query(text: str) -> str:
    query = text.strip()
    if not query or len(query) > _LONGEST_QUERY:
        raise ValueError(f"must be 1 to {_LONGEST_QUERY} characters")
    if _FORBIDDEN.search(query):
        raise ValueError("must not contain SOURCE (name the log groups in `groups`) nor unmask()")
    return query


AlarmName = Annotated[
    str, AfterValidator(_name), Field(description="Its exact name, as list_alarms says.")
]
OptionalAlarm = Annotated[
    str | None,
    AfterValidator(_optional_name),
    BLANK,
    Field(description="Only this alarm; leave out for all."),
]
Prefix = Annotated[
    str | None,
    AfterValidator(_optional_name),
    BLANK,
    Field(description="Only alarms whose name begins so."),
]
State = Annotated[
    Literal["ALARM", "INSUFFICIENT_DATA", "OK"] | None,
    BLANK,
    Field(description="Only alarms in this state."),
]
Namespace = Annotated[
    str,
    AfterValidator(_name),
    Field(description="Namespace of the metric, like AWS/ApplicationELB."),
]
OptionalNamespace = Annotated[
    str | None,
    AfterValidator(_optional_name),
    BLANK,
    Field(description="Only this namespace; leave out to list the namespaces."),
]
Metric = Annotated[str, AfterValidator(_name), Field(description="Name of the metric.")]
OptionalMetric = Annotated[
    str | None, AfterValidator(_optional_name), BLANK, Field(description="Only this metric.")
]
Dimensions = Annotated[
    dict[str, str],
    AfterValidator(_dimensions),
    Field(description="All dimensions of the metric by name, exactly as list_metrics says."),
]
SomeDimensions = Annotated[
    dict[str, str],
    AfterValidator(_dimensions),
    Field(description="Only metrics that have these dimensions, among others."),
]
Statistics = Annotated[
    list[str],
    AfterValidator(_statistics),
    Field(description="Up to 5 of Average, Sum, Minimum, Maximum, SampleCount, p50, p99, …"),
]
Period = Annotated[
    int | None,
    AfterValidator(_period),
    Field(description="Seconds per point; leave out for one that suits the range."),
]
Group = Annotated[
    str, AfterValidator(_group), Field(description="Log group, as list_log_groups says.")
]
Groups = Annotated[
    list[str], AfterValidator(_groups), Field(description="1 to 10 log groups to query.")
]
Contains = Annotated[
    str | None,
    AfterValidator(_part),
    BLANK,
    Field(description="Only groups whose name contains this (upper and lower case differ)."),
]
Stream = Annotated[
    str | None,
    AfterValidator(_optional_name),
    BLANK,
    Field(description="Only log streams whose name begins so."),
]
Filter = Annotated[
    str | None,
    AfterValidator(_optional_filter),
    BLANK,
    Field(
        description='CloudWatch filter pattern: `ERROR`, `?ERROR ?Exception` (any), `"timed out"`, '
        '`{ $.level = "error" }`. Upper and lower case differ.'
    ),
]
Query = Annotated[
    str,
    AfterValidator(_query),
    Field(
        description="Logs Insights query: `filter @message like /(?i)timeout/ | stats count(*) by bin(1m)`."
    ),
]
Since = Annotated[
    str,
    Field(description="Beginning: a duration back from now (15m, 2h, 1d) or RFC 3339."),
]
OptionalSince = Annotated[
    str | None,
    BLANK,
    Field(description="Only what is newer: a duration back from now (2h, 1d) or RFC 3339."),
]
Until = Annotated[
    str | None,
    BLANK,
    Field(description="End: a duration back from now or RFC 3339; leave out for now."),
]
Limit = Annotated[int, between(1, 200), Field(description="Most entries, 1 to 200.")]
Lines = Annotated[int, between(1, 500), Field(description="Last lines, 1 to 500.")]
Rows = Annotated[int, between(1, 500), Field(description="Most rows, 1 to 500.")]
