"""Rules that say which alarm belongs to which incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.alarms.alarm import Alarm
from bot.incidents.correlation import (
    PAUSE,
    QUIET,
    STORM,
    Candidate,
    Rules,
    Sighting,
    choose,
    is_before,
    may_join,
    may_reopen,
    related,
)
from bot.incidents.incident import Incident, Member, Origin, Relation

NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


def alarm(**changes: Any) -> Alarm:
    fields: dict[str, Any] = {"source": "grafana", "name": "CartErrors", "started_at": NOW}
    return Alarm(**(fields | changes))


def incident(**changes: Any) -> Incident:
    fields: dict[str, Any] = {
        "id": "i",
        "origin": Origin(team="T", channel="C", thread_ts="100.000100"),
        "alarm": alarm(),
        "opened_at": NOW,
        "last_seen_at": NOW,
    }
    return Incident(**(fields | changes))


@pytest.mark.parametrize(
    ("alarm_changes", "incident_changes", "joins"),
    [
        pytest.param({}, {}, True, id="same condition"),
        pytest.param({"severity": "critical", "text": "42 %"}, {}, True, id="other severity and value"),
        pytest.param({"name": "Other"}, {}, False, id="other name"),
        pytest.param({"namespace": "shop"}, {}, False, id="other namespace"),
        pytest.param({"source": "datadog"}, {}, False, id="other source"),
        pytest.param({"labels": {"pod": "a"}}, {}, False, id="other labels"),
        pytest.param({}, {"state": "resolved"}, False, id="resolved"),
        pytest.param({}, {"last_seen_at": NOW - QUIET}, True, id="just within the quiet time"),
        pytest.param({}, {"last_seen_at": NOW - QUIET - timedelta(seconds=1)}, False, id="silent for too long"),
        pytest.param({}, {"opened_at": NOW - 9 * QUIET}, True, id="old but heard of lately"),
    ],
)  # fmt: skip
def test_what_joins(
    alarm_changes: dict[str, Any], incident_changes: dict[str, Any], joins: bool
) -> None:
    """An alarm joins an open incident of the same condition that was heard of within the quiet time."""
    assert may_join(alarm(**alarm_changes), incident(**incident_changes), NOW) is joins


def test_a_member_s_condition_joins_too() -> None:
    """What joined once belongs to the incident like its own alarm."""
    joined = Member(
        fingerprint=alarm(name="Other").fingerprint,
        name="Other",
        service="cart",
        because="service",
        origin=incident().origin,
        first_seen_at=NOW,
        last_seen_at=NOW,
    )
    assert may_join(alarm(name="Other"), incident(members=[joined]), NOW)
    assert not may_join(alarm(name="Third"), incident(members=[joined]), NOW)


@pytest.mark.parametrize(
    ("changes", "after", "reopens"),
    [
        pytest.param({"state": "resolved"}, PAUSE, True, id="over for a short time"),
        pytest.param({"state": "resolved"}, PAUSE + timedelta(seconds=1), False, id="over for long"),
        pytest.param({"state": "open"}, timedelta(), False, id="not over"),
        pytest.param({"state": "resolved", "alarm": alarm(name="B")}, timedelta(), False, id="another"),
    ],
)  # fmt: skip
def test_what_begins_again(changes: dict[str, Any], after: timedelta, reopens: bool) -> None:
    """A condition that comes back soon goes on in its incident; later it is a new one."""
    assert may_reopen(alarm(), incident(**changes), NOW + after, PAUSE) is reopens


@pytest.mark.parametrize(
    ("channel", "ts", "before"),
    [
        pytest.param("C", "100.000101", False, id="later"),
        pytest.param("C", "100.000100", False, id="the same"),
        pytest.param("C", "99.999999", True, id="earlier"),
        pytest.param("C", "100.000099", True, id="a microsecond earlier"),
        pytest.param("D", "99.000000", False, id="in another channel"),
        pytest.param("C", "not a time stamp", True, id="no time stamp"),
    ],
)
def test_what_was_before(channel: str, ts: str, before: bool) -> None:
    """Two sightings in one channel are ordered by Slack's own time stamps; others are not ordered."""
    one = Sighting(Origin(team="T", channel=channel, thread_ts="1.000000"), ts)
    other = Sighting(incident().origin, "100.000100")
    assert is_before(one.stamp, other.stamp) is before


def test_versions_of_a_post_have_names_of_their_own() -> None:
    """A post and each edit of it are different sightings; the same one delivered twice is not."""
    origin = incident().origin
    post, edit = Sighting(origin, origin.thread_ts), Sighting(origin, "200.000001")
    assert post.token != edit.token
    assert edit.token == Sighting(origin, "200.000001").token


