"""Times in the text of alarm posts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alarms.times import first_datapoint, labelled_time, parse_time, plausible

NOW = datetime(2026, 11, 22, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T06:33:34.293Z", datetime(2026, 11, 22, 6, 33, 34, tzinfo=UTC)),
        ("2026-11-22 06:33:34.293 +0000 UTC", datetime(2026, 11, 22, 6, 33, 34, tzinfo=UTC)),
        ("2026-11-22T08:33:34+02:00", datetime(2026, 11, 22, 6, 33, 34, tzinfo=UTC)),
        ("2026-11-22T06:59:31.821+0000", datetime(2026, 11, 22, 6, 59, 31, tzinfo=UTC)),
        ("Sun Nov 22 2026 06:58:31 UTC", datetime(2026, 11, 22, 6, 58, 31, tzinfo=UTC)),
        ("Sunday 22 November, 2026 06:58:31 UTC", datetime(2026, 11, 22, 6, 58, 31, tzinfo=UTC)),
        ("Sun, 22 Nov 2026 06:58:31 GMT", datetime(2026, 11, 22, 6, 58, 31, tzinfo=UTC)),
        ("Nov 22, 2026 at 06:58 UTC", datetime(2026, 11, 22, 6, 58, tzinfo=UTC)),
        ("22 Nov 2026 at 6:58pm UTC", datetime(2026, 11, 22, 18, 58, tzinfo=UTC)),
        ("Nov 22, 2026 at 12:05 AM UTC", datetime(2026, 11, 22, 0, 5, tzinfo=UTC)),
        ("Sun Nov 22 06:58:01 UTC 2026", datetime(2026, 11, 22, 6, 58, 1, tzinfo=UTC)),
        ("22.11.2026 um 06:58", datetime(2026, 11, 22, 6, 58, tzinfo=UTC)),
        ("Nov 22 2026 27:58 UTC", None),
        ("99.99.2026 06:58", None),
        ("2026-13-45 99:99:99", None),
        ("30 February 2026 06:58 UTC", None),
        ("Foo 22 2026 06:58 UTC", None),
        ("06:58", None),
        ("", None),
    ],
)
def test_forms(text: str, moment: datetime | None) -> None:
    """ISO 8601 with and without zone, and the forms of Go, JavaScript and mail; nonsense is None."""
    assert parse_time(text) == moment


@pytest.mark.parametrize(
    ("text", "minute"),
    [
        ("Started: 2026-11-22 06:41:00", 41),
        ("firing since 2026-11-22T06:42:00Z", 42),
        ("The monitor was last triggered at Sun Nov 22 2026 06:43:00 UTC", 43),
        ("StartsAt = 2026-11-22 06:44:00 +0000 UTC", 44),
        ("seit 22.11.2026 06:45", 45),
        ("触发时间: 2026-11-22 06:46:00", 46),
        ("cart transitioned to ALARM at Sunday 22 November, 2026 06:47:00 UTC", 47),
        ("Deployed 2026-11-22 06:45:00", None),
        ("Started: 2026-11-22 09:00:00", None),
        ("Started: 2024-01-01 00:00:00", None),
        ("Started: 0001-01-01 00:00:00", None),
    ],
)
def test_only_a_labelled_and_plausible_time_is_the_start(text: str, minute: int | None) -> None:
    """A time counts when it is said to be the beginning, and can be one for a post of that moment."""
    moment = labelled_time(text, NOW)
    assert (moment.minute if moment else None) == minute


def test_cloudwatch_datapoints_are_day_first() -> None:
    """The oldest datapoint of the reason is the start; impossible dates are passed over."""
    reason = "[3.0 (22/11/26 06:58:00), 2.0 (22/11/26 06:57:00), 1.0 (99/99/26 06:00:00)]"
    assert first_datapoint(reason, NOW) == datetime(2026, 11, 22, 6, 57, tzinfo=UTC)
    assert first_datapoint("Insufficient Data", NOW) is None


def test_plausible_is_thirty_days_back_and_some_clock_skew() -> None:
    """The bounds of the window belong to it."""
    assert plausible(NOW - timedelta(days=30), NOW)
    assert not plausible(NOW - timedelta(days=30, seconds=1), NOW)
    assert plausible(NOW + timedelta(minutes=5), NOW)
    assert not plausible(NOW + timedelta(minutes=5, seconds=1), NOW)


@given(seconds=st.integers(0, 4_000_000_000))
def test_iso_times_are_read_back(seconds: int) -> None:
    """Any time to the second, written as ISO 8601, is read as itself."""
    whole = datetime.fromtimestamp(seconds, UTC)
    assert parse_time(f"at {whole.isoformat()} it began") == whole


@given(text=st.text(alphabet="0123456789-:/T Z+.SunNovDecUTC,at", max_size=80))
def test_any_text_is_a_time_or_none(text: str) -> None:
    """Text that nearly is a date never raises, and a time is always aware."""
    for moment in (
        parse_time(text),
        labelled_time(f"since {text}", NOW),
        first_datapoint(text, NOW),
    ):
        assert moment is None or moment.tzinfo is not None
