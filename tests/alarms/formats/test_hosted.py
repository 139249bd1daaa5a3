"""Grafana, Datadog, PagerDuty, Opsgenie, Sentry and New Relic: the odd shapes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.alarms.alarm import Alarm
from bot.alarms.formats import datadog, grafana, newrelic, opsgenie, pagerduty, sentry
from bot.alarms.notification import Link, Notification, Section

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)


def post(
    said: str = "", sender: str = "", link: str = "", label: str = "", **section: str
) -> Notification:
    return Notification(
        sender=sender,
        text=said,
        sections=(Section.model_validate(section),) if section else (),
        links=(Link(label=label or link, url=link),) if link else (),
        posted_at=NOW,
    )


def taken(alarm: Alarm | None) -> Alarm:
    assert alarm is not None
    return alarm


def test_grafana_is_known_by_footer_or_link() -> None:
    """A renamed webhook is still Grafana's."""
    assert grafana.read(post(sender="bot", title="[FIRING:1] X", footer="Grafana v12")) is not None
    body = "Value: A=1\nLabels:\n - a = b"
    linked = post(
        sender="bot", title="[FIRING:1] X", text=body, title_link="https://g/alerting/list"
    )
    assert grafana.read(linked) is not None
    assert grafana.read(post(sender="bot", title="[FIRING:1] X")) is None


@pytest.mark.parametrize(
    ("title", "state"),
    [("[Alerting] CPU", "firing"), ("[OK] CPU", "resolved"), ("[No Data] CPU", "firing")],
)
def test_grafana_of_old(title: str, state: str) -> None:
    """The titles of Grafana's former alerting."""
    alarm = taken(grafana.read(post(sender="Grafana", title=title)))
    assert (alarm.name, alarm.state) == ("CPU", state)


@pytest.mark.parametrize(
    ("title", "name", "state", "severity"),
    [
        ("Triggered: [P1] CPU on host:web-1", "CPU", "firing", "critical"),
        ("[Triggered on {host:web-1}] CPU", "CPU", "firing", "unknown"),
        ("Triggered on {host:web-1}: CPU is high", "CPU is high", "firing", "unknown"),
        ("Warn recovered: CPU", "CPU", "resolved", "warning"),
        ("Re-Warn: CPU", "CPU", "firing", "warning"),
        ("Resolved: CPU", "CPU", "resolved", "unknown"),
        ("Dashboard shared", None, "", ""),
    ],
)
def test_datadog_titles(title: str, name: str | None, state: str, severity: str) -> None:
    """Kind of notice, priority, name and group out of the title."""
    alarm = datadog.read(post(sender="Datadog", title=title))
    assert (alarm.name if alarm else None) == name
    if alarm:
        assert (alarm.state, alarm.severity) == (state, severity)


def test_datadog_groups_are_conditions() -> None:
    """The same monitor on another host is another condition; the body's tags are not part of it."""
    one, other = (
        taken(datadog.read(post(sender="Datadog", title=f"Triggered: CPU on host:web-{n}")))
        for n in (1, 2)
    )
    again = taken(
        datadog.read(post(sender="Datadog", title="Recovered: CPU on host:web-1", text="env:prod"))
    )
    assert one.fingerprint != other.fingerprint
    assert one.fingerprint == again.fingerprint


def test_pagerduty_state_is_read_beside_the_title() -> None:
    """A title of another tool that says resolved does not resolve the incident."""
    link = "https://acme.pagerduty.com/incidents/Q2F7XKE9NQ5VZ1"
    triggered = post("🔴 DNS resolved wrongly\nTriggered", link=link, label="DNS resolved wrongly")
    assert taken(pagerduty.read(triggered)).state == "firing"
    resolved = post("🟢 DNS resolved wrongly\nResolved", link=link, label="DNS resolved wrongly")
    assert taken(pagerduty.read(resolved)).state == "resolved"
    assert (
        taken(pagerduty.read(triggered)).fingerprint == taken(pagerduty.read(resolved)).fingerprint
    )


def test_pagerduty_needs_an_incident() -> None:
    """Rota changes and look-alike hosts are left."""
    assert pagerduty.read(post("Robin is now on call", sender="PagerDuty")) is None
    assert (
        pagerduty.read(post("x", link="https://evil.example/incidents/Q2F7XKE9NQ5VZ1", label="x"))
        is None
    )


@pytest.mark.parametrize(
    ("said", "name", "state"),
    [
        ('New alert: "Shop down" #17', "Shop down", "firing"),
        ("Alert closed: Shop down", "Shop down", "resolved"),
        ("Robin closed alert #17 Shop down", "Shop down", "resolved"),
        ("Acknowledged alert: #17\nShop down", "Shop down", "firing"),
        ("New incident: Shop down", "Shop down", "firing"),
    ],
)
def test_opsgenie_wordings(said: str, name: str, state: str) -> None:
    """The message stands in quotes, after the title or below it."""
    alarm = taken(opsgenie.read(post(said, sender="Opsgenie")))
    assert (alarm.name, alarm.state) == (name, state)


