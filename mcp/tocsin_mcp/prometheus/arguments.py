"""What callers may pass: queries, ranges, names, checked before anything reaches the API."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from tocsin_mcp.kit.arguments import BLANK, between

from .effort import objection

_METRIC = re.compile(r"[A-Za-z_:][A-Za-z0-9_:]{0,199}", re.ASCII)
_PART = re.compile(r"[A-Za-z0-9_:.-]{1,100}", re.ASCII)
_LONGEST_QUERY = 2000  # quoted in a URL three times as long, which proxies still take


def _query(text: str) -> str:
    query = text.strip()
    if not query or len(query) > _LONGEST_QUERY:
        raise ValueError(f"must be PromQL of 1 to {_LONGEST_QUERY} characters")
    against = objection(query)
    if against:
        raise ValueError(against)
    return query


def _metric(text: str) -> str:
    name = text.strip()
    if not _METRIC.fullmatch(name):
        raise ValueError("must be the name of a metric, without labels; list_metrics finds one")
    return name


def _part(text: str | None) -> str | None:
    part = None if text is None else text.strip()
    if part is not None and not _PART.fullmatch(part):
        raise ValueError("must be part of a name: letters, digits and _ : . -")
    return part


def _word(text: str | None) -> str | None:
    word = None if text is None else text.strip()
    if word is not None and (len(word) > 200 or not word.isprintable()):
        raise ValueError("must be one line of at most 200 characters")
    return word


Query = Annotated[
    str,
    AfterValidator(_query),
    Field(
        description='PromQL. A counter (…_total) needs rate(): `sum by (route) (rate(http_requests_total{code=~"5.."}[5m]))`.'
    ),
]
Time = Annotated[
    str | None,
    BLANK,
    Field(description="When: a duration back from now (15m, 2h) or RFC 3339; leave out for now."),
]
Since = Annotated[
    str, Field(description="Beginning: a duration back from now (15m, 2h, 1d) or RFC 3339.")
]
Until = Annotated[
    str | None,
    BLANK,
    Field(description="End: a duration back from now or RFC 3339; leave out for now."),
]
Step = Annotated[
    str | None,
    BLANK,
    Field(description="Time between points (15s, 1m); leave out for one that suits the range."),
]
Series = Annotated[int, between(1, 100), Field(description="Most series, 1 to 100.")]
Limit = Annotated[int, between(1, 500), Field(description="Most entries, 1 to 500.")]
Metric = Annotated[str, AfterValidator(_metric), Field(description="Name of the metric.")]
Contains = Annotated[
    str | None,
    AfterValidator(_part),
    BLANK,
    Field(description="Only metrics whose name contains this, whatever its case."),
]
Word = Annotated[
    str | None,
    AfterValidator(_word),
    BLANK,
    Field(description="Only those that contain this in their name or a label, whatever its case."),
]
Job = Annotated[
    str | None, AfterValidator(_word), BLANK, Field(description="Only targets of this job.")
]
Kind = Annotated[
    Literal["alerting", "recording"],
    Field(description="Rules that raise alerts, or rules that record new series."),
]
