"""Opsgenie: an attachment `New alert: #46353` with the alert's message in quotes, later `Closed alert: …`.

The alert's number belongs to the occurrence; its message names the condition.
"""

from __future__ import annotations

import re
from typing import Final

from bot.alarms.alarm import Alarm, State
from bot.alarms.headline import name_of, plain, stable
from bot.alarms.kubernetes_names import without_pods
from bot.alarms.labels import canonical, dimensions, line_pairs, merged, only
from bot.alarms.notification import Notification
from bot.alarms.reading import build, colour, everything, fields, host_of, urls
from bot.alarms.words import read_severity, read_state

_SENDER = re.compile(r"opsgenie|jira service management", re.IGNORECASE)
_HOSTS: Final = ("opsg.in", "opsgenie.com")
_TITLE = re.compile(
    r"(?:(?P<verb>New|Closed|Acknowledged|Unacknowledged|Resolved|Reopened|Snoozed|Escalated|Updated) (?:alert|incident)"
    r"|(?:alert|incident)(?: \[?#?\d+\]?)? (?P<past>created|closed|acknowledged|unacknowledged|resolved|reopened|snoozed|escalated)"
    r"|\b(?P<did>closed|acknowledged|unacknowledged|reopened|snoozed) (?:the )?(?:alert|incident))"
    r"\b:?\s*(?:\[?(?P<number>#?\d+)\]?)?\s*:?\s*(?P<rest>[^\n]{0,500})",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“](?P<message>[^\n]{1,500})[\"”](?:\s*(?:#?\d+)?\s*(?:\Z|\n))")
_LABELS: Final = (
    "priority",
    "tags",
    "source",
    "routed_teams",
    "teams",
    "entity",
    "service",
    "impacted_services",
)


def read(notification: Notification) -> Alarm | None:
    """An alarm from an alert's post; None when it reports no alert."""
    if not _is_opsgenie(notification):
        return None
    text = plain(everything(notification))
    title = _TITLE.search(text)
    if title is None:
        return None
    message = _message(notification, title, text)
    said = merged(fields(notification), line_pairs(text))
    labels = merged(only(said, _LABELS), dimensions(_tags(said.get("tags", ""))))
    return build(
        notification,
        source="opsgenie",
        name=name_of(message or title[0]),
        identity=(
            f"message={stable(without_pods(message))}" if message else f"alert={title['number']}",
        ),
        state=_state(title, notification),
        severity=read_severity(labels, message),
        labels=labels,
    )


def _is_opsgenie(notification: Notification) -> bool:
    if _SENDER.search(notification.sender):
        return True
    hosts = {host_of(url) for url in urls(notification)}
    return any(host == own or host.endswith(f".{own}") for host in hosts for own in _HOSTS)


def _tags(listed: str) -> dict[str, str]:
    """`env:prod, service:checkout` as labels; a tag without a value says nothing about the place."""
    pairs = (re.split(r"[:=]", tag, maxsplit=1) for tag in listed.split(","))
    return {canonical(pair[0]): pair[1].strip() for pair in pairs if len(pair) == 2}


def _message(notification: Notification, title: re.Match[str], text: str) -> str:
    """The quoted text, else what stands after the title, else the first line below it; else empty."""
    for piece in [*(section.text for section in notification.sections), text]:
        quoted = _QUOTED.search(plain(piece))
        if quoted:
            return quoted["message"].strip()
    rest = title["rest"].strip().strip('"“”')
    if rest:
        return rest
    below = [line.strip() for line in text[title.end() :].splitlines() if line.strip()]
    return below[0] if below else ""


def _state(title: re.Match[str], notification: Notification) -> tuple[State, str]:
    word = (title["verb"] or title["past"] or title["did"]).lower()
    if word in ("closed", "resolved"):
        return "resolved", f"{word!r} in the title"
    if word == "updated":
        return read_state("", color=colour(notification))
    return "firing", f"{word!r} in the title"
