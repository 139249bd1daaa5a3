"""PagerDuty: an incident as blocks, with a linked title and the words Triggered, Acknowledged or Resolved.

PagerDuty edits the same message when the incident is acknowledged or resolved. The incident's number belongs to the
occurrence; the title and the service name the condition.
"""

from __future__ import annotations

import re
from typing import Final

from bot.alarms.alarm import Alarm, State
from bot.alarms.headline import name_of, plain, stable
from bot.alarms.kubernetes_names import without_pods
from bot.alarms.labels import line_pairs, merged, only
from bot.alarms.notification import Link, Notification
from bot.alarms.reading import build, colour, everything, fields, host_of
from bot.alarms.words import read_severity, read_state, state_of_emoji

_SENDER = re.compile(r"pager\s?duty", re.IGNORECASE)
_INCIDENT = re.compile(r"/incidents/[A-Z0-9]{6,30}(?:[/?#]|\Z)")
_NUMBER = re.compile(
    r"\A\s*(?:(?:triggered|acknowledged|resolved)\s+)?(?:\[?#\d+\]?\s*[:|-]?\s*|\[\d+\]\s*)",
    re.IGNORECASE,
)
_STATUS = re.compile(
    r"\b(?P<word>triggered|acknowledged|acked|resolved|escalated|reassigned|re-?opened|unacknowledged|reprioritized)\b",
    re.IGNORECASE,
)
_NOTE = re.compile(r"\bnotes? (?:was )?added\b|\badded (?:a )?note\b", re.IGNORECASE)
_LABELS: Final = (
    "service",
    "urgency",
    "priority",
    "severity",
    "escalation_policy",
    "assigned_to",
    "team",
    "status",
)
_OTHER = re.compile(r"\A(?:view|open|acknowledge|resolve|more|details|incident)\b", re.IGNORECASE)


def read(notification: Notification) -> Alarm | None:
    """An alarm from an incident's post; None for PagerDuty's other posts, such as rota changes."""
    incident = _incident(notification)
    if incident is None:
        return None
    text = plain(everything(notification))
    if _NOTE.search(text.replace(incident.label, " ")):
        return None
    said = merged(fields(notification), line_pairs(text))
    labels = only(said, _LABELS)
    title = _NUMBER.sub("", incident.label)
    service = labels.get("service") or labels.get("impacted_service", "")
    return build(
        notification,
        source="pagerduty",
        name=name_of(title),
        identity=(f"title={stable(without_pods(title))}", f"service={service}" if service else ""),
        state=_state(notification, title, text, labels),
        severity=read_severity(labels, title),
        labels=labels,
    )


def _incident(notification: Notification) -> Link | None:
    """The linked title of the incident; a host of PagerDuty's, or the sender's name, makes it theirs."""
    named = bool(_SENDER.search(notification.sender))
    links = [
        link
        for link in notification.links
        if _INCIDENT.search(link.url) and (named or host_of(link.url).endswith("pagerduty.com"))
    ]
    titled = [link for link in links if not _OTHER.match(link.label) and "://" not in link.label]
    return max(titled, key=lambda link: len(_NUMBER.sub("", link.label)), default=None)


def _state(
    notification: Notification, title: str, text: str, labels: dict[str, str]
) -> tuple[State, str]:
    """The status outside the title: the title is another tool's and may say anything."""
    if labels.get("status"):
        return read_state("", status=labels["status"])
    around = text.replace(title, " ")
    words = [match["word"].lower() for match in _STATUS.finditer(around)]
    if words:
        over = "resolved" in words and not any(word.startswith(("re-op", "reop")) for word in words)
        return (
            "resolved" if over else "firing"
        ), f"the word {'resolved' if over else words[0]!r} beside the title"
    of_emoji = state_of_emoji(around)
    if of_emoji:
        return of_emoji, "the emoji beside the title"
    return read_state("", color=colour(notification))
