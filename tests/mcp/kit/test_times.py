"""Moments and durations as people write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import BadArgument
from tocsin_mcp.kit.times import (
    age,
    clock_of,
    parse_duration,
    parse_moment,
    parse_range,
    parse_rfc3339,
    rfc3339,
)

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)

moments = st.integers(min_value=-62_000_000_000, max_value=250_000_000_000).map(
    lambda seconds: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, microseconds=7)
)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        ("15m", timedelta(minutes=15)),
        ("2h", timedelta(hours=2)),
        ("1d", timedelta(days=1)),
        ("1h30m", timedelta(minutes=90)),
        ("45s", timedelta(seconds=45)),
        ("2w", timedelta(weeks=2)),
        (" 5M ", timedelta(minutes=5)),
    ],
)
def test_durations_count_back_from_now(text: str, back: timedelta) -> None:
    """A duration means that long before the given present."""
    assert parse_moment(text, NOW) == NOW - back


def test_a_beginning_in_the_future_is_refused() -> None:
    """Nothing would be found, and nothing is not what happened. Clocks may differ, and an end may be to come."""
    with pytest.raises(BadArgument, match="is in the future: now is 2026-11-22T08:00:00Z"):
        parse_moment("2027-11-22T07:30:00Z", NOW)
    assert parse_moment("2026-11-22T08:01:00Z", NOW) > NOW
    assert parse_moment("2027-11-22T07:30:00Z", NOW, "until") > NOW


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T07:30:00Z", datetime(2026, 11, 22, 7, 30, tzinfo=UTC)),
        ("2026-11-22t07:30:00z", datetime(2026, 11, 22, 7, 30, tzinfo=UTC)),
        ("2026-11-22T09:30:00+02:00", datetime(2026, 11, 22, 7, 30, tzinfo=UTC)),
        (
            "2026-11-22 07:30:00.123456789Z",
            datetime(2026, 11, 22, 7, 30, 0, 123456, tzinfo=UTC),
        ),
        ("2026-11-22T07:30:00.5Z", datetime(2026, 11, 22, 7, 30, 0, 500000, tzinfo=UTC)),
    ],
)
def test_rfc3339_is_a_moment(text: str, moment: datetime) -> None:
    """Zones are converted to UTC and nanoseconds cut."""
    assert parse_moment(text, NOW) == moment


@pytest.mark.parametrize(
    "text",
    ["", "yesterday", "15", "m", "-5m", "5 m", "2026-11-22", "2026-11-22T07:30:00", "2026-13-01T00:00:00Z",
     "٣m", "99999999m", "999999w"],
)  # fmt: skip
def test_what_is_neither_is_refused_with_examples(text: str) -> None:
    """The error names the argument, quotes what was given, and shows both forms."""
    with pytest.raises(BadArgument, match=r"Argument `until`.*15m.*2026-11-22T08:00:00Z"):
        parse_moment(text, NOW, "until")


def test_range_must_be_in_order() -> None:
    """`since` after `until` would find nothing without saying why; it is refused."""
    assert parse_range("2h", "1h", NOW) == (NOW - timedelta(hours=2), NOW - timedelta(hours=1))
    assert parse_range(None, " ", NOW) == (None, None)
    with pytest.raises(BadArgument, match="not before"):
        parse_range("1h", "2h", NOW)


def test_clock_is_fixed_by_the_environment() -> None:
    """TOCSIN_NOW makes a recorded incident's present; a wrong one is an error that names it."""
    fixed = clock_of(Environment({"TOCSIN_NOW": "2026-11-22T10:00:00+02:00"}))
    assert fixed() == NOW
    broken = clock_of(Environment({"TOCSIN_NOW": "noon"}))
    with pytest.raises(BadArgument, match="TOCSIN_NOW"):
        broken()


def test_clock_runs_without_a_setting() -> None:
    """Without TOCSIN_NOW the present is the system's, in UTC."""
    before = datetime.now(UTC)
    now = clock_of(Environment({}))()
    assert before <= now <= datetime.now(UTC)
    assert now.tzinfo is UTC


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0s"), (45, "45s"), (119, "119s"), (125, "2m"), (3599, "59m"), (11100, "3h05m"), (187200, "2d4h"),
     (10 * 86400, "10d")],
)  # fmt: skip
def test_ages_use_at_most_two_units(seconds: int, text: str) -> None:
    """An age is short to read, and a moment in the future is no negative age."""
    assert age(NOW - timedelta(seconds=seconds), NOW) == text


def test_unknown_age_is_a_question_mark() -> None:
    """A missing time does not become an age."""
    assert age(None, NOW) == "?"


@given(moments)
def test_written_moments_are_read_back(moment: datetime) -> None:
    """rfc3339 and parse_rfc3339 are inverse, to the second."""
    assert parse_rfc3339(rfc3339(moment)) == moment.replace(microsecond=0)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No input makes the parsers fail in another way."""
    duration, moment = parse_duration(text), parse_rfc3339(text)
    assert duration is None or duration >= timedelta()
    assert moment is None or moment.tzinfo is UTC


def test_naive_moments_are_refused() -> None:
    """A moment without a zone cannot be written."""
    with pytest.raises(ValueError, match="time zone"):
        rfc3339(NOW.replace(tzinfo=None))
    assert rfc3339(NOW.astimezone(timezone(timedelta(hours=5)))) == "2026-11-22T08:00:00Z"
