"""Answers as Prometheus writes them, errors too."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from .promql import Scalar, Value, Vector
from .promql.values import Labels, Matrix, String

Json = dict[str, Any]


class Refusal(Exception):
    """A request that is answered with an error: its HTTP status, its kind and its text."""

    def __init__(self, status: int, kind: str, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.body: Json = {"status": "error", "errorType": kind, "error": text}


def bad_data(text: str) -> Refusal:
    """A parameter that cannot be used."""
    return Refusal(400, "bad_data", text)


def success(data: Any) -> Json:
    """An answer."""
    return {"status": "success", "data": data}


def written(value: float) -> str:
    """A sample's value: never in exponents, as the real server writes it."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = format(Decimal(repr(value)), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def instant(value: Value, at: float) -> Json:
    """The `data` of an instant query."""
    if isinstance(value, Scalar):
        return {"resultType": "scalar", "result": [at, written(value.value)]}
    if isinstance(value, String):
        return {"resultType": "string", "result": [at, value.value]}
    if isinstance(value, Matrix):
        return ranged({labels: window.samples for labels, window in value.windows.items()})
    pairs = list(value.values.items()) if value.ordered else sorted(value.values.items())
    result = [{"metric": dict(labels), "value": [at, written(number)]} for labels, number in pairs]
    return {"resultType": "vector", "result": result}


def ranged(points: Mapping[Labels, Sequence[tuple[float, float]]]) -> Json:
    """The `data` of a range query."""
    result = [
        {"metric": dict(labels), "values": [[at, written(value)] for at, value in points[labels]]}
        for labels in sorted(points)
    ]
    return {"resultType": "matrix", "result": result}


def elements(value: Value) -> Mapping[Labels, float]:
    """What one step of a range query adds to each series. Raises Refusal for what has no steps."""
    if isinstance(value, Scalar):
        return {(): value.value}
    if isinstance(value, Vector):
        return value.values
    raise bad_data("invalid expression type for range query, must be Scalar or instant Vector")
