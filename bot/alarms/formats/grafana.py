"""Grafana alerting: the default Slack message of contact points, and messages built on its templates.

The title is `[FIRING:1, RESOLVED:1] <group values> (<other common values>)`, the text holds one block per alert with
`Value:`, `Labels:` and `Annotations:`, the footer is `Grafana v12`. With a token it posts images into its own thread.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from bot.alarms.alarm import Alarm, State
from bot.alarms.headline import headline, name_of, plain, stable
from bot.alarms.labels import line_pairs, merged, quoted_pairs
from bot.alarms.notification import Notification
from bot.alarms.reading import build, colour, fields, firing_part, host_of, started, urls
from bot.alarms.words import read_severity, read_state

_SENDER = re.compile(r"grafana", re.IGNORECASE)
_LINK = re.compile(r"/alerting/(?:grafana/|list|silence|alert)|[?&]orgId=\d|grafana", re.IGNORECASE)
_TITLE = re.compile(
    r"\[\s*(?P<status>(?:FIRING|RESOLVED|Alerting|OK|No Data|Pending|Error)[^\]\n]{0,60})\]\s*(?P<subject>[^\n]{0,1000})",
    re.IGNORECASE,
)
_VALUES = re.compile(r"^[ \t]{0,10}(?:Value|Labels|Annotations):", re.MULTILINE)
_RULE = re.compile(r"/alerting/(?:grafana/)?([\w-]{4,60})/(?:view|edit)")
_STATUS = re.compile(r"\b(FIRING|RESOLVED)\b", re.IGNORECASE)
_NOISE: Final = (
    "value",
    "source",
    "silence",
    "dashboard",
    "panel",
    "labels",
    "annotations",
    "summary",
    "description",
)


class _Title(NamedTuple):
    status: str
    group: str
    others: str


def read(notification: Notification) -> Alarm | None:
    """An alarm from a Grafana post; several alerts of one group are one alarm, firing while any fires."""
    if not _is_grafana(notification):
        return None
    title = _title(notification)
    text = firing_part(plain(notification.full_text))
    labels = _labels(notification, title, text)
    name = _name(title, labels)
    head = f"{headline(notification)} {title.others}"
    severity = read_severity(
        labels, f"{head} {' '.join(title.others.split(','))}", colour(notification)
    )
    return build(
        notification,
        source="grafana",
        name=name,
        identity=_identity(notification, title, name, labels),
        state=_state(notification, title),
        severity=severity,
        began=started(notification, text),
        labels=labels,
    )


def _is_grafana(notification: Notification) -> bool:
    if _SENDER.search(notification.sender):
        return True
    sections = notification.sections
    if any(section.footer.lower().startswith("grafana") for section in sections):
        return True
    linked = any(_LINK.search(url) for url in urls(notification))
    return linked and any(_TITLE.search(s.title) and _VALUES.search(s.text) for s in sections)


def _title(notification: Notification) -> _Title:
    pieces = [
        piece
        for s in notification.sections
        for piece in (s.title, s.fallback, s.pretext, s.text[:2_000])
    ]
    matches = (
        match
        for piece in [*pieces, notification.text[:2_000]]
        if (match := _TITLE.search(plain(piece)))
    )
    match = next(matches, None)
    if match is None:
        return _Title("", name_of(headline(notification)), "")
    subject = " ".join(match["subject"].split())
    head, opening, tail = f" {subject}".rpartition(" (")
    if opening and tail.endswith(")"):
        return _Title(match["status"], head.strip(), tail[:-1])
    return _Title(match["status"], subject, "")


def _labels(notification: Notification, title: _Title, text: str) -> dict[str, str]:
    said = merged(quoted_pairs(f"{text}\n{title.others}"), line_pairs(text), fields(notification))
    return {name: value for name, value in said.items() if name not in _NOISE}


def _name(title: _Title, labels: dict[str, str]) -> str:
    """The alert rule's name; a rule's name may hold spaces, so the title alone cannot tell it from the folder."""
    named = labels.get("alertname", "")
    if named and not re.fullmatch(r"DatasourceNoData|DatasourceError", named):
        return named
    if labels.get("rulename"):
        return f"{named}: {labels['rulename']}".removeprefix(": ")
    folder = labels.get("grafana_folder", "")
    name = title.group.removesuffix(folder).strip() if folder else title.group
    return name or name_of(title.others) or "Grafana alert"


def _identity(
    notification: Notification, title: _Title, name: str, labels: dict[str, str]
) -> tuple[str, ...]:
    """The group's values as the title has them, else the rule; with the Grafana they come from."""
    links = urls(notification)
    rule = next((match[1] for url in links if (match := _RULE.search(url))), "")
    host = next((host_of(url) for url in links if _LINK.search(url)), "")
    folder = labels.get("grafana_folder", "")
    group = " ".join(sorted(stable(title.group).split())) or stable(name)
    return (
        f"group={group}",
        f"folder={folder}" if folder and not title.group else "",
        f"rule={rule}" if rule and not title.group else "",
        f"grafana={host}" if host else "",
    )


def _state(notification: Notification, title: _Title) -> tuple[State, str]:
    words = {word.lower() for word in _STATUS.findall(title.status)}
    if words:
        return ("firing" if "firing" in words else "resolved"), f"[{title.status}] in the title"
    return read_state(headline(notification), status=title.status, color=colour(notification))
