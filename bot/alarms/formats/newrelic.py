"""New Relic: its template can be rewritten by every account, so it is known by its sender or its links.

What templates have in common: an issue or incident title, `Priority`, a state (activated, acknowledged, closed), and
often the names of the policy and the condition.
"""

from __future__ import annotations

import re
from typing import Final

from bot.alarms.alarm import Alarm
from bot.alarms.chatter import not_an_alarm
from bot.alarms.headline import headline, is_meaningful, name_of, plain, stable
from bot.alarms.kubernetes_names import without_pods
from bot.alarms.labels import line_pairs, merged, only
from bot.alarms.notification import Notification
from bot.alarms.reading import build, colour, everything, fields, host_of, urls
from bot.alarms.words import read_severity, read_state

_SENDER = re.compile(r"new\s?relic", re.IGNORECASE)
_HOST = re.compile(r"(?:\A|\.)(?:newrelic\.com|nr-assets\.net|onenr\.io)\Z")
_LEAD = re.compile(
    r"\A\W*(?:(?:critical|high|medium|low|warning)\W+(?:priority\W+)?)?(?:issue|incident|violation)s?\b(?: #?\d+)?(?: (?:is|was|has been))?"
    r"(?: (?P<word>created|activated|opened|open|acknowledged|closed|resolved|updated))?\W*",
    re.IGNORECASE,
)
_TRAIL = re.compile(
    r"\W* (?:is|was|has been)(?: now)? (?:created|activated|opened|open|active|acknowledged|closed|resolved|updated)\W*\Z",
    re.IGNORECASE,
)
_STATE: Final = ("state", "status", "issue_state", "current_state", "event_type", "event")
_CONDITION: Final = (
    "condition",
    "condition_name",
    "alert_condition",
    "alert_condition_names",
    "alert_condition_name",
)
_POLICY: Final = (
    "policy",
    "policy_name",
    "alert_policy",
    "alert_policy_names",
    "alert_policy_name",
)
_ENTITY: Final = ("entity", "entity_name", "impacted_entities", "targets", "target")
_LABELS: Final = (
    *(
        "priority",
        "severity",
        "service",
        "entity",
        "entity_name",
        "impacted_entities",
        "workflow_name",
        "account",
    ),
    *("app", "application", "environment", "namespace"),
)


def read(notification: Notification) -> Alarm | None:
    """An alarm from an issue's post; None when the post is plainly another kind."""
    if not _is_new_relic(notification) or not_an_alarm(notification):
        return None
    text = plain(everything(notification))
    said = merged(fields(notification), line_pairs(text))
    labels = only(said, (*_LABELS, *_CONDITION, *_POLICY))
    title = _title(notification)
    condition = next((said[name] for name in _CONDITION if said.get(name)), "")
    policy = next((said[name] for name in _POLICY if said.get(name)), "")
    entity = next((said[name] for name in _ENTITY if said.get(name)), "")
    state = next((said[name] for name in _STATE if said.get(name)), "")
    named = (
        f"condition={condition}",
        f"policy={policy}" if policy else "",
        f"entity={entity}" if entity else "",
    )
    return build(
        notification,
        source="newrelic",
        name=name_of(title or condition),
        identity=named if condition else (f"title={stable(without_pods(title))}",),
        state=read_state(plain(headline(notification)), status=state, color=colour(notification)),
        severity=read_severity(labels, text[:300], colour(notification)),
        labels=labels,
        service=(entity, "the impacted entity"),
    )


def _is_new_relic(notification: Notification) -> bool:
    named = bool(_SENDER.search(notification.sender))
    return named or any(_HOST.search(host_of(url)) for url in urls(notification))


def _title(notification: Notification) -> str:
    """The issue's title: the first line that is more than `Issue activated`."""
    links = [link.label for link in notification.links if "://" not in link.label]
    pieces = [piece for s in notification.sections for piece in (s.title, *s.text.splitlines())]
    for line in [headline(notification), *notification.text.splitlines(), *pieces, *links]:
        rest = _TRAIL.sub("", _LEAD.sub("", plain(line))).strip()
        if is_meaningful(rest):
            return rest
    return headline(notification)
