"""Packing into messages, and cutting long texts without losing any of it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.message import MAX_BLOCKS, MAX_BYTES, notification, pack, pieces, weight


def block(text: str) -> dict[str, object]:
    """A block of some weight."""
    return {"type": "section", "text": {"type": "plain_text", "text": text}}


@given(st.text(), st.integers(min_value=4, max_value=100))
def test_pieces_joined_are_the_text(text: str, limit: int) -> None:
    """Nothing lost, nothing too long."""
    text = text.encode(errors="ignore").decode()
    found = pieces(text, limit)
    assert "".join(found) == text
    assert all(0 < len(piece.encode()) <= limit for piece in found)


def test_a_diff_is_cut_before_a_hunk() -> None:
    """A reader gets whole hunks where that is possible, else whole lines."""
    hunk = "@@ -1 +1 @@\n-a\n+b\n"
    assert pieces("--- a\n+++ b\n" + hunk * 3, 60) == ["--- a\n+++ b\n" + hunk * 2, hunk]
    assert pieces("line one\nline two\n", 12) == ["line one\n", "line two\n"]


@settings(deadline=None)
@given(st.lists(st.integers(1, 9_000), max_size=120))
def test_packing_keeps_order_and_limits(sizes: list[int]) -> None:
    """Every block once, in order, in as many messages as it takes; the ending stays together at the end."""
    blocks = [block("x" * size) for size in sizes]
    ending = [block("footer"), block("buttons")]
    messages = pack("text", blocks, ending)
    assert [each for message in messages for each in message.blocks] == [*blocks, *ending]
    assert messages[-1].blocks[-2:] == ending
    for message in messages:
        assert len(message.blocks) <= MAX_BLOCKS
        assert weight(message.blocks) <= MAX_BYTES
    assert messages[0].text == "text"
    assert all("of" in message.text for message in messages[1:])


def test_notification_counts_bytes_after_escaping() -> None:
    """Slack's limit is on what is sent."""
    assert len(notification("&é" * 3_000).encode()) <= 3_900
    assert notification("<!here>") == "&lt;!here&gt;"
