"""From a brain's reply to the message that the API sends: ids, signatures, limits, usage."""

from __future__ import annotations

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.simulators.messages_api import tokens
from bot.simulators.messages_api.brain import Reply
from bot.simulators.messages_api.cache import Plan
from bot.simulators.messages_api.errors import invalid
from bot.simulators.messages_api.models import Family, Model
from bot.simulators.messages_api.validation.messages import Turn, turns
from bot.simulators.messages_api.workspaces import Workspace

_ALTERED = (
    "`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. "
    "These blocks must remain as they were in the original response."
)


@dataclass(frozen=True, slots=True)
class Message:
    """A finished answer."""

    id: str
    model: str
    content: list[dict[str, Any]]
    stop_reason: str
    stop_sequence: str | None
    stop_details: Mapping[str, Any] | None
    output_tokens: int
    thinking_tokens: int
    cut_input: str | None = None
    """JSON of the last tool call, broken off in the middle by `max_tokens`."""


def new_id(prefix: str) -> str:
    """An id like the API's: `msg_01…`, `toolu_01…`, `req_01…`."""
    return f"{prefix}_01{uuid.uuid4().hex[:22]}"


@dataclass(slots=True)
class Generator:
    """Finishes replies, and knows the thinking that it signed when it comes back."""

    _issued: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Signatures of the thinking that came with a tool call, by the call's id."""

    def finish(
        self, reply: Reply, body: dict[str, Any], model: Model, owner: Workspace, plan: Plan
    ) -> Message:
        """The message for a reply."""
        draft = _Draft(reply, body, model.family, model.context - plan.prompt)
        for block in draft.content:
            if block["type"] == "thinking":
                _sign(block, body, owner)
        self._remember(draft.content)
        return Message(
            id=new_id("msg"),
            model=body["model"],
            content=draft.content,
            stop_reason=draft.stop_reason,
            stop_sequence=draft.stop_sequence,
            stop_details=reply.stop_details,
            output_tokens=max(
                1, draft.spent if reply.output_tokens is None else reply.output_tokens
            ),
            thinking_tokens=draft.thinking_tokens,
            cut_input=draft.cut_input,
        )

    def check_thinking(self, body: dict[str, Any], owner: Workspace) -> None:
        """Raises ApiError 400 when thinking of the latest assistant turn was altered or left out."""
        spoken = [turn for turn in turns(body["messages"]) if turn.role == "assistant"]
        if not spoken:
            return
        latest = spoken[-1]
        for placed in latest.blocks:
            if placed.block["type"] == "thinking" and not _genuine(placed.block, body, owner):
                raise invalid(f"{placed.path}: {_ALTERED}")
        self._check_complete(latest)

    def _check_complete(self, latest: Turn) -> None:
        signatures = _signatures([placed.block for placed in latest.blocks])
        for placed in latest.blocks:
            expected = self._issued.get(str(placed.block.get("id")), ())
            if not set(expected) <= set(signatures):
                raise invalid(f"messages.{placed.message}.content.0: {_ALTERED}")

    def _remember(self, content: list[dict[str, Any]]) -> None:
        signatures = _signatures(content)
        if signatures:
            calls = (block["id"] for block in content if block["type"] == "tool_use")
            self._issued.update(dict.fromkeys(calls, signatures))


def warming_message(body: dict[str, Any]) -> Message:
    """The answer to `max_tokens: 0`: nothing but usage."""
    return Message(new_id("msg"), body["model"], [], "max_tokens", None, None, 0, 0)


def usage(plan: Plan, message: Message, service_tier: str = "standard") -> dict[str, Any]:
    """The `usage` object of a finished message."""
    return {
        "input_tokens": plan.input,
        "cache_creation_input_tokens": plan.write_5m + plan.write_1h,
        "cache_read_input_tokens": plan.read,
        "cache_creation": {
            "ephemeral_5m_input_tokens": plan.write_5m,
            "ephemeral_1h_input_tokens": plan.write_1h,
        },
        "output_tokens": message.output_tokens,
        "output_tokens_details": {"thinking_tokens": message.thinking_tokens},
        "service_tier": service_tier,
        "inference_geo": "global",
    }


