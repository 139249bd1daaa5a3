"""Ranges that end now unless they say otherwise, and are never too long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tocsin_mcp.kit.errors import BadArgument
from tocsin_mcp.kit.times import parse_span

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def test_a_span_ends_now_or_where_it_says() -> None:
    """Both ends are durations back from now or moments."""
    hour = timedelta(hours=1)
    assert parse_span("2h", None, NOW, DAY, "") == (NOW - 2 * hour, NOW)
    assert parse_span("2h", " ", NOW, DAY, "") == (NOW - 2 * hour, NOW)
    assert parse_span("2026-11-22T05:00:00Z", "1h", NOW, DAY, "") == (NOW - 3 * hour, NOW - hour)


@pytest.mark.parametrize(
    ("since", "until", "longest", "words"),
    [
        ("1h", "2h", DAY, r"07:00:00Z is not before the end, 2026-11-22T06:00:00Z"),
        ("2026-11-22T09:00:00Z", None, DAY, "is in the future"),
        ("25h", None, DAY, "at most 24 h: really"),
        ("31d", None, timedelta(days=30), "at most 30 days: really"),
        ("soon", None, DAY, "`since`: 'soon' is neither"),
        ("1h", "soon", DAY, "`until`: 'soon' is neither"),
    ],
)
def test_spans_that_cannot_be_used(
    since: str, until: str | None, longest: timedelta, words: str
) -> None:
    """Backwards, too long and unreadable ones are refused with what would be right."""
    with pytest.raises(BadArgument, match=words):
        parse_span(since, until, NOW, longest, ": really.")
