"""Rules about the messages: who speaks first and last, nothing empty, every tool call answered exactly once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.simulators.messages_api.errors import invalid
from bot.simulators.messages_api.models import Model

PREFILL = (
    "This model does not support assistant message prefill. "
    "The conversation must end with a user message."
)


@dataclass(frozen=True, slots=True)
class Placed:
    """A block and where it stands in the body as sent."""

    message: int
    index: int
    block: dict[str, Any]

    @property
    def path(self) -> str:
        """As the API writes it: `messages.3.content.0`."""
        return f"messages.{self.message}.content.{self.index}"


@dataclass(slots=True)
class Turn:
    """Messages of the same role in a row: the API joins them into one."""

    role: str
    first: int
    blocks: list[Placed]


def blocks_of(content: Any) -> list[dict[str, Any]]:
    """The content of a message or of the system prompt as a list; a string is one text block."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content or ())


def turns(messages: list[dict[str, Any]]) -> list[Turn]:
    """The messages with neighbours of the same role joined."""
    joined: list[Turn] = []
    for number, message in enumerate(messages):
        if not joined or joined[-1].role != message["role"]:
            joined.append(Turn(message["role"], number, []))
        blocks = enumerate(blocks_of(message["content"]))
        joined[-1].blocks.extend(Placed(number, index, block) for index, block in blocks)
    return joined


def check_messages(body: dict[str, Any], model: Model) -> None:
    """Raises ApiError 400 for the first rule that the messages break."""
    messages = body["messages"]
    if any(not block["text"] for block in blocks_of(body.get("system"))):
        raise invalid("system: text content blocks must be non-empty")
    _check_roles(messages, model)
    _check_content(messages, model)
    conversation = turns(messages)
    _check_unique_calls(conversation)
    _check_pairs(conversation)
    if messages[-1]["role"] == "assistant" and not model.prefill:
        raise invalid(PREFILL)


def _check_roles(messages: list[dict[str, Any]], model: Model) -> None:
    if not messages:
        raise invalid("messages: at least one message is required")
    if messages[0]["role"] != "user":
        raise invalid('messages: first message must use the "user" role')
    for number, message in enumerate(messages):
        if message["role"] == "system" and not model.system_messages:
            raise invalid(f"messages.{number}.role: Input should be 'user' or 'assistant'")


def _check_content(messages: list[dict[str, Any]], model: Model) -> None:
    for number, message in enumerate(messages):
        blocks = blocks_of(message["content"])
        last = number == len(messages) - 1
        optional = last and message["role"] == "assistant" and model.prefill
        if not optional and (not blocks or message["content"] == ""):
            raise invalid(
                f"messages.{number}: all messages must have non-empty content "
                "except for the optional final assistant message"
            )
        for index, block in enumerate(blocks):
            _check_text(block, f"messages.{number}.content.{index}")


def _check_text(block: dict[str, Any], path: str) -> None:
    if block["type"] != "text" or block["text"].strip():
        return
    if block.get("cache_control") and not block["text"]:
        raise invalid(f"{path}.text: cache_control cannot be set for empty text blocks")
    if not block["text"]:
        raise invalid("messages: text content blocks must be non-empty")
    raise invalid("messages: text content blocks must contain non-whitespace text")


def _check_unique_calls(conversation: list[Turn]) -> None:
    seen: set[str] = set()
    for turn in conversation:
        for placed in _of_type(turn, "tool_use"):
            if placed.block["id"] in seen:
                raise invalid(f"{placed.path}: `tool_use` ids must be unique")
            seen.add(placed.block["id"])


def _check_pairs(conversation: list[Turn]) -> None:
    called: list[str] = []
    for position, turn in enumerate(conversation):
        _check_results(turn, called)
        called = [placed.block["id"] for placed in _of_type(turn, "tool_use")]
        if called and not _answered(conversation, position, called):
            raise _unanswered(conversation, position, called)


def _check_results(turn: Turn, called: list[str]) -> None:
    answered: set[str] = set()
    for placed in _of_type(turn, "tool_result"):
        call = placed.block["tool_use_id"]
        if call not in called:
            raise invalid(
                f"{placed.path}: unexpected `tool_use_id` found in `tool_result` blocks: {call}. "
                "Each `tool_result` block must have a corresponding `tool_use` block in the previous message."
            )
        if call in answered:
            raise invalid(
                f"{placed.path}: each tool_use must have a single result. "
                f"Found multiple `tool_result` blocks with id: {call}"
            )
        answered.add(call)


def _answered(conversation: list[Turn], position: int, called: list[str]) -> bool:
    return not _missing(conversation, position, called)


def _missing(conversation: list[Turn], position: int, called: list[str]) -> list[str]:
    results = set(_leading_results(conversation, position + 1))
    return [call for call in called if call not in results]


def _leading_results(conversation: list[Turn], position: int) -> Iterator[str]:
    """The results that open a turn: a result behind a text does not count."""
    if position >= len(conversation):
        return
    for placed in conversation[position].blocks:
        if placed.block["type"] != "tool_result":
            return
        yield placed.block["tool_use_id"]


def _unanswered(conversation: list[Turn], position: int, called: list[str]) -> Exception:
    missing = ", ".join(_missing(conversation, position, called))
    return invalid(
        f"messages.{conversation[position].first}: `tool_use` ids were found without `tool_result` blocks "
        f"immediately after: {missing}. Each `tool_use` block must have a corresponding `tool_result` block "
        "in the next message."
    )


def _of_type(turn: Turn, kind: str) -> Iterator[Placed]:
    return (placed for placed in turn.blocks if placed.block["type"] == kind)
