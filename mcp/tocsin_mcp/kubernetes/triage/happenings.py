"""Events in one shape. What an event says is history; only the object's present state makes it true now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from .objects import Json, dig, moment, number, text


@dataclass(frozen=True, slots=True)
class Happening:
    """One event."""

    kind: str
    name: str
    warning: bool
    reason: str
    message: str
    count: int
    first: datetime | None
    last: datetime | None

    @property
    def line(self) -> str:
        """`FailedMount pod/x: …`, as evidence."""
        return f"{self.reason} {self.kind.lower()}/{self.name}: {self.message}"


def happenings(events: Iterable[Json]) -> list[Happening]:
    """All events, newest first; those of unknown time last."""
    found = [_happening(event) for event in events]
    return sorted(found, key=lambda each: each.last.timestamp() if each.last else 0.0, reverse=True)


def latest(events: Iterable[Happening], *reasons: str) -> Happening | None:
    """The newest event with one of these reasons."""
    return next((each for each in events if each.reason in reasons), None)


def _happening(event: Json) -> Happening:
    """An event of v1, or of events.k8s.io/v1, where the same fields have other names."""
    about = dig(event, "involvedObject") or dig(event, "regarding")
    created = moment(event, "metadata", "creationTimestamp")
    first = (
        moment(event, "firstTimestamp")
        or moment(event, "deprecatedFirstTimestamp")
        or moment(event, "eventTime")
        or created
    )
    last = (
        moment(event, "series", "lastObservedTime")
        or moment(event, "lastTimestamp")
        or moment(event, "deprecatedLastTimestamp")
        or moment(event, "eventTime")
        or first
    )
    counts = (("count",), ("deprecatedCount",), ("series", "count"))
    return Happening(
        kind=text(about, "kind"),
        name=text(about, "name"),
        warning=text(event, "type") == "Warning",
        reason=text(event, "reason"),
        message=text(event, "message") or text(event, "note"),
        count=max(1, *(number(event, *path) for path in counts)),
        first=first,
        last=last,
    )
