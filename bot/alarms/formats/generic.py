"""Any other monitoring: the headline is the name, what looks like labels are labels.

Nothing that may be an alarm is lost: a text nobody knows becomes an alarm named after its first line that says
something. Only what `chatter` knows as no alarm at all is left.
"""

from __future__ import annotations

import re
from typing import Final

from bot.alarms.alarm import Alarm
from bot.alarms.chatter import not_an_alarm
from bot.alarms.headline import headline, name_of, plain, stable
from bot.alarms.kubernetes_names import is_object_name, without_pods
from bot.alarms.labels import dimensions, identifying, line_pairs, merged, quoted_pairs
from bot.alarms.notification import Notification
from bot.alarms.reading import build, colour, everything, fields
from bot.alarms.words import read_severity, read_state, severity_of, state_of_emoji

_STATUS: Final = (
    "status",
    "state",
    "current_state",
    "new_state",
    "alert_status",
    "alarm_state",
    "event_type",
)
_HOST_LINE = re.compile(r"\W{0,4}host\s?:", re.IGNORECASE)
_FLUX = re.compile(
    r"\A(?P<kind>kustomization|helmrelease|helmchart|gitrepository|helmrepository|ocirepository|bucket"
    r"|imagerepository|imagepolicy|imageupdateautomation)/(?P<name>[a-z0-9][a-z0-9-]{0,200})\.(?P<namespace>[a-z0-9-]{1,63})\Z",
    re.IGNORECASE,
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
    labels = _checked(dimensions(said, (*_SEVERITY, *_STATUS))) | _reconciled(notification)
    named = next((said[key] for key in _NAMES if said.get(key)), "")
    name = named or _name(line, labels)
    status = next((said[key] for key in _STATUS if said.get(key)), "")
    severity = read_severity(labels, plain(line), colour(notification))
    if severity[0] == "unknown" and severity_of(status) in ("critical", "warning"):
        severity = severity_of(status), f"status {status}"
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
        severity=severity,
        labels=labels,
    )


def _checked(labels: dict[str, str]) -> dict[str, str]:
    """Nagios and its relatives call a check of a host a service: `Host: db01`, `Service: CPU load`."""
    service = labels.get("service", "")
    if not labels.get("host") or not service or is_object_name(service):
        return labels
    return {name: value for name, value in labels.items() if name != "service"} | {"check": service}


def _reconciled(notification: Notification) -> dict[str, str]:
    """What Flux could not bring about: its posts name the object only as their author, `helmrelease/shop.prod`."""
    found = (_FLUX.match(section.author.strip()) for section in notification.sections)
    match = next((match for match in found if match), None)
    if match is None:
        return {}
    return {
        "component": match["kind"].lower(),
        "workload": match["name"],
        "namespace": match["namespace"],
    }


def _name(line: str, labels: dict[str, str]) -> str:
    """The headline; a post that is all fields is called by its host and what was checked there."""
    if not _HOST_LINE.match(plain(line)):
        return name_of(line)
    host = labels.get("host", "").partition(" ")[0]
    return " on ".join(
        part for part in (labels.get("check") or labels.get("service"), host) if part
    )
