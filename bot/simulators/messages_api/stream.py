"""A message as server-sent events, in the order and the pieces in which the API sends them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bot.simulators.messages_api.generation import Message

_TEXT_PIECE = 24
"""Characters in one text delta."""
_JSON_PIECE = 17
"""Characters in one fragment of a tool call's input."""
_PING_EVERY = 12
"""Events between two pings."""


def event(name: str, data: dict[str, Any]) -> bytes:
    """One server-sent event. Halves of characters are escaped, since UTF-8 has no form for them."""
    written = json.dumps(data, ensure_ascii=False)
    try:
        return f"event: {name}\ndata: {written}\n\n".encode()
    except UnicodeEncodeError:
        return f"event: {name}\ndata: {json.dumps(data)}\n\n".encode()


def error_event(error: dict[str, Any]) -> bytes:
    """An error in the middle of a stream; the connection closes after it."""
    return event("error", {"type": "error", "error": error})


def encoded(data: Iterable[dict[str, Any]]) -> Iterator[bytes]:
    """Events as they are sent."""
    return (event(each["type"], each) for each in data)


def events(
    message: Message, usage: dict[str, Any], extra: dict[str, Any], *, surprise: bool
) -> Iterator[dict[str, Any]]:
    """All events of a message. `extra` goes into `message_start`; `surprise` adds an event of an unknown type."""
    yield {"type": "message_start", "message": _start(message, usage, extra)}
    sent = 0
    for index, block in enumerate(message.content):
        last = index == len(message.content) - 1
        for data in _block_events(index, block, message.cut_input if last else None):
            yield data
            if sent % _PING_EVERY == 0:
                yield {"type": "ping"}
            if surprise and sent == 1:
                yield {"type": "progress_note", "note": "unknown to clients"}
            sent += 1
    yield _delta(message, usage)
    yield {"type": "message_stop"}


def whole(message: Message, usage: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """The message as one JSON object, for requests without `stream`."""
    return {
        "id": message.id,
        "type": "message",
        "role": "assistant",
        "model": message.model,
        "content": [_shown(block) for block in message.content],
        "stop_reason": message.stop_reason,
        "stop_sequence": message.stop_sequence,
        "stop_details": message.stop_details,
        "usage": usage,
        **extra,
    }


def _shown(block: dict[str, Any]) -> dict[str, Any]:
    return {"citations": None, **block} if block["type"] == "text" else block


def _start(message: Message, usage: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    opening = {**usage, "output_tokens": 1, "output_tokens_details": {"thinking_tokens": 0}}
    return {
        **whole(message, opening, extra),
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
    }


def _delta(message: Message, usage: dict[str, Any]) -> dict[str, Any]:
    told = (
        "input_tokens",
        "cache_creation_input_tokens",
        "cache_read_input_tokens",
        "output_tokens",
        "output_tokens_details",
    )
    return {
        "type": "message_delta",
        "delta": {
            "stop_reason": message.stop_reason,
            "stop_sequence": message.stop_sequence,
            "stop_details": message.stop_details,
        },
        "usage": {key: usage[key] for key in told},
    }


def _block_events(
    index: int, block: dict[str, Any], cut_input: str | None
) -> Iterator[dict[str, Any]]:
    yield {"type": "content_block_start", "index": index, "content_block": _empty(block)}
    for delta in _deltas(block, cut_input):
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _empty(block: dict[str, Any]) -> dict[str, Any]:
    match block["type"]:
        case "text":
            return _shown({**block, "text": ""})
        case "thinking":
            return {**block, "thinking": "", "signature": ""}
        case "tool_use":
            return {**block, "input": {}}
        case _:
            return block


def _deltas(block: dict[str, Any], cut_input: str | None) -> Iterator[dict[str, Any]]:
    match block["type"]:
        case "text":
            for piece in _pieces(block["text"], _TEXT_PIECE):
                yield {"type": "text_delta", "text": piece}
        case "thinking":
            for piece in _pieces(block["thinking"], _TEXT_PIECE):
                yield {"type": "thinking_delta", "thinking": piece}
            yield {"type": "signature_delta", "signature": block["signature"]}
        case "tool_use":
            written = (
                json.dumps(block["input"], ensure_ascii=False) if cut_input is None else cut_input
            )
            yield {"type": "input_json_delta", "partial_json": ""}
            for piece in _pieces(written, _JSON_PIECE):
                yield {"type": "input_json_delta", "partial_json": piece}


def _pieces(whole_text: str, size: int) -> Iterator[str]:
    for start in range(0, len(whole_text), size):
        yield whole_text[start : start + size]
