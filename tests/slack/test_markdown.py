"""Untrusted text made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.markdown import (
    clean,
    escaped,
    inline,
    link,
    one_line,
    prose,
    rich,
    shorten,
    shorten_bytes,
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("see https://evil.example/a?b=c#d", "see hxxps://evil[.]example/a?…"),
        ("http://user:pw@evil.example/", "hxxp://evil[.]example/"),
        ("HTTPS://EVIL.EXAMPLE/x", "hxxps://EVIL[.]EXAMPLE/x"),
        ("ftp://files.example/x", "ftp[:]://files[.]example/x"),
        ("http://8.8.8.8/x", "hxxp://8[.]8[.]8[.]8/x"),
        ("http://134744072/?x", "hxxp://134744072/?…"),
        ("http://0x08080808/", "hxxp://0x08080808/"),
        ("http://[2001:4860:4860::8888]/x", "hxxp://[2001:4860:4860::8888]/x"),
        ("http://10.1.2.3:8080/healthz", "http://10.1.2.3:8080/healthz"),
        ("redis://redis-cart:6379", "redis://redis-cart:6379"),
        ("http://cart.shop.svc:7070/x", "http://cart.shop.svc:7070/x"),
        ("http://cart.shop.svc.cluster.local/", "http://cart.shop.svc.cluster.local/"),
        ("hxxps://evil[.]example/x", "hxxps://evil[.]example/x"),
    ],
)
def test_urls_outside_are_defanged(text: str, said: str) -> None:
    """A link can carry data away with one click; names that only resolve inside cannot."""
    assert prose(text) == said


def test_broadcasts_are_broken_up() -> None:
    """`@here` in a text must not look like a call to everybody."""
    assert prose("@here and @channel") == "@\u2060here and @\u2060channel"
    assert prose("@hereafter") == "@hereafter"


def test_mrkdwn_is_escaped() -> None:
    """The three characters that open mentions and links."""
    assert escaped("<!channel> & <@U1>") == "&lt;!channel&gt; &amp; &lt;@U1&gt;"


def test_invisible_characters_go() -> None:
    """Nothing hidden, reordered or unencodable is left; line ends are one kind."""
    assert clean("a\u202eb\u0000c\u200bd\ud800e\U000e0041f\r\ng\th") == "abcdef\ng\th"


@given(st.text())
def test_prose_is_stable_and_encodable(text: str) -> None:
    """Cleaning twice is cleaning once, and the result can be sent."""
    once = prose(text)
    assert prose(once) == once
    once.encode()


@given(st.text(), st.integers(min_value=4, max_value=50))
def test_shortening_keeps_the_limit(text: str, limit: int) -> None:
    """In characters and in bytes; a short text is left alone."""
    assert len(shorten(text, limit)) <= limit
    cleaned = clean(text)
    assert len(shorten_bytes(cleaned, limit).encode()) <= limit
    if len(text) <= limit:
        assert shorten(text, limit) == text


def test_markdown_of_models_is_understood() -> None:
    """Code, bold, bullets and fences get a style; everything else stays literal."""
    assert inline("use `kubectl` **now** _x_") == [
        {"type": "text", "text": "use "},
        {"type": "text", "text": "kubectl", "style": {"code": True}},
        {"type": "text", "text": " "},
        {"type": "text", "text": "now", "style": {"bold": True}},
        {"type": "text", "text": " _x_"},
    ]
    kinds = [element["type"] for element in rich("Before\n```sh\nls -l\n```\n- one\n- two")]
    assert kinds == ["rich_text_section", "rich_text_preformatted", "rich_text_section"]
    assert "• one\n• two" in str(rich("- one\n- two")[0]["elements"][0]["text"])


def test_only_web_addresses_become_links() -> None:
    """Anything else is shown as text."""
    assert link("https://a.example/x", "here")["type"] == "link"
    assert link("javascript:alert(1)", "here") == {"type": "text", "text": "here"}
    assert link("https://a.example/" + "x" * 3000, "here")["type"] == "text"


def test_titles_are_one_line() -> None:
    """For plain_text fields."""
    assert one_line("a\n b\t c", 20) == "a b c"
    assert one_line("x" * 30, 10) == "xxxxxxxxx…"
