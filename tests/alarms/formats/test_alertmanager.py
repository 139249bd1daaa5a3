"""Alertmanager: values without names, several alerts in one post, broken links."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.alarms.alarm import Alarm
from bot.alarms.formats import alertmanager
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


@pytest.mark.parametrize(
    ("title", "name", "service", "namespace", "severity"),
    [
        (
            "[FIRING:1]  (HighErrorRate checkout prod critical)",
            "HighErrorRate",
            "unknown",
            "prod",
            "critical",
        ),
        ("[FIRING:1] NodeDown (none)", "NodeDown", "unknown", "", "info"),
        ("[FIRING:3] KubeJobFailed boutique", "KubeJobFailed", "unknown", "boutique", "unknown"),
        (
            "[FIRING:1] High CPU usage (node-1 warning)",
            "High CPU usage",
            "unknown",
            "",
            "warning",
        ),
        (
            '[FIRING:1] InstanceDown for api (env="prod", service="api")',
            "InstanceDown",
            "api",
            "",
            "unknown",
        ),
        ("[FIRING:1] payments:slo_burn payments", "payments:slo_burn", "payments", "", "unknown"),
    ],
)
def test_alertmanager_titles(
    title: str, name: str, service: str, namespace: str, severity: str
) -> None:
    """Name, service, namespace and severity out of values without names."""
    alarm = taken(
        alertmanager.read(
            post(sender="Alertmanager", title=title, fallback=f"{title} | http://a/#/alerts")
        )
    )
    assert (alarm.name, alarm.service, alarm.namespace) == (name, service, namespace)
    assert alarm.severity == severity


@pytest.mark.parametrize(
    ("title", "state"),
    [
        ("[FIRING:2, RESOLVED:1] X", "firing"),
        ("[FIRING:0, RESOLVED:3] X", "resolved"),
        ("[RESOLVED:3] X", "resolved"),
        ("[firing] X", "firing"),
        ("🔥 [FIRING] X", "firing"),
    ],
)
def test_alertmanager_states(title: str, state: str) -> None:
    """Firing while anything fires."""
    assert taken(alertmanager.read(post(title=title))).state == state


def test_alertmanager_without_marker_goes_by_its_link_and_colour() -> None:
    """A title without `[FIRING]` is still Alertmanager's when it links there."""
    link = "http://am.example/#/alerts?receiver=x"
    alarm = taken(alertmanager.read(post(title="Disk full", title_link=link, color="2eb886")))
    assert (alarm.name, alarm.state, alarm.source) == ("Disk full", "resolved", "alertmanager")


@pytest.mark.parametrize("link", ["http://[bad/#/alerts?receiver=x", "http:///#/alerts?receiver=x"])
def test_alertmanager_with_a_broken_link(link: str) -> None:
    """An unreadable link has no host; the alarm is read all the same."""
    alarm = taken(alertmanager.read(post(title="[FIRING:1] DiskFull db", title_link=link)))
    assert not any(part.startswith("alertmanager=") for part in alarm.identity)


@pytest.mark.parametrize(
    "title",
    [
        "[FIRING:1] KubePodCrashLooping (boutique cartservice-7d9f8b6c5d-x2x4p warning)",
        "[FIRING:1] KubePodCrashLooping (app cartservice cartservice-7d9f8b6c5d-x2x4p prod)",
        "[FIRING:1] KubePodCrashLooping cartservice-7d9f8b6c5d-x2x4p (prod)",
    ],
)
def test_alertmanager_pods_name_the_service(title: str) -> None:
    """A pod among the values names the workload."""
    assert taken(alertmanager.read(post(title=title))).service == "cartservice"
