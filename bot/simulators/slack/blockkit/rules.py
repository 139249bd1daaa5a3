"""Rules over a whole list of blocks, and the checks of complete messages and views."""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from bot.simulators.slack.blockkit.blocks import BLOCK, rendered_length
from bot.simulators.slack.blockkit.objects import plain_text
from bot.simulators.slack.blockkit.schema import (
    Problem,
    Report,
    Surface,
    array,
    boolean,
    enum,
    record,
    string,
)
from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.ids import Ids

Block = dict[str, Any]
UsableFile = Callable[[dict[str, Any]], bool]

MAX_MESSAGE_BLOCKS = 50
MAX_VIEW_BLOCKS = 100
MAX_MARKDOWN = 12_000
MAX_RENDERED = 13_200
MAX_CHARTS = 2
MAX_VIEW_BYTES = 250_000


def every_file(_reference: dict[str, Any]) -> bool:
    return True


def check_blocks(
    blocks: Any,
    *,
    surface: Surface = "message",
    pointer: str = "/blocks",
    usable_file: UsableFile = every_file,
) -> list[Problem]:
    """All problems of a list of blocks; JSON pointers start at `pointer`."""
    report = Report(surface, usable_file)
    limit = MAX_MESSAGE_BLOCKS if surface == "message" else MAX_VIEW_BLOCKS
    array(BLOCK, 0, limit)(blocks, pointer, report)
    if not report.problems:
        _check_ids(blocks, pointer, report)
        _check_together(blocks, pointer, report)
    return report.problems


def _check_ids(blocks: list[Block], pointer: str, report: Report) -> None:
    """A `block_id` counts over the whole payload, an `action_id` inside its block; containers hold blocks, too."""
    seen: set[str] = set()
    for at, block in _placed(blocks, pointer):
        block_id = block.get("block_id")
        if block_id and block_id in seen:
            report.add(f"{at}/block_id", f"`block_id` {block_id} already exists", "duplicate")
        seen.add(str(block_id or ""))
        action_ids = Counter(
            element["action_id"] for element in interactive(block) if element.get("action_id")
        )
        for action_id, count in action_ids.items():
            if count > 1:
                report.add(at, f"`action_id` {action_id} already exists", "duplicate")


def _placed(blocks: list[Block], pointer: str) -> Iterator[tuple[str, Block]]:
    """Every block with its JSON pointer, those inside containers and carousels, too."""
    for index, block in enumerate(blocks):
        at = f"{pointer}/{index}"
        yield at, block
        if name := _HOLDERS.get(str(block.get("type"))):
            yield from _placed(_objects(block.get(name)), f"{at}/{name}")


_HOLDERS = {"container": "child_blocks", "carousel": "elements"}


def _check_together(blocks: list[Block], pointer: str, report: Report) -> None:
    everywhere = list(every_block(blocks))
    kinds = Counter(str(block.get("type")) for block in everywhere)
    if kinds["plan"] and kinds["task_card"]:
        report.add(pointer, "plan and task_card blocks cannot be used together")
    if kinds["data_visualization"] > MAX_CHARTS:
        report.add(pointer, f"no more than {MAX_CHARTS} data_visualization blocks allowed")
    markdown = sum(
        len(str(block.get("text", ""))) for block in everywhere if block.get("type") == "markdown"
    )
    if markdown > MAX_MARKDOWN and kinds["markdown"] > 1:
        report.add(
            pointer, f"markdown blocks must be less than {MAX_MARKDOWN + 1} characters in all"
        )


def interactive(block: Block) -> Iterator[Block]:
    """The elements of a block that can be acted upon, in reading order."""
    yield from _objects(block.get("elements"))
    yield from _objects([block.get("accessory"), block.get("element")])
    yield from _objects(block.get("actions"))


def _objects(listed: Any) -> list[Block]:
    """The objects in a list; a monitoring app's blocks come in unchecked, and may hold anything instead."""
    return [item for item in listed if isinstance(item, dict)] if isinstance(listed, list) else []


def every_block(blocks: list[Block]) -> Iterator[Block]:
    """Blocks and the blocks inside containers and carousels."""
    return (block for _, block in _placed(blocks, ""))


def require_message_blocks(
    blocks: Any, *, pointer: str = "/blocks", usable_file: UsableFile = every_file
) -> None:
    """Raises SlackError invalid_blocks, msg_blocks_too_long, invalid_attachments (more than one table)."""
    problems = check_blocks(blocks, pointer=pointer, usable_file=usable_file)
    if problems:
        raise SlackError.with_messages(
            "invalid_blocks", [str(problem) for problem in problems], listed=True
        )
    if sum(block["type"] == "table" for block in every_block(blocks)) > 1:
        raise SlackError.with_messages("invalid_attachments", ["only_one_table_allowed"])
    if rendered_length(blocks) > MAX_RENDERED:
        raise SlackError("msg_blocks_too_long")


_VIEW_FIELDS = {
    "callback_id": string(0, 255),
    "external_id": string(0, 255),
    "private_metadata": string(0, 3000),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
    "submit_disabled": boolean,
    "blocks": array(lambda _value, _pointer, _report: None, 1, MAX_VIEW_BLOCKS),
}
_MODAL = record(
    {"title": plain_text(24), "blocks": _VIEW_FIELDS["blocks"]},
    {**_VIEW_FIELDS, "submit": plain_text(24), "close": plain_text(24)},
)
_HOME = record({"blocks": _VIEW_FIELDS["blocks"]}, _VIEW_FIELDS)


def check_view(
    view: Any, *, pointer: str = "/view", usable_file: UsableFile = every_file
) -> list[Problem]:
    """All problems of a modal or Home."""
    report = Report("modal", usable_file)
    if not isinstance(view, dict):
        report.add(pointer, "must provide an object", "invalid_type")
        return report.problems
    enum("modal", "home")(view.get("type"), f"{pointer}/type", report)
    if report.problems:
        return report.problems
    surface: Surface = view["type"]
    (_MODAL if surface == "modal" else _HOME)(view, pointer, report)
    blocks = view.get("blocks")
    if isinstance(blocks, list):
        report.problems += check_blocks(
            blocks, surface=surface, pointer=f"{pointer}/blocks", usable_file=usable_file
        )
        needs_submit = any(
            isinstance(item, dict) and item.get("type") == "input" for item in blocks
        )
        if surface == "modal" and needs_submit and not view.get("submit"):
            report.add(pointer, "missing required field: submit", "missing_field")
    return report.problems


def require_view(view: Any, usable_file: UsableFile = every_file) -> None:
    """Raises SlackError view_too_large, invalid_arguments."""
    if len(json.dumps(view).encode()) > MAX_VIEW_BYTES:
        raise SlackError("view_too_large")
    problems = check_view(view, usable_file=usable_file)
    if problems:
        raise SlackError.invalid_arguments(*(str(problem) for problem in problems))


def with_ids(blocks: list[Block], ids: Ids) -> list[Block]:
    """A copy in which every block has a block_id and every interactive element an action_id."""
    completed = copy.deepcopy(blocks)
    for block in every_block(completed):
        block["block_id"] = block.get("block_id") or ids.short()
        for element in interactive(block):
            acts = block.get("type") not in ("context", "rich_text", "carousel")
            if acts and element.get("type") != "image" and not element.get("action_id"):
                element["action_id"] = ids.short()
    return completed
