"""What a query returns, as values: instant samples, and series over a range."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kit.output import clip, plain
from tocsin_mcp.kit.series import Point

Labels = Mapping[str, str]

_LONGEST_VALUE = 120
_NAME = "__name__"


@dataclass(frozen=True, slots=True)
class Sample:
    """One series' value at the time of the query; `value` is None for a native histogram."""

    labels: Labels
    at: float
    value: float | None


@dataclass(frozen=True, slots=True)
class Series:
    """One series' points in order of time; native histograms have none."""

    labels: Labels
    points: Sequence[Point]


def instant(data: Any) -> list[Sample] | str:
    """The samples of an instant query's `data`; the text itself when the query is a string. Raises Unavailable."""
    try:
        kind, result = data["resultType"], data["result"]
        if kind == "string":
            return clip(plain(str(result[1])))
        if kind == "scalar":
            return [Sample({}, float(result[0]), _number(result[1]))]
        if kind == "matrix":
            return [_last(each) for each in series(data)]
        return [_sample(each) for each in result]
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise _unreadable() from error


def series(data: Any) -> list[Series]:
    """The series of a range query's `data`. Raises Unavailable."""
    try:
        return [
            Series(
                dict(each["metric"]),
                [(float(at), _number(value)) for at, value in each.get("values") or []],
            )
            for each in data["result"]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable() from error


def shared_labels(many: Iterable[Labels]) -> dict[str, str]:
    """Labels that all have with the same value; empty for fewer than two, whose labels say what they are."""
    every = list(many)
    if len(every) < 2:
        return {}
    return {
        name: value
        for name, value in every[0].items()
        if all(labels.get(name) == value for labels in every)
    }


def written(labels: Labels, without: Iterable[str] = ()) -> str:
    """`up{job="cart"}`, as PromQL writes it; `{}` when nothing is left."""
    hidden = {_NAME, *without}
    name = "" if _NAME in without else labels.get(_NAME, "")
    parts = [f"{key}={_quoted(labels[key])}" for key in sorted(labels) if key not in hidden]
    inner = "{" + ", ".join(parts) + "}" if parts or not name else ""
    return f"{plain(name)}{inner}"


def _quoted(value: str) -> str:
    text = clip(plain(value), _LONGEST_VALUE).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("\n", "\\n") + '"'


def _sample(each: Any) -> Sample:
    if "value" not in each:
        return Sample(dict(each["metric"]), float(each["histogram"][0]), None)
    at, value = each["value"]
    return Sample(dict(each["metric"]), float(at), _number(value))


def _last(each: Series) -> Sample:
    at, value = each.points[-1] if each.points else (math.nan, None)
    return Sample(each.labels, at, value)


def _number(text: str) -> float:
    """Prometheus writes NaN, +Inf and -Inf, all of which float reads."""
    return float(text)


def _unreadable() -> Unavailable:
    return Unavailable("Prometheus answered the query with something unreadable. Go on without it.")
