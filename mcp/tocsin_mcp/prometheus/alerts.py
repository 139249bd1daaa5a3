"""Alerts that are pending or firing, and the rules behind them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tocsin_mcp.kit.output import clip, counted, listed, plain
from tocsin_mcp.kit.series import number
from tocsin_mcp.kit.times import age, parse_rfc3339, rfc3339

from .client import Prometheus
from .samples import written

_ORDER = {"firing": 0, "pending": 1, "inactive": 2, "unknown": 3}
_LONGEST_TEXT = 500
_LONGEST_EXPRESSION = 1000
_SHOWN_FIRST = ("summary", "description", "message", "runbook_url")
_MOST_ANNOTATIONS = 6

Json = dict[str, Any]


async def list_alerts(prometheus: Prometheus, word: str | None, limit: int) -> str:
    """Firing ones first, newest first, with value, labels and annotations."""
    answer = await prometheus.get("alerts")
    every: list[Json] = list((answer.data or {}).get("alerts") or [])
    found = [each for each in every if _has(word, each.get("labels", {}).values())]
    if not found:
        known = f" ({counted(len(every), 'alert')} without that word)" if every else ""
        return f"No alert is pending or firing{' with ' + repr(word) if word else ''}{known}."
    found.sort(key=_since, reverse=True)
    found.sort(key=lambda each: _ORDER.get(str(each.get("state")), 9))
    firing = sum(1 for each in found if each.get("state") == "firing")
    lines = [f"{counted(len(found), 'alert')}, {firing} firing"]
    for each in found[:limit]:
        lines += _alert(each, prometheus.now())
    left = len(found) - limit
    return listed(
        lines,
        total=len(lines) + max(0, left),
        narrow="use `contains` or a larger `limit`",
    )


async def list_rules(prometheus: Prometheus, word: str | None, kind: str, limit: int) -> str:
    """Rules by group: those that cannot be evaluated first, then those that fire."""
    answer = await prometheus.get("rules", [("type", "alert" if kind == "alerting" else "record")])
    found = [
        (group, rule)
        for group in (answer.data or {}).get("groups") or []
        for rule in group.get("rules") or []
        if rule.get("type") == kind
        and _has(word, [str(rule.get("name")), *rule.get("labels", {}).values()])
    ]
    if not found:
        return f"No {kind} rules{f' with {word!r}' if word else ''}."
    found.sort(key=lambda pair: (not _broken(pair[1]), _ORDER.get(str(pair[1].get("state")), 9)))
    broken = sum(1 for _, rule in found if _broken(rule))
    head = f"{counted(len(found), f'{kind} rule')}"
    head += f", {broken} cannot be evaluated" if broken else ""
    lines = [head]
    for group, rule in found[:limit]:
        lines += _rule(group, rule)
    left = len(found) - limit
    return listed(
        lines, total=len(lines) + max(0, left), narrow="use `contains` or a larger `limit`"
    )


def _alert(alert: Json, now: datetime) -> list[str]:
    labels = {k: v for k, v in alert.get("labels", {}).items() if k != "alertname"}
    name = plain(str(alert.get("labels", {}).get("alertname", "?")))
    at = parse_rfc3339(str(alert.get("activeAt", "")))
    since = f" since {rfc3339(at)} ({age(at, now)} ago)" if at else ""
    line = f"{name}: {alert.get('state', '?')}{since}, value {_value(alert.get('value'))}"
    return [f"{line} {written(labels)}", *_annotations(alert.get("annotations", {}))]


def _rule(group: Json, rule: Json) -> list[str]:
    name = plain(str(rule.get("name", "?")))
    where = f"group {plain(str(group.get('name', '?')))}"
    state = ""
    if rule.get("type") == "alerting":
        active = len(rule.get("alerts") or [])
        waits = f", for {number(float(rule['duration']))} s" if rule.get("duration") else ""
        state = f"{rule.get('state', '?')} ({active} active){waits}, "
    lines = [f"{name}: {state}{where} {written(rule.get('labels', {}))}"]
    expression = " ".join(str(rule.get("query", "")).split())
    lines.append(f"    {clip(plain(expression), _LONGEST_EXPRESSION)}")
    if _broken(rule):
        lines.append(
            f"    cannot be evaluated: {clip(plain(str(rule.get('lastError'))), _LONGEST_TEXT)}"
        )
    return lines + _annotations(rule.get("annotations", {}))


def _annotations(given: Json) -> list[str]:
    names = sorted(given, key=lambda name: (name not in _SHOWN_FIRST, name))
    return [
        f"    {plain(name)}: {clip(plain(' '.join(str(given[name]).split())), _LONGEST_TEXT)}"
        for name in names[:_MOST_ANNOTATIONS]
    ]


def _has(word: str | None, texts: Iterable[object]) -> bool:
    return word is None or any(word.casefold() in str(text).casefold() for text in texts)


def _broken(rule: Json) -> bool:
    return bool(rule.get("lastError")) or rule.get("health") == "err"


def _since(alert: Json) -> float:
    at = parse_rfc3339(str(alert.get("activeAt", "")))
    return at.timestamp() if at else 0.0


def _value(text: object) -> str:
    try:
        return number(float(str(text)))
    except ValueError:
        return "?"
