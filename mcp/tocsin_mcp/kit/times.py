"""Moments and ages: `since` and `until` as people write them, and how long ago something was.

A recorded incident has its own present. TOCSIN_NOW (RFC 3339) sets it; without it the clock is the system's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from .environment import Environment
from .errors import BadArgument

Clock = Callable[[], datetime]
"""Returns the present as an aware datetime in UTC."""

NOW_SETTING = "TOCSIN_NOW"

_SKEW = timedelta(minutes=5)
"""Clocks differ by so much."""
_PAST = ("since", "time")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DURATION = re.compile(r"(?:\d{1,6}[smhdw]){1,5}", re.ASCII)
_PART = re.compile(r"(\d{1,6})([smhdw])", re.ASCII)
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def clock_of(environment: Environment) -> Clock:
    """The clock of this process: fixed at TOCSIN_NOW when that is set and readable, else the system's.

    A TOCSIN_NOW that is set but not RFC 3339 gives a clock that raises BadArgument when it is read.
    """
    text = environment.get(NOW_SETTING)

    def fixed() -> datetime:
        moment = parse_rfc3339(text)
        if moment is None:
            raise BadArgument(
                NOW_SETTING, "the environment variable is not RFC 3339, like 2026-11-22T08:00:00Z."
            )
        return moment

    return fixed if text else _system


def _system() -> datetime:
    return datetime.now(UTC)


def parse_rfc3339(text: str) -> datetime | None:
    """An RFC 3339 date-time with its mandatory zone as an aware datetime in UTC, or None.

    Nanoseconds, as Kubernetes and Docker write them, are cut to microseconds.
    """
    found = _RFC3339.fullmatch(text.strip())
    if not found:
        return None
    day, time, fraction, zone = found.groups()
    zone = "+00:00" if zone in "Zz" else zone
    try:
        return datetime.fromisoformat(f"{day}T{time}{(fraction or '')[:7]}{zone}").astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse_duration(text: str) -> timedelta | None:
    """A duration like `15m`, `2h`, `1d` or `1h30m`, or None when it is not one."""
    compact = text.strip().lower()
    if not _DURATION.fullmatch(compact):
        return None
    return sum(
        (timedelta(**{_UNITS[unit]: int(number)}) for number, unit in _PART.findall(compact)),
        start=timedelta(),
    )


def parse_moment(text: str, now: datetime, argument: str = "since") -> datetime:
    """RFC 3339, or a duration counted back from `now`, as an aware datetime in UTC.

    Raises BadArgument naming `argument`; also for a moment (`since`, `time`) that is still to come, of which nothing is known.
    """
    moment = parse_rfc3339(text)
    if moment is not None:
        if argument in _PAST and moment - now > _SKEW:
            raise BadArgument(
                argument, f"{rfc3339(moment)} is in the future: now is {rfc3339(now)}."
            )
        return moment
    duration = parse_duration(text)
    try:
        if duration is not None:
            return now - duration
    except OverflowError:
        pass
    raise BadArgument(
        argument,
        f"{text[:60]!r} is neither a duration like 15m, 2h or 1d nor an RFC 3339 time like "
        f"{rfc3339(now)} (the zone is required).",
    )


def parse_optional(text: str | None, now: datetime, argument: str = "since") -> datetime | None:
    """Like `parse_moment`; None or a blank text gives None."""
    return parse_moment(text, now, argument) if text and text.strip() else None


def parse_range(
    since: str | None, until: str | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Both ends of a range. Raises BadArgument when one is unreadable or `since` is not before `until`."""
    start, end = parse_optional(since, now, "since"), parse_optional(until, now, "until")
    if start and end and start >= end:
        raise BadArgument(
            "since", f"{rfc3339(start)} is not before `until` ({rfc3339(end)}); swap them."
        )
    return start, end


def parse_span(
    since: str, until: str | None, now: datetime, longest: timedelta, why: str
) -> tuple[datetime, datetime]:
    """A range that ends now unless `until` says otherwise, at most `longest`; `why` ends the sentence that refuses more.

    Raises BadArgument.
    """
    start, end = parse_moment(since, now), parse_optional(until, now, "until") or now
    if start >= end:
        raise BadArgument("since", f"{rfc3339(start)} is not before the end, {rfc3339(end)}.")
    if end - start > longest:
        hours = longest.total_seconds() / 3600
        length = f"{hours:g} h" if hours < 48 else f"{hours / 24:g} days"
        raise BadArgument("since", f"the range may be at most {length}{why}")
    return start, end


def rfc3339(moment: datetime) -> str:
    """`2026-11-22T08:00:00Z`: UTC, whole seconds. Raises ValueError for a naive datetime."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs a time zone")
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def age(moment: datetime | None, now: datetime) -> str:
    """How long ago `moment` was, in at most two units: `45s`, `12m`, `3h05m`, `2d4h`; `?` when unknown.

    A moment in the future (clock skew) counts as `0s`.
    """
    if moment is None:
        return "?"
    seconds = max(0, int((now - moment).total_seconds()))
    if seconds < 120:
        return f"{seconds}s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if hours < 1:
        return f"{minutes}m"
    if days < 1:
        return f"{hours}h{minutes % 60:02d}m"
    return f"{days}d{hours % 24}h" if days < 10 else f"{days}d"
