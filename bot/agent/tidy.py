"""What a model wrote, made fit to be sent back: the history must be valid for every later request.

Servers of open models give ids that are empty, foreign or the same in every reply, arguments that are no object, tool
names with a namespace, empty texts, and halves of characters. One such block would make each further request of the
conversation fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from bot.agent.messages import Block, Message

_NOT_IN_ID = re.compile(r"[^a-zA-Z0-9_-]")
_LONGEST_ID = 64
_LONGEST_NAME = 128


class Tidy(NamedTuple):
    """Content that any server takes back."""

    content: list[Block]
    unreadable: tuple[str, ...]
    """Ids of the calls whose arguments were no JSON object; they are empty now."""


def tidied(content: Sequence[Block], history: Iterable[Message]) -> Tidy:
    """`content` with empty texts left out, characters whole, and every call given a valid id, unused in `history`, and an
    object as input."""
    used = {block["id"] for message in history for block in _calls(message)}
    kept: list[Block] = []
    unreadable: list[str] = []
    for block in map(_whole, content):
        if block.get("type") == "text" and not str(block.get("text") or "").strip():
            continue
        if block.get("type") != "tool_use":
            kept.append(block)
            continue
        name = _NOT_IN_ID.sub("_", str(block.get("name") or ""))[:_LONGEST_NAME] or "unnamed"
        call = {**block, "id": _free(str(block.get("id") or ""), used), "name": name}
        used.add(call["id"])
        if not isinstance(block.get("input"), dict):
            call["input"] = {}
            unreadable.append(call["id"])
        kept.append(call)
    return Tidy(kept, tuple(unreadable))


def _whole(value: Any) -> Any:
    """The value with the halves of a character that came in two pieces joined, and lone halves replaced."""
    match value:
        case str() if not value.isascii():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [_whole(item) for item in value]
        case dict():
            return {_whole(key): _whole(item) for key, item in value.items()}
        case _:
            return value


def _calls(message: Message) -> list[Block]:
    return [block for block in message["content"] if block.get("type") == "tool_use"]


def _free(wanted: str, used: set[str]) -> str:
    """The id itself when it is valid and new, else the nearest one that is."""
    valid = _NOT_IN_ID.sub("_", wanted)[:_LONGEST_ID] or "call"
    if valid not in used and wanted:
        return valid
    return next(
        candidate
        for number in range(1, len(used) + 2)
        if (candidate := f"{valid}_{number}") not in used
    )
