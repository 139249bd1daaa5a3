"""How a post is read, and why: plain lines for a person who wonders about an alarm (`tocsin alarms explain FILE`)."""

from __future__ import annotations

from typing import Final

from bot.alarms.alarm import UNKNOWN_SERVICE, Alarm
from bot.alarms.catalog import ServiceCatalog
from bot.alarms.chatter import not_an_alarm
from bot.alarms.notification import Notification
from bot.alarms.placing import place
from bot.alarms.recognise import asked

_FIELDS: Final = ("state", "severity", "service", "namespace", "started_at")
_MAX_LINE: Final = 200


def explain(notification: Notification, catalog: ServiceCatalog) -> list[str]:
    """Lines without colour or markup: the post, each reader asked, each field with its reason, the fingerprint."""
    lines = [*_post(notification), "", "Readers, in order:"]
    alarm: Alarm | None = None
    for name, result in asked(notification):
        lines.append(f"  {name:<20}{'reads it' if result else 'not mine'}")
        alarm = result or alarm
    if alarm is None:
        return [*lines, "", f"No alarm: it is {not_an_alarm(notification)}."]
    placed = place(alarm, catalog)
    return [*lines, "", *_alarm(placed), *_known(placed, catalog), *_hints(placed, catalog)]


def _post(notification: Notification) -> list[str]:
    ids = [f"app {notification.app_id}"] * bool(notification.app_id)
    ids += [f"bot {notification.bot_id}"] * bool(notification.bot_id)
    known = f" ({', '.join(ids)})" if ids else ""
    lines = [
        f"Sender:    {_one_line(notification.sender or '(no name)')}{known}",
        f"Posted at: {notification.posted_at:%Y-%m-%d %H:%M:%S} UTC",
    ]
    if notification.edited_at:
        lines.append(f"Edited at: {notification.edited_at:%Y-%m-%d %H:%M:%S} UTC")
    lines.append(
        f"Content:   {len(notification.sections)} sections, {len(notification.links)} links"
    )
    return lines + [f"  | {_one_line(line)}" for line in notification.full_text.splitlines()[:12]]


def _alarm(alarm: Alarm) -> list[str]:
    lines = [f"Alarm:       {_one_line(alarm.name)}", f"Source:      {alarm.source}"]
    for name in _FIELDS:
        value = getattr(alarm, name)
        shown = f"{value:%Y-%m-%d %H:%M:%S} UTC" if name == "started_at" else (value or "(none)")
        why = alarm.reasons.get(name, "the reader")
        lines.append(
            f"{name.replace('_', ' ').capitalize() + ':':<13}{_one_line(shown)}  <- {_one_line(why)}"
        )
    if alarm.labels:
        lines.append("Labels:")
        lines += [f"  {name} = {_one_line(value)}" for name, value in sorted(alarm.labels.items())]
    if alarm.links:
        lines.append("Links:")
        lines += [f"  {_one_line(link.label)}: {_one_line(link.url)}" for link in alarm.links[:12]]
    lines += [f"Fingerprint: {alarm.fingerprint}, made of"]
    return lines + [f"  {_one_line(part)}" for part in (f"source={alarm.source}", *alarm.identity)]


def _known(alarm: Alarm, catalog: ServiceCatalog) -> list[str]:
    """What the catalog adds to the service that was found."""
    service = catalog.find(alarm.service)
    if service is None:
        return []
    names = ("team", "repository", "namespace", "cluster")
    said = {name: str(getattr(service, name)) for name in names}
    shown = ", ".join(f"{name} {value}" for name, value in said.items() if value)
    return [f"Catalog:     {service.name}{f' ({shown})' if shown else ''}"]


def _hints(alarm: Alarm, catalog: ServiceCatalog) -> list[str]:
    if alarm.service == UNKNOWN_SERVICE:
        return [
            "",
            "No service was found. Add one to the catalog with an alias or a pattern that matches this alarm.",
        ]
    if catalog.services and catalog.find(alarm.service) is None:
        near = catalog.nearest(alarm.service)
        known = f"; did you mean {', '.join(near)}?" if near else "."
        return ["", f"{alarm.service} is not in the catalog{known}"]
    return []


def _one_line(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _MAX_LINE else f"{flat[: _MAX_LINE - 1]}…"
