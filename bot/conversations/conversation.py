"""The prompts and turns of one thread, as the model saw them.

What was sent once is sent again, byte for byte, with every later request: that is what the prompt cache is keyed on.
So model, system prompt and tools are fixed when a conversation begins, and messages are only ever added.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

RESULT_LIMIT = 200_000
"""Characters of one tool result that are kept for looking quotes up."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StoredResult:
    """What a tool returned, whole: quotes are looked up in it. The model may have seen a shortened form."""

    tool: str
    arguments: Json
    text: str
    is_error: bool = False

    def bounded(self, limit: int = RESULT_LIMIT) -> StoredResult:
        """This result with at most about `limit` characters: the middle gives way to a note."""
        if len(self.text) <= limit:
            return self
        tail = limit // 4
        head = limit - tail
        note = f"\n[… {len(self.text) - limit} of {len(self.text)} characters are not kept …]\n"
        text = self.text[:head] + note + self.text[len(self.text) - tail :]
        return StoredResult(self.tool, self.arguments, text, self.is_error)


@dataclass(slots=True)
class Conversation:
    """One conversation. `messages` are in the JSON form of the Messages API."""

    id: str
    """The incident's id, or what `stage_id` makes of it."""
    model: str
    system: str
    tools: list[Json]
    """Tool definitions as they were when the conversation began."""
    started_at: datetime
    messages: list[Json] = field(default_factory=list)
    results: dict[str, StoredResult] = field(default_factory=dict)
    """By the short call id that the model sees: `c1`, `c2`, …"""
    spend: Json = field(default_factory=dict)


def stage_id(incident_id: str, number: int) -> str:
    """Id of the n-th conversation of an incident: `<incident>`, `<incident>~2`, …, one per model that took over."""
    return incident_id if number == 1 else f"{incident_id}~{number}"


def incident_of(conversation_id: str) -> str:
    """The incident that a conversation belongs to."""
    return conversation_id.partition("~")[0]


def exact_json(value: object) -> str:
    """One JSON text for a value: key order kept, no spaces, ASCII only (so that any string survives storage).

    Raises ValueError for NaN and infinities, which no API takes.
    """
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
