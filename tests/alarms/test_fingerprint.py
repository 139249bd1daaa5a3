"""What must not move a fingerprint: values, times, counts, the order and the number of other labels."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alarms.alarm import Alarm
from bot.alarms.catalog import ServiceCatalog
from bot.alarms.notification import Notification, Section
from bot.alarms.recognise import recognise

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)
LINK = "http://alertmanager.example:9093/#/alerts?receiver=slack"

names = st.from_regex(r"[a-z][a-z0-9-]{0,12}[a-z]", fullmatch=True)
alert_names = st.from_regex(r"[A-Z][a-z]{2,8}[A-Z][a-z]{2,8}", fullmatch=True)
numbers = st.floats(min_value=0, max_value=1e6, allow_nan=False).map(lambda number: f"{number:.1f}")


def alertmanager(title: str, *, link: str = LINK, text: str = "", minutes: int = 0) -> Alarm:
    section = Section(title=title, title_link=link, fallback=f"{title} | {link}", text=text)
    posted = NOW + timedelta(minutes=minutes)
    return read(Notification(sender="Alertmanager", sections=(section,), posted_at=posted))


def generic(text: str) -> Alarm:
    return read(Notification(sender="watchdog", text=text, posted_at=NOW))


def read(notification: Notification) -> Alarm:
    alarm = recognise(notification, ServiceCatalog())
    assert alarm is not None
    return alarm


@given(
    alert=alert_names,
    group=st.lists(names, max_size=3),
    others=st.lists(names, max_size=5),
    fewer=st.lists(names, max_size=3),
    count=st.integers(1, 500),
    minutes=st.integers(0, 10_000),
)
def test_only_the_group_of_an_alertmanager_title_counts(
    alert: str, group: list[str], others: list[str], fewer: list[str], count: int, minutes: int
) -> None:
    """The counts, the other common values in any order and number, and the time leave the fingerprint alone."""
    head = " ".join([alert, *group])
    firing = alertmanager(f"[FIRING:1] {head} ({' '.join(others)})")
    reordered = alertmanager(
        f"[FIRING:{count}] {head} ({' '.join(reversed(others))})", minutes=minutes
    )
    resolved = alertmanager(f"[RESOLVED] {head} ({' '.join(fewer)})", text=f"value {count}")
    assert {firing.state, reordered.state, resolved.state} == {"firing", "resolved"}
    assert firing.fingerprint == reordered.fingerprint == resolved.fingerprint


@given(alert=alert_names, group=st.lists(names, min_size=2, max_size=4, unique=True))
def test_the_order_of_group_values_does_not_count(alert: str, group: list[str]) -> None:
    """Group values may come in any order."""
    one = alertmanager(f"[FIRING:1] {alert} {' '.join(group)}")
    other = alertmanager(f"[RESOLVED] {alert} {' '.join(reversed(group))}")
    assert one.fingerprint == other.fingerprint


@given(one=alert_names, other=alert_names, group=names)
def test_another_alert_is_another_condition(one: str, other: str, group: str) -> None:
    """Alerts of different names have different fingerprints."""
    first = alertmanager(f"[FIRING:1] {one} {group} (prod)")
    second = alertmanager(f"[FIRING:1] {other} {group} (prod)")
    assert (first.fingerprint == second.fingerprint) is (one == other)


@pytest.mark.parametrize(
    ("link", "same"),
    [
        ("http://alertmanager-0.am.example:9093/#/alerts?receiver=slack", True),
        ("http://alertmanager-1.am.example:9093/#/alerts?receiver=other", False),
        ("http://alertmanager-1.eu.example:9093/#/alerts?receiver=slack", False),
    ],
)
def test_receiver_and_alertmanager_are_part_of_the_condition(link: str, same: bool) -> None:
    """Replicas of one Alertmanager are one; another receiver or another Alertmanager is not."""
    known = "http://alertmanager-1.am.example:9093/#/alerts?receiver=slack"
    first = alertmanager("[FIRING:1] DiskFull db", link=known)
    second = alertmanager("[FIRING:1] DiskFull db", link=link)
    assert (first.fingerprint == second.fingerprint) is same


@given(first=numbers, second=numbers, seconds=st.integers(0, 59))
def test_values_and_times_in_free_text_do_not_count(first: str, second: str, seconds: int) -> None:
    """`disk 91% on db-1 at 07:00` names a condition without the percentage and the time."""
    one = generic(f"ALERT: disk usage {first}% on db-1 at 07:00:{seconds:02} (limit 90%)")
    other = generic(f"RESOLVED: disk usage {second}% on db-1 at 2026-11-22 08:00:00 UTC")
    assert one.fingerprint == other.fingerprint


@pytest.mark.parametrize(
    ("firing", "resolved"),
    [
        ("checkout is DOWN", "checkout is UP again"),
        ("Triggered: queue depth 4512 of orders", "Recovered: queue depth 12 of orders"),
        ("🔴 api-gateway unhealthy since 12m", "🟢 api-gateway healthy after 31m"),
        ("Problem: Load is 14.2 on web-1", "Resolved: Load is 0.4 on web-1"),
        ("pod cartservice-7d9f8b6c5d-x2x4p is failing", "pod cartservice-7d9f8b6c5d-k8s7w is OK"),
        ("[#4711] payment errors", "[#4711] payment errors - RESOLVED"),
        (
            "job 5f0c2f3e-8f5c-4d43-9d2a-3f0f6a5d7b11 failed",
            "job 0b8f6f0a-1111-4c43-9d2a-3f0f6a5d7b11 ok",
        ),
    ],
)
def test_firing_and_resolved_in_free_text_meet(firing: str, resolved: str) -> None:
    """The words that tell the state, ids and figures leave the condition's name alone."""
    one, other = generic(firing), generic(resolved)
    assert (one.state, other.state) == ("firing", "resolved")
    assert one.fingerprint == other.fingerprint, (one.identity, other.identity)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("disk full on db-1", "disk full on db-2"),
        ("HTTP 503 from checkout", "HTTP 404 from checkout"),
        ("checkout-5xx", "checkout-4xx"),
        ("errors on checkout", "errors on payments"),
        ("consumer orders-v2 stopped", "consumer orders-v3 stopped"),
    ],
)
def test_figures_inside_names_count(one: str, other: str) -> None:
    """Hosts, status codes and versions in names tell conditions apart."""
    assert generic(one).fingerprint != generic(other).fingerprint


def test_without_identity_all_of_the_place_counts() -> None:
    """An alarm made by hand, without identity, is named by source, name, service, namespace and labels."""
    alarm = Alarm(source="person", name="slow", service="checkout", started_at=NOW)
    later = alarm.model_copy(update={"started_at": NOW + timedelta(days=1), "text": "again"})
    assert later.fingerprint == alarm.fingerprint
    for change in ({"service": "cart"}, {"namespace": "x"}, {"labels": {"a": "b"}}, {"name": "n"}):
        assert alarm.model_copy(update=change).fingerprint != alarm.fingerprint
