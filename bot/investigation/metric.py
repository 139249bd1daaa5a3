"""Which metric an alarm watches, and how to read it: what the monitoring itself says, never a guess.

An alarm's post rarely holds the query. A link to a Prometheus graph does; else the rule of the alarm's name is looked
up where the alarm comes from. Without either there is no metric: no chart is better than a wrong one.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from bot.alarms.alarm import Alarm
from bot.tools.toolset import ToolResult

Ask = Callable[..., Awaitable[ToolResult | None]]
"""`await ask(tool, **arguments)`: its result; None when there is no such tool, or it failed."""

QUERY_RANGE = "prometheus_query_range"
_RULES = "prometheus_list_rules"
_DESCRIBE = "cloudwatch_describe_alarm"
_ALERTS = "prometheus_list_alerts"
_READ = "cloudwatch_read_metric"
_MOST_SERIES = 20
_LONGEST_QUERY = 2_000

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
_COMPARISON = re.compile(r"(?:[=!<>]=|[<>])(?:\s*bool\b)?")
_SET_OPERATOR = re.compile(r"\b(?:and|or|unless)\b", re.IGNORECASE)
_ANYTHING = re.compile(".")
_OPENING, _CLOSING = "([{", ")]}"


class Watched(NamedTuple):
    """A call that reads the metric; `since` and `until` are for the caller to add."""

    tool: str
    arguments: dict[str, Any]
    measure: str
    """What is measured, in words or as a query."""
    threshold: float | None = None
    began: str = ""
    """Since when the monitoring itself says that it holds (RFC 3339); empty when it does not say."""


async def watched(alarm: Alarm, ask: Ask) -> Watched | None:
    """The metric behind an alarm; None when the monitoring does not tell."""
    linked = next((found for link in alarm.links if (found := _query_in(link.url))), "")
    if linked:
        return _of_expression(linked)
    if alarm.source == "alertmanager":
        rules = await ask(_RULES, contains=alarm.name, kind="alerting")
        expressions = set(_expressions(rules.text, alarm.name)) if rules else set()
        ruled = _of_expression(expressions.pop()) if len(expressions) == 1 else None
        return ruled._replace(began=await _since(alarm.name, ask)) if ruled else None
    if alarm.source == "cloudwatch":
        described = await ask(_DESCRIBE, name=alarm.name)
        return _of_description(described.data) if described else None
    return None


def compared(expression: str) -> tuple[str, float | None]:
    """What an alerting expression compares, and with which number: `rate(x[5m]) > 0.5` is `rate(x[5m])` and 0.5.

    Of several conditions the first; without a comparison the expression is returned as it is.
    """
    expression = expression.strip()
    while (inner := _unwrapped(expression)) is not None:
        expression = inner
    first = _cut(expression, _SET_OPERATOR)
    condition = first[0] if first else expression
    sides = _cut(condition, _COMPARISON)
    if sides is None:
        return expression, None
    left, right = sides
    if _NUMBER.fullmatch(right):
        return left, float(right)
    if _NUMBER.fullmatch(left):
        return right, float(left)
    return left, None


def _of_expression(expression: str) -> Watched | None:
    query, threshold = compared(expression)
    if not query or len(query) > _LONGEST_QUERY or query.startswith("absent"):
        return None
    return Watched(QUERY_RANGE, {"query": query, "limit": _MOST_SERIES}, query, threshold)


def _of_description(data: Any) -> Watched | None:
    """From `{"metric": {namespace, metric, dimensions, statistics, threshold}}`: the arguments of the call that reads it."""
    told = data.get("metric") if isinstance(data, Mapping) else None
    if not isinstance(told, Mapping):
        return None
    arguments = {name: value for name, value in told.items() if name != "threshold"}
    statistics = " and ".join(str(each) for each in arguments.get("statistics") or [])
    measure = f"{statistics} of {arguments.get('namespace')} {arguments.get('metric')}"
    limit = told.get("threshold")
    return Watched(
        _READ, arguments, measure, float(limit) if isinstance(limit, int | float) else None
    )


def _query_in(url: str) -> str:
    """The expression in a link to a Prometheus graph; empty when it is none."""
    try:
        parts = urlsplit(url)
        queries = parse_qs(parts.query).get("g0.expr", [])
    except ValueError:
        return ""
    return queries[0].strip() if queries else ""


async def _since(name: str, ask: Ask) -> str:
    """Since when the oldest alert of exactly this name is pending or firing, as `list_alerts` prints it."""
    alerts = await ask(_ALERTS, contains=name)
    since = re.compile(rf"^{re.escape(name)}: \w+ since (\S+Z)\b", re.MULTILINE)
    return min(since.findall(alerts.text), default="") if alerts else ""


def _expressions(text: str, name: str) -> Iterator[str]:
    """The expressions of the rules of exactly this name, as `list_rules` prints them: on the line below."""
    lines = text.splitlines()
    for line, following in pairwise(lines):
        expression = following.strip()
        if line.startswith(f"{name}: ") and following[:1] == " " and not expression.endswith("…"):
            yield expression


def _unwrapped(text: str) -> str | None:
    """What stands in the brackets around a whole text; None when there are none."""
    whole = text.startswith("(") and text.endswith(")") and _cut(text[:-1], _ANYTHING) is None
    return text[1:-1].strip() if whole else None


def _cut(text: str, operator: re.Pattern[str]) -> tuple[str, str] | None:
    """The text around the first such operator that stands outside of brackets and quotes."""
    depth, quote, skip = 0, "", 0
    for index, sign in enumerate(text):
        if index < skip:
            continue
        if quote:
            skip = index + 2 if sign == "\\" and quote != "`" else skip
            quote = "" if sign == quote else quote
        elif sign in "\"'`":
            quote = sign
        elif sign in _OPENING or sign in _CLOSING:
            depth += 1 if sign in _OPENING else -1
        elif depth == 0 and (found := operator.match(text, index)):
            return text[:index].strip(), text[found.end() :].strip()
    return None
