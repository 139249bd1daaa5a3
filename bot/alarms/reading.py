"""What every reader shares: the whole text of a post, and how an `Alarm` is put together with its reasons."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from bot.alarms.alarm import UNKNOWN_SERVICE, Alarm, Severity, State
from bot.alarms.headline import MAX_NAME
from bot.alarms.notification import Notification
from bot.alarms.times import labelled_time

_HEADING = re.compile(
    r"^[^\w\n]{0,10}(?:alerts? )?(?P<word>firing|resolved)(?: alerts?)?[^\w\n]{0,10}$",
    re.IGNORECASE | re.MULTILINE,
)

Started = tuple[datetime, str]


def everything(notification: Notification) -> str:
    """All text of a post, also the fallbacks that Slack shows only in notifications, and the labels of links."""
    fallbacks = [section.fallback for section in notification.sections if section.fallback]
    labels = [link.label for link in notification.links]
    return "\n".join([notification.full_text, *fallbacks, *labels])


def colour(notification: Notification) -> str:
    """The first colour of the post, empty when it has none."""
    return next((section.color for section in notification.sections if section.color), "")


def fields(notification: Notification) -> dict[str, str]:
    """The fields of all sections; the first of equal names wins."""
    result: dict[str, str] = {}
    for section in notification.sections:
        result = {**section.fields, **result}
    return result


def urls(notification: Notification) -> list[str]:
    """Every url of the post, in reading order."""
    titles = [section.title_link for section in notification.sections if section.title_link]
    return titles + [link.url for link in notification.links]


def firing_part(text: str) -> str:
    """Of a text that lists firing and resolved alerts under such headings, what stands before the resolved ones."""
    headings = list(_HEADING.finditer(text))
    words = [heading["word"].lower() for heading in headings]
    if "firing" not in words or "resolved" not in words[words.index("firing") :]:
        return text
    return text[: headings[words.index("resolved", words.index("firing"))].start()]


def host_of(url: str) -> str:
    """The host name of a url in lower case, empty when it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def started(notification: Notification, text: str = "") -> Started:
    """When the text says that it began, else when it was posted."""
    moment = labelled_time(text or notification.full_text, notification.posted_at)
    if moment is not None:
        return moment, "a time in the text"
    return notification.posted_at, "the time of the post"


def build(
    notification: Notification,
    *,
    source: str,
    name: str,
    identity: tuple[str, ...],
    state: tuple[State, str],
    severity: tuple[Severity, str],
    began: Started | None = None,
    labels: Mapping[str, str] | None = None,
    service: tuple[str, str] = ("", ""),
    namespace: tuple[str, str] = ("", ""),
) -> Alarm:
    """An alarm and why it was read so. Each pair is a value and its reason; an empty value means not told."""
    begin = began or started(notification)
    reasons = {"state": state[1], "severity": severity[1], "started_at": begin[1]}
    reasons |= {"service": service[1]} if service[0] else {}
    reasons |= {"namespace": namespace[1]} if namespace[0] else {}
    return Alarm(
        source=source,
        name=name[:MAX_NAME].strip() or source,
        service=service[0] or UNKNOWN_SERVICE,
        namespace=namespace[0],
        severity=severity[0],
        state=state[0],
        started_at=begin[0],
        labels=dict(labels or {}),
        links=notification.links,
        text=notification.full_text,
        identity=tuple(part for part in identity if part),
        reasons=reasons,
    )
