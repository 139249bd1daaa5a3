"""Reads JSON as strictly as Slack does: what Python accepts beyond the standard would break everybody who reads it back.

Python reads `NaN` and `1e400`, which no browser reads; it fails in ways of its own on deep nesting and huge numbers.
"""

from __future__ import annotations

import json
import math
from typing import Any


def parse(text: str | bytes) -> Any:
    """The value that `text` holds. Raises ValueError for all that is no JSON, or cannot be read."""
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"{digits} is too large a number")
    return value
