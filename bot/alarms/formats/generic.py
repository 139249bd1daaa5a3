"""Any other monitoring: the headline is the name, what looks like labels are labels.

Nothing that may be an alarm is lost: a text nobody knows becomes an alarm named after its first line that says
something. Only what `chatter` knows as no alarm at all is left.
"""

from __future__ import annotations

from typing import Final

from bot.alarms.alarm import Alarm
from bot.alarms.chatter import not_an_alarm
from bot.alarms.headline import headline, name_of, plain, stable
from bot.alarms.kubernetes_names import without_pods
from bot.alarms.labels import dimensions, identifying, line_pairs, merged, quoted_pairs
from bot.alarms.notification import Notification
from bot.alarms.reading import build, colour, everything, fields
from bot.alarms.words import read_severity, read_state, state_of_emoji

_STATUS: Final = (
    "status",
    "state",
    "current_state",
    "new_state",
    "alert_status",
    "alarm_state",
    "event_type",
)
_NAMES: Final = (
    "alertname",
    "alert_name",
    "alarm_name",
    "monitor_name",
    "check_name",
    "rule_name",
    "rule",
)
_SEVERITY: Final = (
    "severity",
    "priority",
    "urgency",
    "level",
    "sev",
    "alert_severity",
    "criticality",
)


def read(notification: Notification) -> Alarm | None:
    """An alarm by name; None for a post that is plainly none."""
    if not_an_alarm(notification):
        return None
    line = headline(notification)
    text = plain(everything(notification))
    said = merged(fields(notification), quoted_pairs(text), line_pairs(text))
    labels = dimensions(said, (*_SEVERITY, *_STATUS))
    named = next((said[key] for key in _NAMES if said.get(key)), "")
    name = named or name_of(line)
    status = next((said[key] for key in _STATUS if said.get(key)), "")
    return build(
        notification,
        source="generic",
        name=name,
        identity=(f"name={stable(without_pods(name))}", *identifying(labels)),
        state=read_state(
            plain(line) if state_of_emoji(line) is None else line,
            status=status,
            color=colour(notification),
        ),
        severity=read_severity(labels, plain(line), colour(notification)),
        labels=labels,
    )
