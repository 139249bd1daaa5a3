"""What fired? The readers are asked in a fixed order; the first that knows the post reads it.

Services that relay other tools' alarms (PagerDuty, Opsgenie) come first, because their posts quote the titles of
those tools; `generic` comes last and takes everything that may be an alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from bot.alarms.alarm import Alarm
from bot.alarms.catalog import ServiceCatalog
from bot.alarms.formats import (
    alertmanager,
    cloudwatch_chatbot,
    cloudwatch_sns,
    datadog,
    generic,
    grafana,
    newrelic,
    opsgenie,
    pagerduty,
    sentry,
)
from bot.alarms.notification import Notification
from bot.alarms.placing import place

Reader = Callable[[Notification], Alarm | None]

READERS: Final[tuple[tuple[str, Reader], ...]] = (
    ("pagerduty", pagerduty.read),
    ("opsgenie", opsgenie.read),
    ("cloudwatch_chatbot", cloudwatch_chatbot.read),
    ("cloudwatch_sns", cloudwatch_sns.read),
    ("grafana", grafana.read),
    ("sentry", sentry.read),
    ("newrelic", newrelic.read),
    ("datadog", datadog.read),
    ("alertmanager", alertmanager.read),
    ("generic", generic.read),
)


def recognise(notification: Notification, catalog: ServiceCatalog) -> Alarm | None:
    """The alarm a post reports; None only for a post that is plainly no alarm.

    The fingerprint depends on the post alone, so that a changed catalog keeps open incidents together.
    """
    alarm = next((alarm for _, alarm in asked(notification) if alarm is not None), None)
    return place(alarm, catalog) if alarm else None


def asked(notification: Notification) -> Iterator[tuple[str, Alarm | None]]:
    """Each reader's name and what it made of the post, up to the first that read it."""
    for name, read in READERS:
        alarm = read(notification)
        yield name, alarm
        if alarm is not None:
            return
