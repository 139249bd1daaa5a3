"""The value of a query at one moment."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bot.simulators.recorded_metrics import Series

from .aggregate import aggregated
from .arithmetic import combined
from .calls import call
from .errors import EvaluationError
from .tree import (
    Aggregation,
    Binary,
    Call,
    Expression,
    Negative,
    Number,
    Selector,
    Subquery,
    Text,
)
from .values import NAME, Labels, Matrix, Scalar, String, Value, Vector, Window, dropped, key

_LOOKBACK = 300.0
_MOST_WORK = 200_000
_SAMPLES_A_STEP = 32
"""So many samples of a window cost what one lookup costs."""
_MOST_STEPS = 11_000


class Work:
    """How much one query may do: a number of lookups over all its steps."""

    def __init__(self, most: int = _MOST_WORK) -> None:
        self._left = most

    def spend(self, samples: int) -> None:
        """One lookup that found so many samples. Raises EvaluationError when it is too much."""
        self._left -= 1 + samples // _SAMPLES_A_STEP
        if self._left < 0:
            raise EvaluationError(
                "query processing would load too many samples into memory in query execution"
            )


def evaluate(
    expression: Expression, series: Sequence[Series], at: float, work: Work | None = None
) -> Value:
    """What the expression comes to `at` that time (seconds since the epoch). Raises EvaluationError, ParseError."""
    return _Moment(series, at, work or Work()).value(expression)


class _Moment:
    def __init__(self, series: Sequence[Series], at: float, work: Work) -> None:
        self._series = series
        self._at = at
        self._work = work

    def value(self, expression: Expression) -> Value:
        if isinstance(expression, Number):
            return Scalar(expression.value)
        if isinstance(expression, Text):
            return String(expression.value)
        if isinstance(expression, Selector):
            return (
                self._instant(expression) if expression.span is None else self._ranged(expression)
            )
        if isinstance(expression, Subquery):
            return self._subquery(expression)
        return self._computed(expression)

    def _computed(self, expression: Negative | Aggregation | Binary | Call) -> Value:
        if isinstance(expression, Negative):
            return _negated(self.value(expression.inner))
        if isinstance(expression, Aggregation):
            return self._aggregated(expression)
        if isinstance(expression, Binary):
            return combined(expression, self.value(expression.left), self.value(expression.right))
        first = expression.arguments[0] if expression.arguments else None
        if expression.function == "timestamp" and isinstance(first, Selector):
            return self._timestamps(first)
        return call(expression, [self.value(each) for each in expression.arguments], self._at)

    def _selected(self, selector: Selector) -> list[Series]:
        return [
            each
            for each in self._series
            if all(matcher.matches(each.labels) for matcher in selector.matchers)
        ]

    def _end(self, selector: Selector) -> float:
        base = self._at if selector.fixed is None else selector.fixed
        return base - selector.offset

    def _newest(self, selector: Selector) -> dict[Labels, tuple[float, float]]:
        end = self._end(selector)
        found = {}
        for each in self._selected(selector):
            samples = each.between(end - _LOOKBACK, end)
            self._work.spend(len(samples))
            if samples:
                found[key(each.labels)] = samples[-1]
        return found

    def _instant(self, selector: Selector) -> Vector:
        return Vector({labels: value for labels, (_, value) in self._newest(selector).items()})

    def _timestamps(self, selector: Selector) -> Vector:
        newest = self._newest(selector)
        return Vector({dropped(labels, NAME): at for labels, (at, _) in newest.items()})

    def _ranged(self, selector: Selector) -> Matrix:
        end = self._end(selector)
        start = end - (selector.span or 0.0)
        windows = {}
        for each in self._selected(selector):
            samples = each.between(start, end)
            self._work.spend(len(samples))
            if samples:
                windows[key(each.labels)] = Window(samples, start, end)
        return Matrix(windows)

    def _subquery(self, subquery: Subquery) -> Matrix:
        end = self._at - subquery.offset
        start = end - subquery.span
        # The steps lie on multiples of the step since the epoch, whenever the query is asked.
        first = math.floor(start / subquery.step) + 1
        last = math.floor(end / subquery.step)
        if last - first > _MOST_STEPS:
            raise EvaluationError("exceeded maximum resolution of 11,000 points per timeseries")
        found: dict[Labels, list[tuple[float, float]]] = {}
        for number in range(first, last + 1):
            at = number * subquery.step
            inner = as_vector(evaluate(subquery.inner, self._series, at, self._work))
            self._work.spend(len(inner.values))
            for labels, value in inner.values.items():
                found.setdefault(labels, []).append((at, value))
        return Matrix({labels: Window(each, start, end) for labels, each in found.items()})

    def _aggregated(self, aggregation: Aggregation) -> Vector:
        parameter = self.value(aggregation.parameter) if aggregation.parameter else None
        number = parameter.value if isinstance(parameter, Scalar) else 0.0
        return aggregated(aggregation, as_vector(self.value(aggregation.inner)), number)


def as_vector(value: Value) -> Vector:
    """A number as a vector of one element without labels."""
    if isinstance(value, Vector):
        return value
    return Vector({(): value.value}) if isinstance(value, Scalar) else Vector({})


def _negated(value: Value) -> Value:
    if isinstance(value, Scalar):
        return Scalar(-value.value)
    values = as_vector(value).values
    return Vector({dropped(labels, NAME): -number for labels, number in values.items()})
