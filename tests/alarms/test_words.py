"""The shared vocabulary: states, severities and colours."""

from __future__ import annotations

import pytest

from bot.alarms.words import (
    lead_state,
    read_severity,
    read_state,
    severity_of,
    state_of_color,
    state_of_emoji,
    state_of_status,
)


@pytest.mark.parametrize(
    ("color", "state"),
    [
        *[
            (color, "firing")
            for color in ("danger", "a30200", "#D63232", "F23535", "#F4511E", "d13212")
        ],
        *[(color, "firing") for color in ("warning", "daa038", "ff0000", "#FF9900", "e01e5a")],
        *[
            (color, "resolved")
            for color in ("good", "2eb886", "#36a64f", "36A64F", "11a600", "43A047")
        ],
        *[
            (color, None)
            for color in ("", "439FE0", "a6a6a6", "ffffff", "000000", "nonsense", "#12")
        ],
    ],
)
def test_colours(color: str, state: str | None) -> None:
    """Reds to yellows fire, greens resolve, by name or hexadecimal; blues and greys say nothing."""
    assert state_of_color(color) == state


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("ALARM", "firing"),
        ("`OK`", "resolved"),
        ("Resolved", "resolved"),
        ("auto-resolved by timeout", "resolved"),
        ("ACTIVATED", "firing"),
        ("🟢 passing", "resolved"),
        ("CLOSED", "resolved"),
        ("Acknowledged", "firing"),
        ("open", "firing"),
        ("OK → ALARM", "firing"),
        ("ALARM -> OK", "resolved"),
        ("AUSGELÖST", "firing"),
        ("已恢复", "resolved"),
        ("Resuelto", "resolved"),
        ("purple", None),
        ("", None),
    ],
)
def test_status_words(status: str, state: str | None) -> None:
    """A status field names the state by its first word, or by an emoji."""
    assert state_of_status(status) == state


@pytest.mark.parametrize(
    ("headline", "state"),
    [
        ("[FIRING:2] DiskFull", "firing"),
        ("[RESOLVED] DiskFull", "resolved"),
        ("[Alerting] Disk", "firing"),
        ("[OK] Disk", "resolved"),
        ("Recovered: CPU", "resolved"),
        ("OK - CPU", "resolved"),
        ("🚨 ALERT! CPU", "firing"),
        ("CPU on web-1 - RESOLVED", "resolved"),
        ("CPU state is OK", "resolved"),
        ("CPU (firing)", "firing"),
        ("Alerts are overrated", None),
        ("Open questions", None),
        ("CPU", None),
    ],
)
def test_marker_at_either_end(headline: str, state: str | None) -> None:
    """The state stands at the front or at the end, set off from the name."""
    assert lead_state(headline) == state


@pytest.mark.parametrize(
    "headline",
    [
        "checkout is back to normal",
        "The alert DiskFull was closed",
        "node-1 has recovered",
        "Monitor is UP: shop",
        "host db-1 is up",
        "checkout is now ok",
        "checkout is no longer failing",
        "payments back online",
    ],
)
def test_words_of_recovery(headline: str) -> None:
    """Plain words may say that it is over."""
    assert read_state(headline)[0] == "resolved"


@pytest.mark.parametrize(
    "headline",
    [
        "Error rate is up 40%",
        "Latency of the site is up 300 ms",
        "Host db-1 could not be resolved",
        "checkout has not recovered",
        "checkout isn't healthy",
        "connection closed unexpectedly",
        "database is not ok",
        "issue is not closed",
        "something odd",
        "",
    ],
)
def test_what_only_sounds_like_recovery_is_firing(headline: str) -> None:
    """A rise, a negation or an unrelated word never resolves; without any word it is firing."""
    assert read_state(headline)[0] == "firing"


def test_the_surer_evidence_wins() -> None:
    """A status beats the headline's marker, the marker beats its words and emoji, those beat the colour."""
    assert read_state("[FIRING] x", status="OK", color="danger") == ("resolved", "status 'OK'")
    assert read_state("[RESOLVED] x is failing 🔴", color="danger")[0] == "resolved"
    assert read_state("x is failing ✅", color="good")[0] == "firing"
    assert read_state("x ✅", color="danger")[0] == "resolved"
    assert read_state("x", color="good") == ("resolved", "the colour good")
    assert read_state("x") == ("firing", "nothing says that it is over")


def test_the_first_telling_emoji_counts() -> None:
    """Emoji that say nothing are passed over."""
    assert state_of_emoji("📈 ✅ 🔴") == "resolved"
    assert state_of_emoji("⚠️ slow") == "firing"
    assert state_of_emoji("🎉") is None


@pytest.mark.parametrize(
    ("word", "severity"),
    [
        ("critical", "critical"),
        ("P1 - Highest", "critical"),
        ("SEV-2", "critical"),
        ("sev3", "warning"),
        ("Warning", "warning"),
        ("p5", "info"),
        ("informational", "info"),
        ("gold", "unknown"),
        ("", "unknown"),
    ],
)
def test_severities(word: str, severity: str) -> None:
    """Words and codes of the common tools fall into three classes, or none."""
    assert severity_of(word) == severity


@pytest.mark.parametrize(
    ("labels", "headline", "color", "severity"),
    [
        ({"severity": "page"}, "[P4] x", "", "critical"),
        ({"severity": "gold", "priority": "P3"}, "", "", "warning"),
        ({}, "[P2] High CPU", "", "critical"),
        ({}, "WARNING: disk", "", "warning"),
        ({}, "a critically low disk", "", "unknown"),
        ({}, "x", "daa038", "warning"),
        ({}, "x", "a30200", "unknown"),
    ],
)
def test_severity_of_a_post(
    labels: dict[str, str], headline: str, color: str, severity: str
) -> None:
    """A label first, then a mark in the headline, then a warning colour; red alone says nothing of the severity."""
    assert read_severity(labels, headline, color)[0] == severity
