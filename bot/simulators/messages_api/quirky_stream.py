"""A stream as a server with quirks sends it; the quirks are listed in `quirks`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from bot.simulators.messages_api.quirks import Quirks
from bot.simulators.messages_api.validation.messages import blocks_of

Event = dict[str, Any]


class QuirkyStream:
    """Changes the events of one answer to a request of this body."""

    def __init__(self, quirks: Quirks, body: dict[str, Any]) -> None:
        self._quirks = quirks
        self._model = body["model"]
        self._spoils = "broken_input" in quirks and not _told_of_an_error(body)
        self._quotes = "quoted_input" in quirks
        self._calls: set[int] = set()

    def changed(self, events: Iterable[Event]) -> Iterator[Event]:
        """The events that are sent instead."""
        for event in events:
            for part in self._changed(event):
                yield self._counted(part)

    def _changed(self, event: Event) -> Iterator[Event]:
        match event["type"]:
            case "message_start" if "any_model" in self._quirks:
                yield {**event, "message": {**event["message"], "model": self._model}}
            case "message_delta" if "foreign_stop_reason" in self._quirks:
                yield {**event, "delta": {**event["delta"], "stop_reason": "stop"}}
            case "content_block_start":
                yield {**event, "content_block": self._block(event)}
                yield from self._quote(event["index"])
            case "content_block_delta":
                yield from self._delta(event)
            case "content_block_stop":
                yield from self._quote(event["index"])
                yield event
            case _:
                yield event

    def _block(self, event: Event) -> dict[str, Any]:
        block: dict[str, Any] = dict(event["content_block"])
        if block["type"] == "tool_use":
            self._calls.add(event["index"])
            if "repeated_ids" in self._quirks:
                block["id"] = f"functions.{block['name']}:{event['index']}"
        if "unsigned_thinking" in self._quirks:
            block.pop("signature", None)
        return block

    def _delta(self, event: Event) -> Iterator[Event]:
        delta = event["delta"]
        if delta["type"] == "signature_delta" and "unsigned_thinking" in self._quirks:
            return
        if delta["type"] == "input_json_delta":
            written = delta["partial_json"]
            written = written.replace("{", "{,") if self._spoils else written
            written = json.dumps(written)[1:-1] if self._quotes else written
            event = {**event, "delta": {**delta, "partial_json": written}}
        if delta["type"] == "text_delta" and "half_characters" in self._quirks:
            for piece in _halves(delta["text"]):
                yield {**event, "delta": {**delta, "text": piece}}
            return
        yield event

    def _quote(self, index: int) -> Iterator[Event]:
        """The quotation mark around a call's arguments."""
        if self._quotes and index in self._calls:
            mark = {"type": "input_json_delta", "partial_json": '"'}
            yield {"type": "content_block_delta", "index": index, "delta": mark}

    def _counted(self, event: Event) -> Event:
        """The event with the token counts that this server gives."""
        if "message" in event:
            return {**event, "message": self._counted(event["message"])}
        usage = event.get("usage")
        if usage is None:
            return event
        if "no_usage" in self._quirks:
            return {key: value for key, value in event.items() if key != "usage"}
        counts = {key: value for key, value in usage.items() if key.endswith("_tokens")}
        total = sum(value for key, value in counts.items() if key.endswith("input_tokens"))
        if "no_cache_usage" in self._quirks:
            usage = {"input_tokens": total, "output_tokens": usage["output_tokens"]}
        elif "null_usage" in self._quirks:
            nulls = {key: None for key in usage if key.startswith("cache_")}
            usage = {**usage, **nulls, "input_tokens": total}
        return {**event, "usage": usage}


def _halves(text: str) -> Iterator[str]:
    """The text cut between the two halves of each character that UTF-16 writes as two."""
    units = text.encode("utf-16-be", "surrogatepass")
    written = "".join(
        chr(int.from_bytes(units[at : at + 2], "big")) for at in range(0, len(units), 2)
    )
    yield from re.split(r"(?<=[\ud800-\udbff])", written)


def _told_of_an_error(body: dict[str, Any]) -> bool:
    return any(block.get("is_error") for block in blocks_of(body["messages"][-1]["content"]))
