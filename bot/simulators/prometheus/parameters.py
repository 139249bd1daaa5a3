"""What a request gives: times, steps and selectors, checked as the real server checks them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from .answers import bad_data
from .promql import Expression, ParseError, parse
from .promql.tokens import is_duration, seconds
from .promql.tree import Selector

_MOST_POINTS = 11_000

Given = Mapping[str, Sequence[str]]
"""A request's parameters: each name with its values."""


@dataclass(frozen=True, slots=True)
class Steps:
    """The moments of a range query, in seconds since the epoch."""

    start: float
    end: float
    step: float

    def __iter__(self) -> Iterator[float]:
        count = int((self.end - self.start) / self.step + 1e-9)
        return (round(self.start + number * self.step, 3) for number in range(count + 1))


def one(given: Given, name: str) -> str:
    """A parameter's first value; empty when it is not given."""
    return next(iter(given.get(name, ())), "")


def expression(given: Given, name: str = "query") -> Expression:
    """The query. Raises Refusal."""
    try:
        return parse(one(given, name))
    except ParseError as error:
        raise bad_data(f'invalid parameter "{name}": {error}') from error


def selectors(given: Given, *, needed: bool) -> list[Selector]:
    """Every `match[]`. Raises Refusal."""
    found = []
    for text in given.get("match[]", ()):
        try:
            selector = parse(text)
        except ParseError as error:
            raise bad_data(f'invalid parameter "match[]": {error}') from error
        if not isinstance(selector, Selector) or selector.span is not None:
            raise bad_data(f'invalid parameter "match[]": {text!r} is no series selector')
        found.append(selector)
    if needed and not found:
        raise bad_data("no match[] parameter provided")
    return found


def moment(given: Given, name: str, default: float) -> float:
    """A time: RFC 3339 or seconds since the epoch. Raises Refusal."""
    text = one(given, name)
    if not text:
        return default
    try:
        at = float(text)
    except ValueError:
        try:
            at = datetime.fromisoformat(text).timestamp()
        except ValueError:
            at = math.nan
    if not math.isfinite(at):
        raise bad_data(f'invalid parameter "{name}": cannot parse "{text}" to a valid timestamp')
    return at


def steps(given: Given) -> Steps:
    """The range. Raises Refusal."""
    for name in ("start", "end", "step"):
        if not one(given, name):
            raise bad_data(f'invalid parameter "{name}": cannot parse "" to a valid value')
    found = Steps(moment(given, "start", 0), moment(given, "end", 0), _step(one(given, "step")))
    if found.end < found.start:
        raise bad_data('invalid parameter "end": end timestamp must not be before start time')
    if (found.end - found.start) / found.step > _MOST_POINTS:
        raise bad_data(
            "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution "
            "(?step=XX)"
        )
    return found


def _step(text: str) -> float:
    try:
        step = seconds(text) if is_duration(text) else float(text)
    except ValueError:
        step = math.nan
    if not math.isfinite(step):
        raise bad_data(f'invalid parameter "step": cannot parse "{text}" to a valid duration')
    if step <= 0:
        raise bad_data(
            'invalid parameter "step": zero or negative query resolution step widths are not accepted. Try a '
            "positive integer"
        )
    return step
