"""Datadog monitors: `Triggered: [P2] High CPU on host:web-1`, `Recovered: …`, `Warn: …`, `No data: …`.

The title is the monitor's name with the group that it evaluates, as tags `key:value`; the attachment's text is what
the monitor's author wrote, and ends with the metric's value and the time of the last trigger.
"""

from __future__ import annotations

import re
from typing import Final

from bot.alarms.alarm import Alarm, Severity, State
from bot.alarms.headline import name_of, plain, stable
from bot.alarms.labels import canonical, dimensions, identifying, line_pairs, merged
from bot.alarms.notification import Notification
from bot.alarms.reading import build, colour, everything, fields, host_of, urls
from bot.alarms.words import read_severity, read_state

_SENDER = re.compile(r"data\s?dog", re.IGNORECASE)
_TITLE = re.compile(
    r"^\W{0,8}(?:\[?(?:Monitor Alert|TEST)\]\s*)?(?:\[?(?P<rank>P[1-5])\]\s*\[?)?(?P<status>Re-Triggered|Triggered|Re-Notify|Renotify|Recovered|Warn(?:ing)? recovered|No data recovered|Re-Warn"
    r"|Warn(?:ing)?|No data|Alert|Resolved)(?: \([^)\n]{0,40}\))?(?: on \{(?P<group>[^}\n]{0,300})\})?\]?\s*:?\s*"
    r"(?:\[(?P<priority>P[1-5])\]\s*)?(?P<name>[^\n]{1,500})",
    re.IGNORECASE | re.MULTILINE,
)
_TAG = re.compile(
    r"(?<![\w/:.])(?P<name>[a-z][\w.-]{1,60}):(?P<value>[\w./-]{1,150})", re.IGNORECASE
)
_ON_GROUP = re.compile(r"\s+(?:on|for|by|in)\s+[\w.-]{2,60}:\S.*\Z")
_NOT_TAGS: Final = frozenset(
    {"http", "https", "pagerduty", "slack", "email", "avg", "sum", "max", "min", "utc"}
)
_DATADOG_HOST = re.compile(r"(?:\A|\.)(?:datadoghq\.(?:com|eu)|ddog-gov\.com)\Z")


def read(notification: Notification) -> Alarm | None:
    """An alarm from a monitor's post; None for Datadog's other posts, such as dashboards and comments."""
    if not _is_datadog(notification):
        return None
    text = plain(everything(notification))
    title = _TITLE.search(text)
    if title is None:
        return None
    tags = _tags(f"{title['group'] or ''}\n{title['name']}\n{text}")
    labels = merged(tags, dimensions(line_pairs(text)), fields(notification))
    name = _ON_GROUP.sub("", title["name"].strip()) or title["name"].strip()
    group = merged(_tags(f"{title['group'] or ''} {title['name']}"))
    return build(
        notification,
        source="datadog",
        name=name_of(name),
        identity=(f"name={stable(name)}", *identifying(group)),
        state=_state(title["status"], notification),
        severity=_severity(title, labels),
        labels=labels,
    )


def _is_datadog(notification: Notification) -> bool:
    named = bool(_SENDER.search(notification.sender))
    return named or any(_DATADOG_HOST.search(host_of(url)) for url in urls(notification))


def _tags(text: str) -> dict[str, str]:
    """The first value of each `key:value` tag."""
    tags: dict[str, str] = {}
    for match in _TAG.finditer(text[:5_000]):
        name = canonical(match["name"])
        if name not in _NOT_TAGS and not match["value"].startswith("/"):
            tags.setdefault(name, match["value"].rstrip(".,"))
    return tags


def _state(status: str, notification: Notification) -> tuple[State, str]:
    word = status.lower()
    if "recovered" in word or word == "resolved":
        return "resolved", f"{status!r} in the title"
    if word == "alert":
        return read_state("", color=colour(notification))
    return "firing", f"{status!r} in the title"


def _severity(title: re.Match[str], labels: dict[str, str]) -> tuple[Severity, str]:
    """The monitor's priority, else a label, else what kind of notice it is."""
    priority = title["rank"] or title["priority"]
    if priority:
        return read_severity({"priority": priority})
    severity = read_severity(labels, title["name"])
    if severity[0] == "unknown" and "warn" in title["status"].lower():
        return "warning", f"{title['status']!r} in the title"
    return severity
