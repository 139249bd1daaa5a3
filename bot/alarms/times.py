"""Times that alarm posts carry in their text, as aware UTC datetimes."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_OLDEST: Final = timedelta(days=30)
_CLOCK_SKEW: Final = timedelta(minutes=5)

_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d{1,9})?\s?(Z|UTC|GMT|[+-]\d\d:?\d\d)?(?![\d:])"
)
_WORDY = re.compile(
    r"(?:(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?,?\s+)?"
    r"(?:(?P<month1>[A-Z][a-z]{2,8})\s+(?P<day1>\d{1,2}),?\s+(?P<year1>\d{4})"
    r"|(?P<day2>\d{1,2})\s+(?P<month2>[A-Z][a-z]{2,8}),?\s+(?P<year2>\d{4}))"
    r",?\s+(?:at\s+)?(?P<time>\d\d:\d\d(?::\d\d)?)\s*(?:UTC|GMT|Z|\+00:?00)"
)
_DATAPOINT = re.compile(r"\((\d\d/\d\d/\d\d \d\d:\d\d:\d\d)\)")
_LABEL = re.compile(
    r"\b(?:started|starts?[ _]?at|start time|since|began|triggered|opened|activated|created|first seen|timestamp"
    r"|state change time|time)\b[^\n\d]{0,40}",
    re.IGNORECASE,
)
_MONTHS: Final = (
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "oct",
    "nov",
    "dec",
)


def parse_time(text: str) -> datetime | None:
    """The first date with a time in a text: ISO 8601, Go's and JavaScript's forms. Without a zone it is UTC."""
    found = [match for match in (_ISO.search(text), _WORDY.search(text)) if match]
    if not found:
        return None
    match = min(found, key=lambda item: item.start())
    return _from_iso(match) if match.re is _ISO else _from_wordy(match)


def labelled_time(text: str, posted_at: datetime) -> datetime | None:
    """The first time in the text that is said to be the beginning (`Started: …`, `since …`) and can be."""
    for label in _LABEL.finditer(text[:20_000]):
        moment = parse_time(text[label.start() : label.end() + 60])
        if moment is not None and plausible(moment, posted_at):
            return moment
    return None


def first_datapoint(reason: str, posted_at: datetime) -> datetime | None:
    """The oldest datapoint in a CloudWatch state reason: `[97.0 (22/11/26 06:33:00), …]`, day first, UTC."""
    moments = [_datapoint(text) for text in _DATAPOINT.findall(reason[:5_000])]
    return min((m for m in moments if m is not None and plausible(m, posted_at)), default=None)


def plausible(moment: datetime, posted_at: datetime) -> bool:
    """Whether an alarm posted then can have begun at that moment: not after the post, and at most 30 days before."""
    return posted_at - _OLDEST <= moment <= posted_at + _CLOCK_SKEW


def _datapoint(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%d/%m/%y %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None


def _from_iso(match: re.Match[str]) -> datetime | None:
    zone = match[3] or "Z"
    zone = "+00:00" if zone in ("Z", "UTC", "GMT") else zone
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _from_wordy(match: re.Match[str]) -> datetime | None:
    month = (match["month1"] or match["month2"])[:3].lower()
    if month not in _MONTHS:
        return None
    day, year = match["day1"] or match["day2"], match["year1"] or match["year2"]
    time = match["time"] if len(match["time"]) > 5 else f"{match['time']}:00"
    try:
        moment = datetime.fromisoformat(
            f"{year}-{_MONTHS.index(month) + 1:02}-{int(day):02}T{time}"
        )
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC)
