"""Block Kit payloads are refused for the reasons Slack refuses them, and completed with ids otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.simulators.slack.blockkit.rules import (
    check_blocks,
    check_view,
    require_message_blocks,
    require_view,
    with_ids,
)
from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.ids import Ids

Block = dict[str, Any]


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def _button(**more: Any) -> Block:
    return {"type": "button", "text": _plain("Go"), **more}


def _menu(label: Block, **more: Any) -> Block:
    return {"type": "static_select", "options": [{"text": label, "value": "v"}], **more}


def _card(**more: Any) -> Block:
    return {
        "type": "task_card",
        "task_id": "t1",
        "title": "Read logs",
        "status": "complete",
        **more,
    }


def _rich(text: str) -> Block:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def _table(rows: int, columns: int = 1, text: str = "x") -> Block:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows}


def _chart(**more: Any) -> Block:
    points = [{"label": "10:00", "value": 1}, {"label": "10:05", "value": 2.5}]
    chart = {
        "type": "line",
        "series": [{"name": "p95", "data": points}],
        "axis_config": {"categories": ["10:00", "10:05"], "y_label": "seconds"},
        **more,
    }
    return {"type": "data_visualization", "title": "Latency", "chart": chart}


SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*hi*"}}

GOOD: list[tuple[str, Block]] = [
    ("section", SECTION),
    ("fields", {"type": "section", "fields": [_plain("a")] * 10}),
    ("accessory", {**SECTION, "accessory": _button(action_id="a", style="danger")}),
    ("header", {"type": "header", "text": _plain("x" * 150)}),
    ("divider", {"type": "divider"}),
    ("image", {"type": "image", "image_url": "https://example.com/a.png", "alt_text": "a"}),
    ("context", {"type": "context", "elements": [{"type": "mrkdwn", "text": "footer"}]}),
    ("actions", {"type": "actions", "elements": [_button(value="v" * 2000)] * 25}),
    ("markdown", {"type": "markdown", "text": "# Title"}),
    ("rich_text", _rich("hello")),
    ("table", _table(100, 5)),
    ("plan", {"type": "plan", "title": "Investigating", "tasks": [_card(details=_rich("d"))] * 50}),
    (
        "task_card",
        _card(output=_rich("o"), sources=[{"type": "url", "url": "https://e.com", "text": "e"}]),
    ),
    ("chart", _chart()),
    ("container", {"type": "container", "title": _plain("Details"), "child_blocks": [SECTION]}),
    ("card", {"type": "card", "title": _plain("Card"), "actions": [_button()]}),
    ("carousel", {"type": "carousel", "elements": [{"type": "card", "title": _plain("Card")}]}),
]

BAD: list[tuple[str, Block, str]] = [
    ("unknown", {"type": "sparkline"}, "unsupported type: sparkline [json-pointer:/blocks/0/type]"),
    (
        "empty-section",
        {"type": "section"},
        "missing required field: text or fields [json-pointer:/blocks/0]",
    ),
    (
        "long-section",
        {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}},
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    (
        "long-header",
        {"type": "header", "text": _plain("x" * 151)},
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    (
        "header-mrkdwn",
        {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
        "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ),
    (
        "many-actions",
        {"type": "actions", "elements": [_button()] * 26},
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        "button-text",
        {"type": "actions", "elements": [_button(text=_plain("x" * 76))]},
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (
        "feedback-in-actions",
        {"type": "actions", "elements": [{"type": "feedback_buttons"}]},
        "unsupported type: feedback_buttons [json-pointer:/blocks/0/elements/0/type]",
    ),
    (
        "input",
        {"type": "input", "label": _plain("l")},
        "unsupported type: input [json-pointer:/blocks/0/type]",
    ),
    (
        "alert",
        {"type": "alert", "text": _plain("l")},
        "unsupported type: alert [json-pointer:/blocks/0/type]",
    ),
    (
        "status",
        _card(status="completed"),
        "must be a valid enum value [json-pointer:/blocks/0/status]",
    ),
    (
        "extra",
        {**SECTION, "colour": "red"},
        "invalid additional property: colour [json-pointer:/blocks/0]",
    ),
    ("rows", _table(101), "no more than 100 items allowed [json-pointer:/blocks/0/rows]"),
    ("cells", _table(1, 21), "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]"),
    (
        "empty-cell",
        _table(1, 1, ""),
        "must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]",
    ),
    (
        "table-size",
        _table(100, 2, "x" * 60),
        "no more than 10000 characters allowed [json-pointer:/blocks/0]",
    ),
    (
        "chart-labels",
        _chart(axis_config={"categories": ["11:00", "11:05"]}),
        "labels must match axis_config.categories [json-pointer:/blocks/0/chart/series/0/data]",
    ),
    (
        "block-id",
        {"type": "divider", "block_id": "x" * 256},
        "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
    ),
    (
        "markdown",
        {"type": "markdown", "text": "x" * 12_001},
        "must be less than 12001 characters [json-pointer:/blocks/0/text]",
    ),
    (
        "button-url",
        {"type": "actions", "elements": [_button(url="runbook")]},
        "invalid url [json-pointer:/blocks/0/elements/0/url]",
    ),
    (
        "image-url",
        {"type": "image", "image_url": "ftp://example.com/a.png", "alt_text": "a"},
        "invalid url [json-pointer:/blocks/0/image_url]",
    ),
    (
        "menu-mrkdwn",
        {"type": "actions", "elements": [_menu({"type": "mrkdwn", "text": "*a*"})]},
        "unsupported type: mrkdwn [json-pointer:/blocks/0/elements/0/options/0/text/type]",
    ),
    (
        "menu-initial",
        {
            "type": "actions",
            "elements": [
                _menu(_plain("a"), initial_option={"text": _plain("b"), "value": "v"}),
            ],
        },
        "initial_option must be among the options [json-pointer:/blocks/0/elements/0/initial_option]",
    ),
    (
        "date",
        {"type": "actions", "elements": [{"type": "datepicker", "initial_date": "2026-13-01"}]},
        "invalid date [json-pointer:/blocks/0/elements/0/initial_date]",
    ),
    (
        "ids-in-container",
        {
            "type": "container",
            "title": _plain("Details"),
            "child_blocks": [{"type": "divider", "block_id": "d"}] * 2,
        },
        "`block_id` d already exists [json-pointer:/blocks/0/child_blocks/1/block_id]",
    ),
    (
        "plan-in-container",
        {
            "type": "container",
            "title": _plain("Details"),
            "child_blocks": [{"type": "plan", "title": "p", "tasks": []}, _card()],
        },
        "plan and task_card blocks cannot be used together [json-pointer:/blocks]",
    ),
]


@pytest.mark.parametrize("block", [item[1] for item in GOOD], ids=[item[0] for item in GOOD])
def test_good_blocks_are_accepted(block: Block) -> None:
    """A block at its limits has no problem."""
    assert check_blocks([block]) == []


@pytest.mark.parametrize(
    ("block", "message"), [item[1:] for item in BAD], ids=[item[0] for item in BAD]
)
def test_bad_blocks_are_named_with_a_pointer(block: Block, message: str) -> None:
    """The refusal says what is wrong and where."""
    with pytest.raises(SlackError) as caught:
        require_message_blocks([block])
    assert caught.value.code == "invalid_blocks"
    assert message in caught.value.details["errors"]
    assert f"[ERROR] {message}" in caught.value.details["response_metadata"]["messages"]


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        pytest.param([{"type": "divider"}] * 51, "invalid_blocks", id="51-blocks"),
        pytest.param([_table(1), _table(1)], "invalid_attachments", id="two-tables"),
        pytest.param(
            [{"type": "plan", "title": "p"}, _card()], "invalid_blocks", id="plan-and-card"
        ),
        pytest.param([_chart()] * 3, "invalid_blocks", id="three-charts"),
        pytest.param(
            [{"type": "markdown", "text": "x" * 7000}] * 2, "invalid_blocks", id="markdown"
        ),
        pytest.param(
            [{"type": "section", "text": _plain("x" * 2700)}] * 5, "msg_blocks_too_long", id="long"
        ),
        pytest.param(
            [{"type": "divider", "block_id": "a"}] * 2, "invalid_blocks", id="same-block-id"
        ),
        pytest.param(
            [{"type": "actions", "elements": [_button(action_id="a")] * 2}],
            "invalid_blocks",
            id="same-action-id",
        ),
    ],
)
def test_rules_over_the_whole_message(blocks: list[Block], code: str) -> None:
    """Some limits only show when the blocks are seen together."""
    with pytest.raises(SlackError) as caught:
        require_message_blocks(blocks)
    assert caught.value.code == code


def test_slack_file_has_to_be_usable() -> None:
    """An image of a file that is not there yet is refused at its pointer."""
    image = {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "plot"}
    assert check_blocks([image], usable_file=lambda _: True) == []
    (problem,) = check_blocks([image], usable_file=lambda _: False)
    assert str(problem) == "invalid slack file [json-pointer:/blocks/0/slack_file]"


def test_views_have_their_own_surfaces_and_limits() -> None:
    """A modal takes input and alert but no plan; its title has 24 characters and input needs Submit."""
    field = {"type": "input", "label": _plain("l"), "element": {"type": "plain_text_input"}}
    modal = {"type": "modal", "title": _plain("Why?"), "submit": _plain("Send"), "blocks": [field]}
    assert check_view(modal) == []
    assert check_view({**modal, "blocks": [field, {"type": "alert", "text": _plain("x")}]}) == []
    assert [str(item) for item in check_view({**modal, "submit": None})] == [
        "missing required field: submit [json-pointer:/view]"
    ]
    assert check_view({**modal, "title": _plain("x" * 25)})
    assert check_view({**modal, "blocks": [{"type": "plan", "title": "p"}]})
    assert check_view({"type": "home", "blocks": [{"type": "alert", "text": _plain("x")}]})
    assert check_view({"type": "popup", "blocks": []})


def test_a_view_over_250_kilobytes_is_too_large() -> None:
    """The size of the whole view counts, not only its texts."""
    options = [{"text": _plain(str(n)), "value": "v" * 150} for n in range(100)]
    select = {"type": "static_select", "options": options}
    blocks = [{"type": "actions", "elements": [select] * 10}] * 2
    with pytest.raises(SlackError, match="view_too_large"):
        require_view({"type": "home", "blocks": blocks})


def test_missing_ids_are_generated_and_given_ones_kept() -> None:
    """Every block gets a block_id and every element an action_id; the input is not touched."""
    blocks = [
        {"type": "actions", "block_id": "mine", "elements": [_button(), _button(action_id="b")]}
    ]
    (completed,) = with_ids(blocks, Ids())
    assert completed["block_id"] == "mine"
    assert completed["elements"][0]["action_id"]
    assert completed["elements"][1]["action_id"] == "b"
    assert "action_id" not in blocks[0]["elements"][0]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "text", "elements", "title", "tasks", "rows", "blocks", "status"]
            )
            | st.text(max_size=4),
            inner | st.sampled_from(["section", "plan", "table", "actions", "button", "mrkdwn"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_JSON)
def test_any_json_is_judged_without_falling_over(payload: Any) -> None:
    """Whatever is sent as blocks or as a view, the answer is a list of problems."""
    assert isinstance(check_blocks(payload), list)
    assert isinstance(check_view(payload), list)
    assert isinstance(check_blocks([payload]), list)
