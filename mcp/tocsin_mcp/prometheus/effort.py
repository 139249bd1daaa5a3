"""How far a query looks back and how often it evaluates what is inside: a subquery of years by the second stops a Prometheus.

`timeout` does not help there, since Prometheus makes room for all points before it looks at the clock.
"""

from __future__ import annotations

import re

MOST_STEPS = 11_000
"""Evaluations of a subquery, nested ones multiplied; as many as Prometheus allows points in a range."""
LONGEST_DAYS = 92
_DEFAULT_STEP = 60.0  # Prometheus takes its evaluation interval, a minute unless configured
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}
_TEXTS = re.compile(r'"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|`[^`]*`|#[^\n]*', re.DOTALL)
_RANGE = re.compile(r"\[(?P<range>[^\]:]*)(?::(?P<step>[^\]]*))?\]")
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|[smhdwy])?", re.ASCII)
_DURATION = re.compile(r"(?:\d{1,12}(?:\.\d{1,9})?(?:ms|[smhdwy])?){1,7}", re.ASCII)


def objection(query: str) -> str:
    """What speaks against evaluating a PromQL query; empty when nothing does."""
    plain = _TEXTS.sub(lambda found: " " * len(found[0]), query)
    steps: list[tuple[int, float]] = []
    for found in _RANGE.finditer(plain):
        length, step = _seconds(found["range"]), _seconds(found["step"] or "")
        if length is None or ((found["step"] or "").strip() and not step):
            return f"{found[0][:40]} is not a range like [5m] or a subquery like [1h:1m]"
        if length > LONGEST_DAYS * _SECONDS["d"]:
            return f"{found[0][:40]} looks further back than {LONGEST_DAYS} days"
        if found["step"] is not None:
            start = _operand(plain, found.start())
            inner = max((count for at, count in steps if at >= start), default=1.0)
            steps.append((found.start(), inner * max(1.0, length / (step or _DEFAULT_STEP))))
    if max((count for _, count in steps), default=0) > MOST_STEPS:
        return f"its subqueries take more than {MOST_STEPS} steps; take longer ones"
    return ""


def _seconds(text: str) -> float | None:
    compact = text.strip()
    if not _DURATION.fullmatch(compact):
        return None
    return sum(float(number) * _SECONDS[unit or "s"] for number, unit in _PART.findall(compact))


def _operand(text: str, end: int) -> int:
    """Where the expression in parentheses that ends before `end` begins; `end` for a selector, which holds no subquery."""
    before = text[:end].rstrip()
    if not before.endswith(")"):
        return end
    depth = 0
    for at in range(len(before) - 1, -1, -1):
        depth += {")": 1, "(": -1}.get(before[at], 0)
        if not depth:
            return at
    return 0
