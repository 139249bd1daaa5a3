"""CloudWatch, through the chat application and through SNS: the odd shapes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.alarms.alarm import Alarm
from bot.alarms.formats import cloudwatch_chatbot, cloudwatch_sns
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
    ("text", "state"),
    [
        (
            "CloudWatch Alarm | x | eu-west-1 | Account: 1\nThreshold Crossed: 1 datapoint was not greater",
            "resolved",
        ),
        (
            "CloudWatch Alarm | x | eu-west-1 | Account: 1\nThreshold Crossed: 1 datapoint was greater",
            "firing",
        ),
        ("✅ CloudWatch Alarm | x | eu-west-1", "resolved"),
        ("CloudWatch Alarm | x | eu-west-1", "firing"),
    ],
)
def test_chatbot_states(text: str, state: str) -> None:
    """Emoji, else the state reason, else firing."""
    assert taken(cloudwatch_chatbot.read(post(text))).state == state


def test_chatbot_goes_by_colour_last() -> None:
    """Without emoji and reason the bar's colour tells."""
    notification = post(text="CloudWatch Alarm | x | eu-west-1", color="2eb886")
    assert taken(cloudwatch_chatbot.read(notification)).state == "resolved"


@pytest.mark.parametrize(
    "text", ["AWS Health Event | x | us-east-1", "CloudWatch Alarm about x", "Build failed | x"]
)
def test_chatbot_leaves_other_aws_posts(text: str) -> None:
    """Health events and custom notifications are not CloudWatch alarms."""
    assert cloudwatch_chatbot.read(post(text, sender="Amazon Q Developer")) is None


def test_sns_needs_something_of_aws() -> None:
    """`Alarm Name` alone may be anybody's field."""
    assert cloudwatch_sns.read(post("Alarm name: fire drill")) is None
    assert (
        cloudwatch_sns.read(post("Alarm name: fire drill\nreason: Threshold Crossed: 1"))
        is not None
    )


@pytest.mark.parametrize(
    "text", ['{"AlarmName": 3}', '{"AlarmName": "x"', "AlarmName {", '["AlarmName"]']
)
def test_sns_document_that_is_none(text: str) -> None:
    """What only looks like the document is left."""
    assert cloudwatch_sns.read(post(text)) is None


def test_sns_document_without_details() -> None:
    """A document of only a name is an alarm."""
    alarm = taken(
        cloudwatch_sns.read(post('{"AlarmName": "x", "Trigger": null, "NewStateValue": "OK"}'))
    )
    assert (alarm.name, alarm.state) == ("x", "resolved")


def test_sns_notice_without_fields() -> None:
    """The module's notice alone names the alarm; the colour tells the state."""
    notification = post(
        text="AWS CloudWatch notification - cart-5xx",
        fallback="Alarm cart-5xx triggered",
        color="good",
    )
    alarm = taken(cloudwatch_sns.read(notification))
    assert (alarm.name, alarm.state) == ("cart-5xx", "resolved")


def test_sns_document_goes_by_its_change_time() -> None:
    """Without datapoints in the reason the state's change is the beginning."""
    said = '{"AlarmName": "x", "NewStateValue": "ALARM", "StateChangeTime": "2026-11-22T06:50:00.000+0000"}'
    assert taken(cloudwatch_sns.read(post(said))).started_at.minute == 50
