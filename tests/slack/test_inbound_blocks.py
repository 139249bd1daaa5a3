"""Block Kit, flattened."""

from __future__ import annotations

from typing import Any

import pytest

from bot.alarms.notification import Link
from bot.slack.inbound_blocks import Flat, flatten
from bot.slack.inbound_text import Scan


def flat(*blocks: dict[str, Any]) -> Flat:
    return flatten(list(blocks), Scan())


def text(value: str, kind: str = "mrkdwn") -> dict[str, str]:
    return {"type": kind, "text": value}


def rich(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": list(elements)}


def test_the_first_header_is_the_title() -> None:
    """A leading header is the title, a later one a line."""
    result = flat(
        {"type": "header", "text": text("Disk full", "plain_text")},
        {"type": "divider"},
        {"type": "header", "text": text("Details", "plain_text")},
    )
    assert (result.title, result.lines) == ("Disk full", ["Details"])


@pytest.mark.parametrize(
    ("shown", "fields", "lines"),
    [
        ("*Host:* db-1", {"Host": "db-1"}, []),
        ("*Host*\ndb-1", {"Host": "db-1"}, []),
        ("*Host:*\n`db-1`", {"Host": "`db-1`"}, []),
        ("Host: db-1", {"Host": "db-1"}, []),
        ("no pair here", {}, ["no pair here"]),
        ("https://a.example/x", {}, ["https://a.example/x"]),
    ],
)
def test_section_fields(shown: str, fields: dict[str, str], lines: list[str]) -> None:
    """A field of a section is a name and a value in one text; otherwise it is a line."""
    result = flat({"type": "section", "text": text("x"), "fields": [text(shown)]})
    assert (result.fields, result.lines) == (fields, ["x", *lines])


def test_buttons_are_links_and_not_words() -> None:
    """A button's url is kept under its text; `Resolve` without a url is no part of what is said."""
    result = flat(
        {
            "type": "section",
            "text": text("x"),
            "accessory": {"type": "button", "text": text("Graph"), "url": "https://g.example"},
        },
        {
            "type": "actions",
            "elements": [
                {"type": "button", "text": text("Resolve"), "value": "1"},
                {"type": "button", "text": text("Runbook"), "url": "https://r.example"},
                {"type": "overflow", "options": [{"text": text("Close")}]},
            ],
        },
    )
    assert result.lines == ["x"]
    assert result.scan.links == (
        Link(label="Graph", url="https://g.example"),
        Link(label="Runbook", url="https://r.example"),
    )


def test_context_and_images() -> None:
    """Context texts, image titles and descriptions are lines."""
    result = flat(
        {
            "type": "context",
            "elements": [text("since 5m"), {"type": "image", "alt_text": "red dot"}],
        },
        {"type": "image", "title": text("CPU", "plain_text"), "alt_text": "a graph going up"},
    )
    assert result.lines == ["since 5m", "red dot", "CPU", "a graph going up"]


def test_rich_text_of_all_kinds() -> None:
    """Sections, lists, quotes and code, with links, emoji, dates and mentions inside."""
    section = {
        "type": "rich_text_section",
        "elements": [
            {"type": "emoji", "name": "fire"},
            {"type": "text", "text": " Disk ", "style": {"bold": True}},
            {"type": "link", "url": "https://a.example", "text": "db-1"},
            {"type": "text", "text": " "},
            {"type": "link", "url": "https://b.example"},
            {"type": "user", "user_id": "U1"},
            {"type": "usergroup", "usergroup_id": "S1"},
            {"type": "channel", "channel_id": "C1"},
            {"type": "broadcast", "range": "here"},
            {"type": "date", "timestamp": 1795330800, "format": "{date}", "fallback": "x"},
            {"type": "color", "value": "#ff0000"},
        ],
    }
    bullets = {
        "type": "rich_text_list",
        "style": "ordered",
        "indent": 1,
        "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "one"}]},
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "two"}]},
        ],
    }
    quote = {"type": "rich_text_quote", "elements": [{"type": "text", "text": "said"}]}
    code = {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "a\nb"}]}
    (line,) = flat(rich(section, bullets, quote, code)).lines
    assert line.splitlines() == [
        "🔥 Disk db-1 https://b.example@U1@S1#C1@here2026-11-22 07:00:00 UTC#ff0000",
        "  1. one",
        "  2. two",
        "said",
        "a",
        "b",
    ]


def test_tables() -> None:
    """A row is one line, whatever kind of cell it has."""
    rows = [
        [text("pod", "raw_text"), text("restarts", "raw_text")],
        [
            rich({"type": "rich_text_section", "elements": [{"type": "text", "text": "web-1"}]}),
            {"type": "raw_number", "value": 4},
        ],
    ]
    assert flat({"type": "table", "rows": rows}).lines == ["pod | restarts", "web-1 | 4"]


def test_plans_and_task_cards() -> None:
    """Titles, details, output and sources of tasks are read."""
    details = rich({"type": "rich_text_section", "elements": [{"type": "text", "text": "slow"}]})
    task = {
        "task_id": "1",
        "title": "Look",
        "details": details,
        "sources": [{"type": "url", "url": "https://s.example", "text": "src"}],
    }
    result = flat(
        {"type": "plan", "title": "Plan", "tasks": [task]}, {"type": "task_card", "title": "Alone"}
    )
    assert result.lines == ["Plan", "Look", "slow", "Alone"]
    assert result.scan.links == (Link(label="src", url="https://s.example"),)


def test_markdown_blocks() -> None:
    """A markdown block is text with its links resolved."""
    result = flat({"type": "markdown", "text": "**down** [here](https://a.example)"})
    assert result.lines == ["**down** here"]


def test_an_unknown_block_is_searched_for_text() -> None:
    """A kind of block from the future still speaks through its usual parts."""
    block = {
        "type": "hologram",
        "title": text("Disk", "plain_text"),
        "elements": [{"type": "section", "text": text("full")}, text("since 5m", "plain_text")],
    }
    assert flat(block).lines == ["Disk", "full", "since 5m"]


@pytest.mark.parametrize("blocks", [None, "x", 3, {}, [None, 3, "x", []], [{}], [{"type": 7}]])
def test_no_blocks(blocks: object) -> None:
    """What is no list of blocks says nothing."""
    result = flatten(blocks, Scan())
    assert (result.title, result.lines, result.fields) == ("", [], {})