GRAPH = {
    "frontend": frozenset({"cart", "payment"}),
    "cart": frozenset({"redis"}),
    "session": frozenset({"redis"}),
}


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        pytest.param({}, {}, "condition", id="condition"),
        pytest.param({"name": "A", "labels": {"node": "n-1"}}, {"name": "B", "labels": {"Node": "N-1"}}, "node", id="node"),
        pytest.param({"name": "A", "labels": {"instance": "10.0.0.1:9100"}}, {"name": "B", "labels": {"host": "10.0.0.1"}}, "node", id="port"),
        pytest.param({"name": "A", "labels": {"node": "n-1"}}, {"name": "B", "labels": {"node": "n-2"}}, None, id="other node"),
        pytest.param({"name": "A", "service": "cart"}, {"name": "B", "service": "cart"}, "service", id="service"),
        pytest.param({"name": "A", "service": "cart", "namespace": "a"}, {"name": "B", "service": "cart", "namespace": "b"}, None, id="service elsewhere"),
        pytest.param({"name": "A", "service": "frontend"}, {"name": "B", "service": "cart"}, "graph", id="calls"),
        pytest.param({"name": "A", "service": "redis"}, {"name": "B", "service": "frontend"}, "graph", id="is called through another"),
        pytest.param({"name": "A", "service": "cart"}, {"name": "B", "service": "session"}, "graph", id="call the same"),
        pytest.param({"name": "A", "service": "payment"}, {"name": "B", "service": "session"}, None, id="unrelated services"),
        pytest.param({"name": "A", "namespace": "shop"}, {"name": "B", "namespace": "shop"}, "namespace", id="namespace"),
        pytest.param({"name": "A"}, {"name": "B"}, None, id="both unknown"),
    ],
)  # fmt: skip
def test_relations(one: dict[str, Any], other: dict[str, Any], relation: Relation | None) -> None:
    """The strongest thing two alarms have in common; not knowing the service is nothing in common."""
    rules = Rules(depends_on=GRAPH)
    assert related(alarm(**one), incident(alarm=alarm(**other)), rules) == relation


def led_by(number: int, severity: str = "warning", **changes: Any) -> Candidate:
    """An incident of its own service, opened in this order."""
    first = alarm(name=f"N{number}", service=f"s{number}", severity=severity, **changes)
    opened = NOW + timedelta(seconds=number)
    return Candidate(incident(id=f"i{number}", alarm=first, opened_at=opened), 1)


def chosen(joins: Alarm, candidates: list[Candidate]) -> tuple[str, str] | None:
    found = choose(joins, candidates, Rules(depends_on=GRAPH))
    return (found[0].id, found[1]) if found else None


def test_the_strongest_relation_wins_and_then_the_earliest() -> None:
    """A service counts more than a namespace; of equal ones the incident that was opened first."""
    candidates = [
        led_by(3, namespace="shop"),
        led_by(1, namespace="shop"),
        led_by(2, namespace="x"),
    ]
    assert chosen(alarm(service="s2", namespace="x"), candidates) == ("i2", "service")
    assert chosen(alarm(service="s9", namespace="shop"), candidates) == ("i1", "namespace")
    assert chosen(alarm(service="s9"), candidates) is None


def test_a_storm_takes_what_is_related_to_nothing() -> None:
    """From so many conditions on, the same minute is enough, and the largest incident takes it."""
    few = [led_by(1), led_by(2)._replace(conditions=STORM - 2)]
    assert chosen(alarm(service="s9"), few) is None
    full = [led_by(1), led_by(2)._replace(conditions=STORM - 1)]
    assert chosen(alarm(service="s9"), full) == ("i2", "time")
    assert chosen(alarm(service="s9"), full[:1]) is None


def test_a_critical_alarm_does_not_wait() -> None:
    """It joins neither what a lesser alarm opened nor what merely fired in its minute or namespace."""
    critical = alarm(service="s1", severity="critical", namespace="shop")
    lesser = [led_by(1, namespace="shop")._replace(conditions=50)]
    assert chosen(critical, lesser) is None
    assert chosen(critical, [led_by(1, "critical", namespace="shop")]) == ("i1", "service")
    elsewhere = alarm(service="s9", severity="critical", namespace="shop")
    assert chosen(elsewhere, [led_by(1, "critical", namespace="shop")]) is None


def test_even_critical_incidents_are_bounded() -> None:
    """With several critical incidents in one minute, a further critical alarm joins one of them."""
    critical = alarm(service="s9", severity="critical")
    assert chosen(critical, [led_by(n, "critical") for n in range(STORM - 1)]) is None
    assert chosen(critical, [led_by(n, "critical") for n in range(STORM)]) == ("i0", "time")
