"""Times that alarm posts carry in their text, as aware UTC datetimes."""

from __future__ import annotations

import re
from collections.abc import Callable
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
    r",?\s+(?:at\s+)?(?P<time>\d{1,2}:\d\d(?::\d\d)?)(?:\s?(?P<half>[APap]\.?[Mm])\.?)?\s*(?:UTC|GMT|Z|\+00:?00)"
)
_UNIX = re.compile(
    r"\b(?P<month>[A-Z][a-z]{2})\s+(?P<day>\d{1,2})\s+(?P<time>\d\d:\d\d:\d\d)\s+(?:UTC|GMT)\s+(?P<year>\d{4})\b"
)
_DOTTED = re.compile(
    r"\b(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4}),?\s+(?:um\s+)?(?P<time>\d{1,2}:\d\d(?::\d\d)?)"
)
_DATAPOINT = re.compile(r"\((\d\d/\d\d/\d\d \d\d:\d\d:\d\d)\)")
_LABEL = re.compile(
    r"\b(?:started|starts?[ _]?at|start time|since|began|triggered|opened|activated|created|first seen|timestamp"
    r"|state change time|time|transitioned|entered the alarm state|seit|beginn|depuis|début|desde|inicio|início)\b[^\n\d]{0,40}"
    r"|(?:触发时间|开始时间|告警时间|発生時刻|発生日時|開始時刻)[^\n\d]{0,10}",
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
    """The first date with a time in a text: ISO 8601, Go's, JavaScript's, `date`'s and German forms.

    Without a zone it is UTC.
    """
    found = [match for form in _FORMS if (match := form.search(text))]
    if not found:
        return None
    match = min(found, key=lambda item: item.start())
    return _FORMS[match.re](match)


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
    day, year = match["day1"] or match["day2"], match["year1"] or match["year2"]
    month = _month(match["month1"] or match["month2"])
    return _moment(year, month, day, match["time"], match["half"] or "")


def _from_unix(match: re.Match[str]) -> datetime | None:
    return _moment(match["year"], _month(match["month"]), match["day"], match["time"])


def _from_dotted(match: re.Match[str]) -> datetime | None:
    return _moment(match["year"], int(match["month"]), match["day"], match["time"])


def _month(name: str) -> int:
    """1 to 12; 0, which no date has, for a word that is no month."""
    word = name[:3].lower()
    return _MONTHS.index(word) + 1 if word in _MONTHS else 0


def _moment(year: str, month: int, day: str, time: str, half: str = "") -> datetime | None:
    """`time` is `h:mm` or `h:mm:ss`, `half` is am, pm or empty. None for a time that does not exist."""
    hour, minute, second = (int(part) for part in f"{time}:0".split(":")[:3])
    if half:
        hour = hour % 12 + (12 if half[0] in "pP" else 0)
    try:
        return datetime(int(year), month, int(day), hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


_FORMS: Final[dict[re.Pattern[str], Callable[[re.Match[str]], datetime | None]]] = {
    _ISO: _from_iso,
    _WORDY: _from_wordy,
    _UNIX: _from_unix,
    _DOTTED: _from_dotted,
}
