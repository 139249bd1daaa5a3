"""What an alarm is called, and what of its name is stable."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alarms.headline import MAX_NAME, headline, is_meaningful, name_of, plain, stable
from bot.alarms.notification import Notification, Section

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("*bold* and _italic_ and `code`", "bold and italic and code"),
        ("*_both_*", "both"),
        ("**twice**", "twice"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        (":acme-logo: text", " text"),
        (
            "sum(last_5m):sum:trace.http on location:aws:eu-west-1",
            "sum(last_5m):sum:trace.http on location:aws:eu-west-1",
        ),
        ("* a bullet", "* a bullet"),
    ],
)
def test_plain(raw: str, shown: str) -> None:
    """Paired emphasis goes, underscores and asterisks of the words themselves stay."""
    assert plain(raw) == shown


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("🚨 *ALERT:* Disk full on db-1", "Disk full on db-1"),
        ("[FIRING:1] DiskFull", "DiskFull"),
        ("Recovered: [P2] High CPU", "High CPU"),
        ("Disk full - RESOLVED", "Disk full"),
        ("@here Disk full", "Disk full"),
        ("Incident #42 opened", "Incident #42 opened"),
        ("[Acme checkout] [🔴 Down] connect ECONNREFUSED", "Acme checkout"),
        ("Resolved in 12m 3s: High CPU", "High CPU"),
        ("3 alerts firing: Redis memory high", "Redis memory high"),
        ('"shop Down"', "shop Down"),
        ("it's 'quoted' here'", "it's 'quoted' here'"),
        ("ALERT", "ALERT"),
        ("🚨", "🚨"),
        ("x" * 500, "x" * (MAX_NAME - 1) + "…"),
    ],
)
def test_name(line: str, name: str) -> None:
    """Emoji, mentions and states around the name go; a line of nothing else is kept."""
    assert name_of(line) == name


@pytest.mark.parametrize(
    ("text", "sections", "line"),
    [
        ("Disk full", (), "Disk full"),
        ("@here\nALERT!\nDisk full", (), "Disk full"),
        ("New alert", (Section(title="Disk full", text="more"),), "Disk full"),
        ("", (Section(pretext="Details", fields={"What": "Disk full"}),), "Disk full"),
        ("", (Section(fallback="Disk full"),), "Disk full"),
        ("ALERT", (), "ALERT"),
        ("", (), ""),
    ],
)
def test_headline(text: str, sections: tuple[Section, ...], line: str) -> None:
    """The first line that says something of its own, wherever it stands."""
    assert headline(Notification(text=text, sections=sections, posted_at=NOW)) == line


@pytest.mark.parametrize(
    ("line", "meaningful"),
    [
        ("Disk", True),
        ("new ALERT!", False),
        ("https://a.example/disk", False),
        ("@robin", False),
        ("🚨🚨", False),
        ("42", False),
    ],
)
def test_meaning(line: str, meaningful: bool) -> None:
    """States, mentions, urls, emoji and bare figures name nothing."""
    assert is_meaningful(line) is meaningful


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("CPU 97.5% on web-1", "cpu on web-1"),
        ("CPU > 90 % for 5m", "cpu"),
        ("queue of 12,034 messages", "queue of messages"),
        ("checkout-5xx at 2026-11-22T07:00:00Z", "checkout-5xx"),
        ("HTTP 503 from checkout", "from checkout http 503"),
        ("order 8f3c2aa91b failed (3 of 5)", "order"),
        ("Backup #17 took 31 minutes", "backup took"),
        ("v1.42.0 of cart", "v1.42.0 of cart"),
        ("97%", "97%"),
    ],
)
def test_stable(text: str, kept: str) -> None:
    """Values, times, counts, ids and states go; figures inside of names and status codes stay."""
    assert stable(text) == kept


@given(text=st.text(max_size=300))
def test_names_of_any_text(text: str) -> None:
    """Any text has a bounded name, and a stable form that does not change when taken again."""
    assert len(name_of(text)) <= max(MAX_NAME, len(text.strip()))
    once = stable(text)
    assert isinstance(once, str)
    assert bool(once) is bool(text.strip())
