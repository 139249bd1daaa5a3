"""Sentry: an issue as blocks: linked title, culprit, quoted value, tags, counts, buttons, project and short id.

The message is edited when somebody resolves the issue. The short id (`BOUTIQUE-1A2`) names the issue for ever; the
counts and dates beside it belong to the occurrence.
"""

from __future__ import annotations

import re
from typing import Final

from bot.alarms.alarm import Alarm, Severity, State
from bot.alarms.headline import name_of, plain, stable
from bot.alarms.labels import line_pairs, merged, only
from bot.alarms.notification import Link, Notification
from bot.alarms.reading import build, colour, everything, fields, host_of
from bot.alarms.words import read_severity, read_state

_SENDER = re.compile(r"\bsentry\b", re.IGNORECASE)
_ISSUE = re.compile(r"/issues/\d+|/alerts/rules/|/organizations/[\w-]+/alerts/")
_SHORT_ID = re.compile(r"\b(?:Short ID:\s*)?(?P<id>[A-Z][A-Z0-9_-]{1,60}-[A-Z0-9]{1,8})\b")
_SHORT_ID_LABEL = re.compile(r"Short ID:\s*(?P<id>[A-Z][A-Z0-9_-]{1,60}-[A-Z0-9]{1,8})\b")
_SHORT_ID_FOOTER = re.compile(r"^(?P<id>[A-Z][A-Z0-9_-]{1,60}-[A-Z0-9]{1,8}) via ", re.MULTILINE)
_PROJECT = re.compile(r"\bProject:\s*(?P<name>[\w.-]{1,100})")
_LEVEL = re.compile(r"\blevel:?\s*(fatal|error|warning|info|debug)\b", re.IGNORECASE)
_TAG = re.compile(
    r"\b(?P<name>environment|release|server_name|transaction|level|service|logger|runtime)[:=]\s*(?P<value>[\w./@:-]{1,150})"
)
_RESOLVED = re.compile(
    r"(?:issue (?:was |has been )?|\A|\n|@\S{1,60} |marked (?:this issue )?as )(?:auto-?)?(?:resolved|archived)\b",
    re.IGNORECASE,
)
_SEVERITIES: Final[dict[str, Severity]] = {
    "fatal": "critical",
    "error": "warning",
    "warning": "warning",
    "info": "info",
    "debug": "info",
}
"""An `error` is Sentry's ordinary level, for any single exception; only `fatal` is urgent by itself."""
_EMOJI_LEVELS: Final[dict[str, Severity]] = {
    "🔴": "warning",
    "🟠": "warning",
    "🟡": "warning",
    "🔵": "info",
}
_OVER: Final = "⚪"
"""Sentry's circle for an issue that is resolved or archived."""
_CIRCLES: Final = frozenset((*_EMOJI_LEVELS, _OVER))
_LABELS: Final = (
    "project",
    "environment",
    "release",
    "server_name",
    "transaction",
    "level",
    "service",
    "alert",
)


def read(notification: Notification) -> Alarm | None:
    """An alarm from an issue or a metric alert; None for Sentry's other posts, such as deploy notes."""
    issue = _issue(notification)
    if issue is None:
        return None
    text = plain(everything(notification))
    labels = _labels(notification, text)
    short = (
        _SHORT_ID_LABEL.search(text)
        or _SHORT_ID.fullmatch(issue.label)
        or _SHORT_ID_FOOTER.search(text)
    )
    identity = f"issue={short['id']}" if short else f"title={stable(issue.label)}"
    return build(
        notification,
        source="sentry",
        name=name_of(issue.label),
        identity=(identity, f"project={labels['project']}" if labels.get("project") else ""),
        state=_state(notification, text),
        severity=_severity(issue, labels, text),
        labels=labels,
        service=(labels.get("service", ""), "tag service"),
    )


def _issue(notification: Notification) -> Link | None:
    """The first link to an issue or an alert whose label is a title."""
    named = bool(_SENDER.search(notification.sender))
    for link in notification.links:
        theirs = named or host_of(link.url).endswith("sentry.io")
        if theirs and _ISSUE.search(link.url) and "://" not in link.label:
            return Link(label=plain(link.label).strip(), url=link.url)
    return None


def _labels(notification: Notification, text: str) -> dict[str, str]:
    tags = {match["name"]: match["value"] for match in _TAG.finditer(text[:20_000])}
    project = _PROJECT.search(text)
    said = merged(
        {"project": project["name"]} if project else {},
        tags,
        fields(notification),
        line_pairs(text),
    )
    return only(said, _LABELS)


def _state(notification: Notification, text: str) -> tuple[State, str]:
    circle = _circle(text)
    if circle == _OVER:
        return "resolved", "the white circle before the title"
    if _RESOLVED.search(text):
        return "resolved", "a line that says so"
    if circle:
        return "firing", "the circle before the title"
    return read_state(text.strip().partition("\n")[0], color=colour(notification))


def _circle(text: str) -> str:
    """The first of Sentry's circles in the post; the message's own text, which comes before, has none."""
    return next((character for character in text[:2_000] if character in _CIRCLES), "")


def _severity(issue: Link, labels: dict[str, str], text: str) -> tuple[Severity, str]:
    level = labels.get("level", "")
    match = _LEVEL.search(text)
    word = (level or (match[1] if match else "")).lower()
    if word in _SEVERITIES:
        return _SEVERITIES[word], f"level {word}"
    circle = _circle(text)
    if circle in _EMOJI_LEVELS:
        return _EMOJI_LEVELS[circle], f"the circle {circle}"
    return read_severity({}, issue.label)  # a metric alert: `Critical: Error rate`
