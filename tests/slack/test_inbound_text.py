"""Slack's markup as a person reads it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alarms.notification import Link
from bot.slack.inbound_text import Scan, emoji, scrub, time_of, unescape


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a &lt; b &amp;&amp; c &gt; d", "a < b && c > d"),
        ("&amp;lt;", "&lt;"),
        ("<https://a.example|label>", "label"),
        ("*<https://a.example|Alarm | name | eu-west-1>*", "*Alarm | name | eu-west-1*"),
        ("<https://a.example|>", "https://a.example"),
        ("<https://a.example?a=1&amp;b=2>", "https://a.example?a=1&b=2"),
        ("<mailto:ops@acme.example|ops@acme.example>", "ops@acme.example"),
        ("<tel:123>", "123"),
        ("<@U012AB3CD> and <@U1|robin>", "@U012AB3CD and @robin"),
        ("<#C012AB|incidents> <#C9>", "#incidents #C9"),
        ("<!here> <!channel> <!everyone>", "@here @channel @everyone"),
        ("<!subteam^S1|@oncall> <!subteam^S2>", "@oncall @S2"),
        ("<!date^1795330800^{date_num} {time}|Nov 22>", "2026-11-22 07:00:00 UTC"),
        ("<!date^1795330800^{date}^https://a.example|x>", "2026-11-22 07:00:00 UTC"),
        ("<!date^1795330800^Started {ago}|x>", "Started 2026-11-22 07:00:00 UTC"),
        ("<!date^x^y|fallback>", "fallback"),
        (":rotating_light: :fire: :acme-logo:", "🚨 🔥 :acme-logo:"),
        ("at 07:05:00 :+1:", "at 07:05:00 :+1:"),
        ("a < b > c", "a < b > c"),
        ("<script>", "<script>"),
        ("<<https://a.example|x>>", "<x>"),
        ("tab\tbell\x07null\x00end\r\nnext", "tab\tbellnullend\nnext"),
    ],
)
def test_mrkdwn(raw: str, shown: str) -> None:
    """Escapes, links, mentions, dates and emoji become what is seen; the rest stays."""
    assert Scan().mrkdwn(raw) == shown


def test_links_are_kept_once_and_only_of_the_web() -> None:
    """Each pair of label and url is kept once; other schemes are text."""
    scan = Scan()
    scan.mrkdwn(
        "<https://a.example|x> <https://a.example|x> <https://a.example|y> <slack://open|z>"
    )
    scan.link("script", "javascript:alert(1)")
    assert scan.links == (
        Link(label="x", url="https://a.example"),
        Link(label="y", url="https://a.example"),
    )


def test_bare_urls_are_links_under_the_name_before_them() -> None:
    """Webhooks post urls unmarked; what ends the sentence is no part of them."""
    scan = Scan()
    said = scan.mrkdwn(
        "see (https://a.example/x). Runbook: https://b.example/r?a=1&amp;b=2\nPanel = <https://c.example>"
    )
    assert said.endswith("https://b.example/r?a=1&b=2\nPanel = https://c.example")
    assert scan.links == (
        Link(label="https://a.example/x", url="https://a.example/x"),
        Link(label="Runbook", url="https://b.example/r?a=1&b=2"),
        Link(label="Panel", url="https://c.example"),
    )


def test_markdown_links() -> None:
    """A `markdown` block has standard links and images; emphasis stays as it is."""
    scan = Scan()
    assert (
        scan.markdown("**bad** [graph](https://g.example/a) ![x](https://i.example)")
        == "**bad** graph x"
    )
    assert [link.url for link in scan.links] == ["https://g.example/a", "https://i.example"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "a"),
        (3, "3"),
        (1.5, "1.5"),
        (True, ""),
        (None, ""),
        ([], ""),
        ({}, ""),
    ],
)
def test_scrub_takes_any_value(value: object, text: str) -> None:
    """Strings and numbers are text, all else is nothing."""
    assert scrub(value) == text


def test_scrub_leaves_out_endless_numbers() -> None:
    """A number of thousands of digits, which Python refuses to print, is nothing."""
    assert scrub(10**5000) == ""


@given(text=st.text(alphabet=st.characters(exclude_categories=())))
def test_scrubbed_text_can_be_encoded(text: str) -> None:
    """Lone surrogates, as JSON can carry them, do not survive."""
    assert scrub(text).encode("utf-8").decode() == scrub(text)


@given(text=st.text())
def test_unescape_undoes_slack_s_escaping(text: str) -> None:
    """Text escaped as Slack prescribes comes back as it was."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert unescape(escaped) == text


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("1795330800.000000", datetime(2026, 11, 22, 7, tzinfo=UTC)),
        (1795330800, datetime(2026, 11, 22, 7, tzinfo=UTC)),
        ("x", None),
        (None, None),
        (True, None),
        ("inf", None),
        ("1e18", None),
    ],
)
def test_times(value: object, moment: datetime | None) -> None:
    """Slack's `ts` and Unix times, as text or number."""
    assert time_of(value) == moment


@pytest.mark.parametrize(
    ("name", "points", "shown"),
    [
        ("rotating_light", "", "🚨"),
        ("acme", "", ":acme:"),
        ("tada", "1f389", "🎉"),
        ("flag-de", "1f1e9-1f1ea", "🇩🇪"),
        ("acme", "zzz", ":acme:"),
        ("acme", "ffffffff", ":acme:"),
    ],
)
def test_emoji_elements(name: str, points: str, shown: str) -> None:
    """Known names first, then the code points Slack sends, else the shortcode."""
    assert emoji(name, points) == shown
