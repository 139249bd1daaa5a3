"""A streamed reply put together, whoever sends it.

Servers that speak the Messages API differ in what they leave out: usage, signatures, the end of a tool call's JSON.
Nothing here fails for what is missing; a stream that never says why it stopped is the one thing that counts as cut.
"""

from __future__ import annotations

import json
from typing import Any

from bot.agent.messages import Block
from bot.costs.usage import Usage

_CHARS_PER_TOKEN = 3
_TEXTS = {"text_delta": "text", "thinking_delta": "thinking"}


class Draft:
    """Takes the events of one stream in order, as plain JSON."""

    def __init__(self) -> None:
        self.model = ""
        self.stop_reason = ""
        """Empty until the stream has said why it stopped."""
        self._blocks: dict[int, Block] = {}
        self._inputs: dict[int, str] = {}
        self._usage: dict[str, Any] = {}

    def take(self, event: dict[str, Any]) -> None:
        """One event. Kinds that are not known are passed over."""
        index = event.get("index") or 0
        match event.get("type"):
            case "message_start":
                message = _object(event.get("message"))
                self.model = str(message.get("model") or "")
                self._count(message.get("usage"))
            case "content_block_start":
                self._blocks[index] = dict(_object(event.get("content_block")))
            case "content_block_delta":
                self._extend(index, _object(event.get("delta")))
            case "message_delta":
                self.stop_reason = str(_object(event.get("delta")).get("stop_reason") or "end_turn")
                self._count(event.get("usage"))

    @property
    def content(self) -> list[Block]:
        """The blocks as the API takes them back. `input` of a call is None when it is no JSON object."""
        return [self._finished(index) for index in sorted(self._blocks)]

    @property
    def usage(self) -> Usage:
        """Tokens by kind; what a server does not report is 0."""
        writes = _count(self._usage.get("cache_creation_input_tokens"))
        detail = _object(self._usage.get("cache_creation"))
        long_lived = min(_count(detail.get("ephemeral_1h_input_tokens")), writes)
        return Usage(
            input=_count(self._usage.get("input_tokens")),
            cache_write_5m=writes - long_lived,
            cache_write_1h=long_lived,
            cache_read=_count(self._usage.get("cache_read_input_tokens")),
            output=_count(self._usage.get("output_tokens")),
        )

    @property
    def so_far(self) -> Usage:
        """What a stream that broke off is billed for, about: its output is only told at the end."""
        usage = self.usage
        texts = (
            str(block.get(part) or "")
            for block in self._blocks.values()
            for part in _TEXTS.values()
        )
        written = sum(map(len, (*texts, *self._inputs.values())))
        return usage.model_copy(update={"output": max(usage.output, written // _CHARS_PER_TOKEN)})

    def _count(self, usage: Any) -> None:
        """Counts are totals so far: later ones replace earlier ones, unless they say nothing."""
        self._usage |= {key: value for key, value in _object(usage).items() if value is not None}

    def _extend(self, index: int, delta: dict[str, Any]) -> None:
        kind = str(delta.get("type"))
        if kind in _TEXTS:
            part = _TEXTS[kind]
            block = self._blocks.setdefault(index, {"type": part, part: ""})
            block[part] = f"{block.get(part) or ''}{delta.get(part) or ''}"
        elif kind == "signature_delta" and index in self._blocks:
            self._blocks[index]["signature"] = delta.get("signature")
        elif kind == "input_json_delta":
            self._inputs[index] = self._inputs.get(index, "") + str(delta.get("partial_json") or "")

    def _finished(self, index: int) -> Block:
        block = dict(self._blocks[index])
        if block.get("type") == "tool_use":
            written = self._inputs.get(index, "").strip()
            block["input"] = _arguments(written) if written else _arguments(block.get("input"))
        return {key: value for key, value in block.items() if value is not None or key == "input"}


def _arguments(value: Any) -> dict[str, Any] | None:
    """The arguments of a call; some servers write the object as a string once more."""
    for _ in range(2):
        if isinstance(value, str):
            try:
                value = json.loads(value, strict=False, parse_constant=_refuse)
            except ValueError:
                return None
    return value if isinstance(value, dict) else None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0
