"""list_events: what the cluster reported, newest first, repeated reports in one line.

One occurrence counter may be split over several Event objects (the API server starts a new one after a while), so
those with the same object, reason and message are added up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lightkube.resources.core_v1 import Event

from tocsin_mcp.kit.output import listed
from tocsin_mcp.kit.times import age, parse_optional, rfc3339

from .cluster import Cluster, problems
from .wording import message

_NARROW = "pass `object` or `since`, or raise `limit`"
_VARYING = re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\(0x[0-9a-f]+\)")


@dataclass(frozen=True, slots=True)
class Report:
    """One or more Events that say the same about the same object; times may be unknown."""

    kind: str
    name: str
    type: str
    reason: str
    text: str
    component: str
    count: int
    first: datetime | None
    last: datetime | None

    def line(self, now: datetime) -> str:
        """`2m ago  Warning BackOff pod/x (×31 since …): message`."""
        many = (
            f" ×{self.count} since {rfc3339(self.first)}" if self.count > 1 and self.first else ""
        )
        when = f"{rfc3339(self.last)} ({age(self.last, now)} ago)" if self.last else "time unknown"
        where = f"{self.kind.lower()}/{self.name}"
        by = f" [{self.component}]" if self.component else ""
        return f"{when} {self.type} {self.reason} {where}{many}: {self.text}{by}"


async def list_events(
    cluster: Cluster, namespace: str | None, about: str | None, since: str | None, limit: int
) -> str:
    """The tool's text. Raises the kit's errors."""
    place, now = await cluster.namespace(namespace), cluster.now()
    start = parse_optional(since, now)
    listing = await cluster.objects(Event, place)
    reports = [
        report
        for report in merged(listing.items)
        if (not about or concerns(report, about))
        and (start is None or report.last is None or report.last >= start)
    ]
    whose = f"Namespace {place}" + (f", object {about}" if about else "")
    whose += f", since {rfc3339(start)}" if start else ""
    if not reports:
        return f"{whose}: no events at {rfc3339(now)}. (A cluster keeps events for about an hour; older ones are gone.)"
    warnings = sum(1 for report in reports if report.type == "Warning")
    lines = [
        f"{whose}: {len(reports)} distinct events, {warnings} warnings, newest first, at {rfc3339(now)}."
    ]
    lines += [f"Note: {text}." for text in problems(listing)]
    lines += [report.line(now) for report in reports[:limit]]
    return listed(lines, total=len(lines) + max(0, len(reports) - limit), narrow=_NARROW)


async def recent(cluster: Cluster, namespace: str, names: Iterable[str], most: int) -> list[str]:
    """The newest events of these objects as lines, for a description; a missing permission as one line."""
    wanted = set(names)
    listing = await cluster.permitted(Event, namespace)
    now = cluster.now()
    found = [report for report in merged(listing.items) if report.name in wanted]
    lines = [report.line(now) for report in found[:most]]
    if len(found) > most:
        lines.append(f"… {len(found) - most} more: list_events")
    return lines or [*problems(listing)] or ["none"]


def merged(events: Iterable[Event]) -> list[Report]:
    """Reports, newest first; those of unknown time last."""
    groups: dict[tuple[str, ...], list[Report]] = {}
    for report in map(_report, events):
        key = (report.kind, report.name, report.reason, _VARYING.sub("…", report.text))
        groups.setdefault(key, []).append(report)
    joined = [_join(group) for group in groups.values()]
    return sorted(joined, key=lambda each: (each.last is None, -_epoch(each.last), each.name))


def concerns(report: Report, about: str) -> bool:
    """Whether a report is about `kind/name` or `name`, or about something that belongs to it by its name."""
    kind, _, name = about.rpartition("/")
    own = report.name == name or report.name.startswith(f"{name}-")
    if not kind:
        return own
    same = report.kind.lower() == kind.lower().rstrip("s")
    below = report.name.startswith(f"{name}-") and kind.lower().rstrip("s") not in ("pod", "node")
    return (same and report.name == name) or below


def _report(event: Event) -> Report:
    involved, series = event.involvedObject, event.series
    created = event.metadata.creationTimestamp
    first = event.firstTimestamp or event.eventTime or created
    last = (series and series.lastObservedTime) or event.lastTimestamp or event.eventTime or first
    return Report(
        kind=involved.kind or "?",
        name=involved.name or "?",
        type=event.type or "Normal",
        reason=event.reason or "",
        text=message(event.message),
        component=(event.source and event.source.component) or event.reportingComponent or "",
        count=(series and series.count) or event.count or 1,
        first=first,
        last=last,
    )


def _join(group: list[Report]) -> Report:
    newest = max(group, key=lambda each: _epoch(each.last))
    firsts = [each.first for each in group if each.first]
    return Report(
        newest.kind,
        newest.name,
        newest.type,
        newest.reason,
        newest.text,
        newest.component,
        sum(each.count for each in group),
        min(firsts) if firsts else None,
        newest.last,
    )


def _epoch(moment: datetime | None) -> float:
    return moment.timestamp() if moment else 0.0
