"""Whether an alarm belongs to an incident that is already known: pure rules, no I/O.

The first alarm of a quiet channel waits for nothing. What fires in the same minute and is related to it joins it, and
is investigated with it. From the fifth condition on, the same minute is relation enough: a storm is one incident. A
critical alarm never waits in the shadow of a lesser one: it joins only what a critical alarm opened, and by the time
alone only when several critical incidents were opened in that minute already.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple, get_args

from bot.alarms.alarm import UNKNOWN_SERVICE, Alarm
from bot.incidents.incident import Incident, Origin, Relation

QUIET = timedelta(hours=6)
"""An open incident that nobody heard of for so long is over, although no resolve came: many senders never send
one. Longer than Alertmanager's default `repeat_interval` of four hours, so that its reminders join."""
PAUSE = timedelta(hours=1)
WINDOW = timedelta(seconds=60)
STORM = 5
LONGEST = 10
"""Windows after which nothing joins an incident any more, however long the storm goes on."""

_RANK = {relation: rank for rank, relation in enumerate(get_args(Relation))}
_NODE_LABELS = ("node", "nodename", "kubernetes_node", "kube_node", "host", "hostname", "instance")
_STRUCTURAL: frozenset[Relation] = frozenset({"condition", "node", "service", "graph"})
_NO_EDGES: Mapping[str, frozenset[str]] = MappingProxyType({})


class Rules(NamedTuple):
    """What a deployment decides about correlation."""

    pause: timedelta = PAUSE
    """Once it has been investigated anew, a flapping alarm is only counted for so long."""
    window: timedelta = WINDOW
    """How long after the latest condition joined an incident a further one may; zero keeps all conditions apart."""
    storm: int = STORM
    """So many conditions of one channel within the window are a storm."""
    depends_on: Mapping[str, frozenset[str]] = _NO_EDGES
    """Service to the services it calls."""


class Sighting(NamedTuple):
    """One version of a post: where it is, and the `ts` of the edit that made it so (the post's own when none did)."""

    origin: Origin
    at: str

    @property
    def token(self) -> str:
        """What names this version; the same when it is delivered again."""
        origin = self.origin
        post = f"{origin.team}/{origin.channel}/{origin.thread_ts}"
        return post if self.at == origin.thread_ts else f"{post}@{self.at}"

    @property
    def stamp(self) -> str:
        """Place and time, to be compared with `is_before`."""
        return f"{self.origin.team}/{self.origin.channel}@{self.at}"


class Candidate(NamedTuple):
    """An incident that an alarm may join, and how many conditions of the window it holds."""

    incident: Incident
    conditions: int


def may_join(alarm: Alarm, incident: Incident, now: datetime, quiet: timedelta = QUIET) -> bool:
    """True when this firing alarm is one more occurrence of a condition that the incident holds."""
    return (
        incident.state == "open"
        and incident.has(alarm.fingerprint)
        and now - incident.last_seen_at <= quiet
    )


def may_reopen(alarm: Alarm, incident: Incident, now: datetime, pause: timedelta) -> bool:
    """True when this firing alarm begins an incident again that was over for a short time only."""
    return (
        incident.state == "resolved"
        and incident.has(alarm.fingerprint)
        and now - incident.last_seen_at <= pause
    )


def is_before(stamp: str, other: str) -> bool:
    """Whether one sighting was certainly before another: same channel, earlier time. Slack keeps no order between
    deliveries, but its time stamps do."""
    place, _, at = stamp.partition("@")
    elsewhere, _, later = other.partition("@")
    return place == elsewhere and _seconds(at) < _seconds(later)


def choose(
    alarm: Alarm, candidates: Sequence[Candidate], rules: Rules
) -> tuple[Incident, Relation] | None:
    """The incident of this window that a further condition joins, and why; None when it stands for itself."""
    found: list[tuple[int, datetime, Incident, Relation]] = []
    for incident, _ in candidates:
        relation = related(alarm, incident, rules)
        if relation is not None and _lets_in(alarm, incident, relation):
            found.append((_RANK[relation], incident.opened_at, incident, relation))
    if found:
        _, _, incident, relation = min(found, key=lambda each: each[:2])
        return incident, relation
    return _by_time(alarm, candidates, rules)


def related(alarm: Alarm, incident: Incident, rules: Rules) -> Relation | None:
    """The strongest relation between an alarm and the one that opened an incident."""
    first = incident.alarm
    if alarm.fingerprint == first.fingerprint:
        return "condition"
    if _nodes(alarm) & _nodes(first):
        return "node"
    apart = bool(alarm.namespace and first.namespace) and alarm.namespace != first.namespace
    if alarm.service == first.service != UNKNOWN_SERVICE:
        return None if apart else "service"
    if _connected(alarm.service, first.service, rules.depends_on):
        return "graph"
    return "namespace" if alarm.namespace and not apart and first.namespace else None


def _lets_in(alarm: Alarm, incident: Incident, relation: Relation) -> bool:
    if alarm.severity != "critical" or relation == "condition":
        return True
    return incident.alarm.severity == "critical" and relation in _STRUCTURAL


def _by_time(
    alarm: Alarm, candidates: Sequence[Candidate], rules: Rules
) -> tuple[Incident, Relation] | None:
    """In a storm the largest incident takes what is related to nothing; the earliest of equal ones."""
    fitting = list(candidates)
    size = sum(each.conditions for each in candidates)
    if alarm.severity == "critical":
        fitting = [each for each in candidates if each.incident.alarm.severity == "critical"]
        size = len(fitting)
    if not fitting or size < rules.storm:
        return None
    best = min(fitting, key=lambda each: (-each.conditions, each.incident.opened_at))
    return best.incident, "time"


def _connected(one: str, other: str, depends_on: Mapping[str, frozenset[str]]) -> bool:
    """One calls the other, directly or through others, or both call a third directly."""
    if depends_on.get(one, frozenset()) & depends_on.get(other, frozenset()):
        return True
    return other in _reached(one, depends_on) or one in _reached(other, depends_on)


def _reached(start: str, depends_on: Mapping[str, frozenset[str]]) -> set[str]:
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        new = depends_on.get(waiting.pop(), frozenset()) - reached
        reached |= new
        waiting += new
    return reached


def _nodes(alarm: Alarm) -> set[str]:
    """The machines an alarm names, without port numbers."""
    named = {name.casefold(): value for name, value in alarm.labels.items()}
    hosts = (named.get(label, "").rpartition(":") for label in _NODE_LABELS)
    found = {(head if head and port.isdecimal() else port or head) for head, _, port in hosts}
    return {host.casefold() for host in found if host}


def _seconds(ts: str) -> tuple[int, int]:
    """Slack's `seconds.microseconds` as numbers; whatever is not such a pair sorts first."""
    whole, _, fraction = ts.partition(".")
    return (int(whole) if whole.isdecimal() else 0, int(fraction) if fraction.isdecimal() else 0)
