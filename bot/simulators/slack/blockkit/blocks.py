"""Every block type, its fields and limits, and the surfaces it may stand on."""

from __future__ import annotations

from typing import Any

from bot.simulators.slack.blockkit.charts import DATA_VISUALIZATION
from bot.simulators.slack.blockkit.elements import (
    ACCESSORY,
    CARD_ACTION,
    IMAGE,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_CONTEXT_ACTIONS,
    IN_INPUT,
)
from bot.simulators.slack.blockkit.objects import URL, any_text, image_source, plain_text
from bot.simulators.slack.blockkit.rich_text import RICH_TEXT, RICH_TEXT_ENTITY
from bot.simulators.slack.blockkit.schema import (
    Check,
    Report,
    anything,
    array,
    boolean,
    both,
    enum,
    nullable,
    number,
    one_of,
    record,
    string,
    tagged,
)

_ID: dict[str, Check] = {"block_id": string(0, 255)}
MODAL_AND_HOME_ONLY = {"input"}
MODAL_ONLY = {"alert"}
MESSAGE_ONLY = {
    "markdown",
    "plan",
    "task_card",
    "table",
    "context_actions",
    "data_visualization",
    "data_table",
    "file",
}

SOURCES = array(tagged({"url": record({"url": URL, "text": string(1)}, {})}), 0, 50)
TASK_CARD = record(
    {
        "task_id": string(1, 255),
        "title": string(1),
        "status": enum("pending", "in_progress", "complete", "error"),
    },
    {
        **_ID,
        "details": RICH_TEXT_ENTITY,
        "output": RICH_TEXT_ENTITY,
        "sources": SOURCES,
    },
)
_CELL = tagged(
    {
        "raw_text": record({"text": string(1)}, {}),
        "raw_number": record({"value": number(), "text": string(1)}, {}),
        "rich_text": RICH_TEXT,
    }
)
_COLUMN = nullable(record({}, {"align": enum("left", "center", "right"), "is_wrapped": boolean}))
_CARD = both(
    record(
        {},
        {
            **_ID,
            "hero_image": tagged({"image": IMAGE}),
            "icon": tagged({"image": IMAGE}),
            "title": any_text(150),
            "subtitle": any_text(150),
            "body": any_text(200),
            "actions": array(CARD_ACTION, 1, 5),
        },
    ),
    one_of("hero_image", "title", "actions", "body"),
)


def _table_size(block: Any, pointer: str, report: Report) -> None:
    size = rendered_length({"rows": block.get("rows")})
    if size > 10_000:
        report.add(
            pointer,
            "no more than 10000 characters allowed",
            constraint={"type": "max_length", "expected": 10_000, "got": size},
        )


def _in_container(kind: str, _report: Report) -> bool:
    return kind != "container"


def _children(value: Any, pointer: str, report: Report) -> None:
    """Checked late, because a container holds blocks itself."""
    array(tagged(BLOCKS, _in_container), 1, 10)(value, pointer, report)


def _container(block: Any, pointer: str, report: Report) -> None:
    if block.get("is_collapsible") is True and block.get("has_header_divider") is True:
        report.add(pointer, "has_header_divider cannot be set when is_collapsible is true")


BLOCKS: dict[str, Check] = {
    "section": both(
        record(
            {},
            {
                **_ID,
                "text": any_text(3000),
                "fields": array(any_text(2000), 1, 10),
                "accessory": ACCESSORY,
                "expand": boolean,
            },
        ),
        one_of("text", "fields"),
    ),
    "divider": record({}, _ID),
    "header": record({"text": plain_text(150)}, {**_ID, "level": number(1, 4, whole=True)}),
    "image": image_source({}, {**_ID, "title": plain_text(2000)}),
    "actions": record({"elements": array(IN_ACTIONS, 1, 25)}, _ID),
    "context": record({"elements": array(IN_CONTEXT, 1, 10)}, _ID),
    "context_actions": record({"elements": array(IN_CONTEXT_ACTIONS, 1, 5)}, _ID),
    "input": record(
        {"label": plain_text(2000), "element": IN_INPUT},
        {**_ID, "hint": plain_text(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "markdown": record({"text": string(1, 12_000)}, _ID),
    "rich_text": RICH_TEXT,
    "table": both(
        record(
            {"rows": array(array(_CELL, 1, 20), 1, 100)},
            {**_ID, "column_settings": array(_COLUMN, 0, 20)},
        ),
        _table_size,
    ),
    "plan": record(
        {"title": string(1)}, {**_ID, "tasks": array(tagged({"task_card": TASK_CARD}), 0, 50)}
    ),
    "task_card": TASK_CARD,
    "data_visualization": DATA_VISUALIZATION,
    "data_table": anything,
    "alert": record(
        {"text": any_text(3000)},
        {**_ID, "level": enum("default", "info", "warning", "error", "success")},
    ),
    "card": _CARD,
    "carousel": record({"elements": array(tagged({"card": _CARD}), 1, 10)}, _ID),
    "container": both(
        both(
            record(
                {"child_blocks": _children},
                {
                    **_ID,
                    "title": plain_text(150),
                    "rich_text_title": RICH_TEXT_ENTITY,
                    "subtitle": any_text(150),
                    "width": enum("narrow", "standard", "wide", "full"),
                    "icon": tagged({"image": IMAGE}),
                    "is_collapsible": boolean,
                    "default_collapsed": boolean,
                    "has_header_divider": boolean,
                },
            ),
            one_of("title", "rich_text_title"),
        ),
        _container,
    ),
    "video": record(
        {
            "alt_text": string(1),
            "video_url": URL,
            "thumbnail_url": URL,
            "title": plain_text(199),
        },
        {
            **_ID,
            "title_url": URL,
            "description": plain_text(2000),
            "provider_icon_url": URL,
            "provider_name": string(1),
            "author_name": string(1, 49),
        },
    ),
    "file": record({"external_id": string(1), "source": enum("remote")}, _ID),
}


def _allowed(kind: str, report: Report) -> bool:
    if report.surface == "message":
        return kind not in MODAL_AND_HOME_ONLY | MODAL_ONLY
    return kind not in MESSAGE_ONLY and (report.surface == "modal" or kind not in MODAL_ONLY)


BLOCK = tagged(BLOCKS, _allowed)


def rendered_length(value: Any) -> int:
    """How many characters of `value` a reader sees: every `text` and `title` string inside it."""
    if isinstance(value, list):
        return sum(rendered_length(part) for part in value)
    if isinstance(value, dict):
        own = sum(
            len(part)
            for name, part in value.items()
            if name in ("text", "title") and isinstance(part, str)
        )
        return own + sum(
            rendered_length(part) for part in value.values() if isinstance(part, list | dict)
        )
    return 0
