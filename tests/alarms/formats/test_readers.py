"""What all readers have in common: they leave the posts of others, and take any text."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alarms.notification import Link, Notification, Section
from bot.alarms.recognise import READERS
from bot.slack.inbound import normalise

NOW = datetime(2026, 11, 22, 7, tzinfo=UTC)
GENERIC = (Path(__file__).parents[2] / "samples/generic").glob("*.json")
OTHERS = sorted(path for path in GENERIC if not path.name.endswith(".expected.json"))


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


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: str(path.stem))
@pytest.mark.parametrize(("name", "read"), READERS[:-1], ids=[name for name, _ in READERS[:-1]])
def test_special_readers_leave_other_posts(name: str, read: object, path: Path) -> None:
    """A post of somebody else is none of a special reader's business."""
    assert callable(read)
    assert read(normalise(json.loads(path.read_text()))) is None, name


@given(said=st.text(max_size=200), title=st.text(max_size=200), sender=st.text(max_size=20))
def test_readers_take_any_text(said: str, title: str, sender: str) -> None:
    """Each reader reads or leaves any text, and an alarm always has a name and an identity."""
    for source in (
        sender,
        "Alertmanager",
        "Grafana",
        "Datadog",
        "PagerDuty",
        "Opsgenie",
        "Sentry",
        "New Relic",
    ):
        notification = post(
            said,
            sender=source,
            title=title,
            link="https://x.example/incidents/Q2F7XKE9NQ5VZ1",
            label=title,
        )
        for _, read in READERS:
            alarm = read(notification)
            assert alarm is None or (alarm.name and alarm.identity)
