"""Messages of every shape become readable text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tocsin_mcp.slack.messages import as_text, is_noise, people, sent_at
from tocsin_mcp.slack.mrkdwn import readable

NOW = datetime(2026, 11, 18, 14, 30, tzinfo=UTC)


def body(message: dict[str, Any], **names: str) -> list[str]:
    text = as_text({"ts": "1795012200.000000", **message}, names, NOW)
    return [line.removeprefix("    ") for line in text.splitlines()[1:]]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("<https://x.example/a|the graph>", "the graph (https://x.example/a)"),
        ("<https://x.example>", "https://x.example"),
        ("<mailto:a@x.example|a@x.example>", "a@x.example"),
        ("<@U0123> and <@U0999|bob> and <@U0888>", "@Ada and @bob and @U0888"),
        ("<#C0123|deploys> <#C0456>", "#deploys #C0456"),
        ("<!here> <!subteam^S1|@sre> <!subteam^S2>", "@here @sre @S2"),
        ("<!date^1795012200^{date}|18 November>", "18 November"),
    ],
)
def test_markup_is_undone(raw: str, shown: str) -> None:
    """Links, mentions and entities read as Slack shows them; entities are undone once."""
    assert readable(raw, {"U0123": "Ada"}) == shown


def test_blocks_are_read_when_there_is_no_text() -> None:
    """Sections, fields, contexts and rich text, in order."""
    blocks = [
        {"type": "header", "text": {"type": "plain_text", "text": "Deploy"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "*Service* frontend"}]},
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "text", "text": "by "},
                        {"type": "user", "user_id": "U0123"},
                        {"type": "text", "text": " see "},
                        {"type": "link", "url": "https://x.example", "text": "run"},
                    ],
                }
            ],
        },
    ]
    assert body({"text": "", "blocks": blocks, "user": "U0123"}, U0123="Ada") == [
        "Deploy",
        "*Service* frontend",
        "by @Ada see run (https://x.example)",
    ]


def test_text_stands_for_its_blocks() -> None:
    """When a message has a text, its blocks say the same and are not repeated."""
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "same"}}]
    assert body({"text": "same", "blocks": blocks, "user": "U1"}) == ["same"]


def test_fallback_is_the_last_resort_of_an_attachment() -> None:
    """An attachment with nothing else shows its fallback; one with more does not."""
    assert body({"attachments": [{"fallback": "CloudWatch Alarm | x"}]}) == ["CloudWatch Alarm | x"]
    shown = body({"attachments": [{"fallback": "f", "text": "t", "footer": "CloudWatch"}]})
    assert shown == ["t", "CloudWatch"]


def test_sender_and_marks() -> None:
    """Apps are marked as such, edits and threads are said, files are named."""
    message = {
        "ts": "1795012200.000100",
        "bot_id": "B1",
        "bot_profile": {"name": "Amazon Q\nDeveloper"},
        "text": "x",
        "edited": {"ts": "1"},
        "reply_count": 2,
        "files": [{"name": "graph.png"}],
    }
    assert as_text(message, {}, NOW).splitlines() == [
        "2026-11-18T14:30:00Z (0s ago)  Amazon Q Developer (app) (edited) [replies in its thread: 2]",
        "    x",
        "    [file: graph.png]",
    ]
    assert people(message) == set()


def test_comings_and_goings_are_noise() -> None:
    """Joins and leaves say nothing about an incident."""
    assert is_noise({"subtype": "channel_join"})
    assert not is_noise({"subtype": "bot_message"})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "text",
                    "elements",
                    "fields",
                    "blocks",
                    "attachments",
                    "files",
                    "title",
                    "ts",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(
    st.dictionaries(st.sampled_from(["text", "blocks", "attachments", "files", "ts", "user"]), JSON)
)
def test_any_json_gives_text(message: dict[str, Any]) -> None:
    """Whatever a sender puts where, a message becomes text without control characters."""
    shown = as_text(message, {}, NOW)
    assert "\x1b" not in shown
    assert sent_at(message).tzinfo is UTC
    assert isinstance(people(message), set)


def test_deep_blocks_end() -> None:
    """Blocks nested without end are read to a depth only."""
    block: dict[str, Any] = {"type": "text", "text": "deep"}
    for _ in range(900):
        block = {"type": "rich_text_section", "elements": [block]}
    assert body({"text": "", "blocks": [block], "user": "U1"}) == ["(no text)"]
