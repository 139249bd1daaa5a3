"""Rules that say which alarm belongs to which incident."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.alarms.alarm import Alarm
from bot.incidents.correlation import QUIET, may_join, may_resolve
from bot.incidents.incident import Incident, Origin

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


@pytest.mark.parametrize(
    ("channel", "ts", "resolves"),
    [
        pytest.param("C", "100.000101", True, id="posted later"),
        pytest.param("C", "100.000100", True, id="in the alarm's own thread"),
        pytest.param("C", "99.999999", False, id="posted before the alarm, delivered after it"),
        pytest.param("C", "100.000099", False, id="a microsecond before"),
        pytest.param("D", "99.000000", True, id="in another channel"),
        pytest.param("C", "not a time stamp", False, id="no time stamp"),
    ],
)
def test_what_resolves(channel: str, ts: str, resolves: bool) -> None:
    """A resolve counts unless Slack's own time stamps say that it was posted ahead of the alarm."""
    origin = Origin(team="T", channel=channel, thread_ts=ts)
    assert may_resolve(alarm(state="resolved"), origin, incident()) is resolves


def test_another_condition_is_not_resolved() -> None:
    """A resolve of something else ends nothing."""
    other = alarm(name="Other", state="resolved")
    assert not may_resolve(other, incident().origin, incident())