class _Draft:
    """A reply on its way to a message: blocks are taken in until a limit ends it."""

    def __init__(self, reply: Reply, body: dict[str, Any], family: Family, room: int) -> None:
        self.content: list[dict[str, Any]] = []
        self.stop_sequence: str | None = None
        self.cut_input: str | None = None
        self.spent = 0
        self.thinking_tokens = 0
        self._family = family
        self._left: int = min(body["max_tokens"], room)
        self._full = "max_tokens" if body["max_tokens"] <= room else "model_context_window_exceeded"
        self._stops: list[str] = body.get("stop_sequences") or []
        self._ended: str | None = None
        self._natural = reply.stop_reason
        for block in reply.content:
            self._take(_completed(block))

    @property
    def stop_reason(self) -> str:
        """The limit that ended it, else what the reply says, else what its blocks say."""
        calls = any(block["type"] == "tool_use" for block in self.content)
        return self._ended or self._natural or ("tool_use" if calls else "end_turn")

    def _take(self, block: dict[str, Any]) -> None:
        if self._ended is not None:
            return
        if block["type"] == "text":
            block = self._stopped(block)
        cost = tokens.count_block(block, self._family)
        if cost > self._left:
            block, cost = self._cut(block), self._left
            self._ended = self._full
            self.stop_sequence = None
        self._left -= cost
        self.spent += cost
        if block["type"] == "thinking":
            self.thinking_tokens += cost
        self.content.append(block)

    def _stopped(self, block: dict[str, Any]) -> dict[str, Any]:
        found = [(block["text"].find(stop), stop) for stop in self._stops if stop in block["text"]]
        if not found:
            return block
        end, stop = min(found)
        self._ended, self.stop_sequence = "stop_sequence", stop
        return {**block, "text": block["text"][:end]}

    def _cut(self, block: dict[str, Any]) -> dict[str, Any]:
        """What fits into the tokens that are left."""
        if block["type"] == "tool_use":
            whole = json.dumps(block["input"], ensure_ascii=False)
            self.cut_input = whole[: self._fitting(whole)]
            return {**block, "input": {}}
        part = "thinking" if block["type"] == "thinking" else "text"
        return {**block, part: block[part][: self._fitting(block[part])]}

    def _fitting(self, whole: str) -> int:
        return tokens.fitting(whole, self._family, self._left)


def _completed(block: Mapping[str, Any]) -> dict[str, Any]:
    if block["type"] == "tool_use" and not block.get("id"):
        return {"type": "tool_use", "id": new_id("toolu"), **block}
    return dict(block)


def _sign(block: dict[str, Any], body: dict[str, Any], owner: Workspace) -> None:
    if (body.get("thinking") or {}).get("display") == "omitted":
        block["thinking"] = ""
    block["signature"] = _signature(block["thinking"], body["model"], owner)


def _signature(content: str, model: str, owner: Workspace) -> str:
    signed = f"{owner.organization}\n{model}\n{content}".encode("utf-8", "surrogatepass")
    return hmac.new(b"simulated", signed, hashlib.sha256).hexdigest()


def _genuine(block: dict[str, Any], body: dict[str, Any], owner: Workspace) -> bool:
    expected = _signature(block["thinking"], body["model"], owner)
    return hmac.compare_digest(block["signature"].encode("utf-8", "replace"), expected.encode())


def _signatures(content: list[dict[str, Any]]) -> tuple[str, ...]:
    """What tells the thinking of a turn, hidden thinking included."""
    told = {"thinking": "signature", "redacted_thinking": "data"}
    return tuple(block[told[block["type"]]] for block in content if block["type"] in told)
