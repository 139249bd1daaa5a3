"""Whether an alarm belongs to an incident that is already known: pure rules, no I/O."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.alarms.alarm import Alarm
from bot.incidents.incident import Incident, Origin

QUIET = timedelta(hours=6)
"""An open incident that nobody heard of for so long is over, although no resolve came: many senders never send
one. Longer than Alertmanager's default `repeat_interval` of four hours, so that its reminders join."""


def may_join(alarm: Alarm, incident: Incident, now: datetime, quiet: timedelta = QUIET) -> bool:
    """True when this firing alarm is one more occurrence of that incident."""
    return (
        incident.state == "open"
        and alarm.fingerprint == incident.alarm.fingerprint
        and now - incident.last_seen_at <= quiet
    )


def may_resolve(alarm: Alarm, origin: Origin, incident: Incident) -> bool:
    """True when this resolved alarm ends that incident.

    A resolve posted ahead of the alarm in the same channel, but delivered after it, ended an earlier occurrence:
    Slack keeps no order between deliveries, but its time stamps do.
    """
    if alarm.fingerprint != incident.alarm.fingerprint:
        return False
    same_channel = (origin.team, origin.channel) == (incident.origin.team, incident.origin.channel)
    return not (same_channel and _seconds(origin.thread_ts) < _seconds(incident.origin.thread_ts))


def _seconds(ts: str) -> tuple[int, int]:
    """Slack's `seconds.microseconds` as numbers; whatever is not such a pair sorts first."""
    whole, _, fraction = ts.partition(".")
    return (int(whole) if whole.isdecimal() else 0, int(fraction) if fraction.isdecimal() else 0)