def test_opsgenie_leaves_other_posts() -> None:
    """Rota posts and posts of others are not alerts."""
    assert opsgenie.read(post("Robin is on call", sender="Opsgenie")) is None
    assert opsgenie.read(post("New alert: x", sender="other")) is None


def test_sentry_without_short_id_goes_by_title() -> None:
    """Figures in the title do not make another issue."""
    link = "https://acme.sentry.io/issues/42/"
    one = taken(
        sentry.read(post("🔴 Timeout after 3012 ms", link=link, label="Timeout after 3012 ms"))
    )
    two = taken(sentry.read(post("🔴 Timeout after 17 ms", link=link, label="Timeout after 17 ms")))
    assert one.fingerprint == two.fingerprint
    assert one.severity == "warning"


def test_sentry_needs_an_issue() -> None:
    """Releases and links elsewhere are left."""
    assert sentry.read(post("Release 1.2", sender="Sentry")) is None
    assert (
        sentry.read(post("x", sender="Sentry", link="https://acme.sentry.io/releases/1", label="x"))
        is None
    )


def test_sentry_fatal_is_critical() -> None:
    """Only `fatal` is urgent by itself."""
    notification = post(
        "🔴 OOM\nlevel: fatal", link="https://acme.sentry.io/issues/42/", label="OOM"
    )
    assert taken(sentry.read(notification)).severity == "critical"


def test_newrelic_leaves_notes() -> None:
    """A deploy note by New Relic is no alarm."""
    assert newrelic.read(post("Deployed cart to prod", sender="New Relic")) is None


def test_newrelic_names_the_condition() -> None:
    """Policy, condition and entity name it, the issue's id and the figures in the title do not."""
    said = "Issue {}\ncart errors are {}\nCondition: cart errors\nPolicy: golden"
    one = taken(newrelic.read(post(said.format("activated", "5%"), sender="New Relic")))
    two = taken(newrelic.read(post(said.format("closed", "0%"), sender="New Relic")))
    assert (one.name, one.state, two.state) == ("cart errors are 5%", "firing", "resolved")
    assert one.fingerprint == two.fingerprint


def test_sentry_s_circle_tells_the_state() -> None:
    """A white circle alone, below the message's own text, says that the issue is over."""
    link = "https://acme.sentry.io/issues/42/"
    for circle, state in (("⚪", "resolved"), ("🔴", "firing")):
        notification = post("[shop] OOM", text=f"{circle} OOM", link=link, label="OOM")
        assert taken(sentry.read(notification)).state == state
    assert taken(sentry.read(post("OOM", link=link, label="OOM", color="good"))).state == "resolved"


@pytest.mark.parametrize(
    ("said", "color", "state"),
    [
        ("x\nStatus: Resolved", "", "resolved"),
        ("x\nStatus: Triggered", "good", "firing"),
        ("🟢 x", "", "resolved"),
        ("x", "2eb886", "resolved"),
        ("x", "", "firing"),
        ("x\nReopened after Resolved", "", "firing"),
    ],
)
def test_pagerduty_states(said: str, color: str, state: str) -> None:
    """A status field, else the word, the emoji or the colour beside the title."""
    link = "https://acme.pagerduty.com/incidents/Q2F7XKE9NQ5VZ1"
    notification = post(said, sender="PagerDuty", link=link, label="cart is slow", color=color)
    assert taken(pagerduty.read(notification)).state == state


@pytest.mark.parametrize(
    ("said", "color", "name", "state"),
    [
        ("Updated alert #17: Shop down", "good", "Shop down", "resolved"),
        ("Updated alert #17: Shop down", "danger", "Shop down", "firing"),
        ("New alert: #17", "", "New alert: #17", "firing"),
    ],
)
def test_opsgenie_bare_posts(said: str, color: str, name: str, state: str) -> None:
    """An update goes by its colour; a post without a message is named by its title."""
    alarm = taken(opsgenie.read(post(said, sender="Opsgenie", color=color)))
    assert (alarm.name, alarm.state) == (name, state)


@pytest.mark.parametrize(("color", "state"), [("good", "resolved"), ("danger", "firing")])
def test_datadog_alert_goes_by_colour(color: str, state: str) -> None:
    """`Alert:` is how some templates begin both."""
    assert (
        taken(datadog.read(post(sender="Datadog", title="Alert: CPU", color=color))).state == state
    )


def test_newrelic_without_a_title() -> None:
    """A template of only `Issue activated` is an alarm named so."""
    alarm = taken(newrelic.read(post("Issue activated", sender="New Relic")))
    assert (alarm.name, alarm.state) == ("Issue activated", "firing")
