"""What came of something a person did: the app's acknowledgement, its answers, or the error they saw."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.simulators.slack.messages import Message


@dataclass(slots=True)
class InteractionResult:
    """`messages` goes on growing while the app answers through the response URL.

    `error` is what the person saw: `operation_timeout` (no acknowledgement within 3 s), `dispatch_failed` (no
    connection), or the code of a refused answer. `errors` are the field errors of a view submission.
    """

    payload: dict[str, Any]
    ack: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    errors: dict[str, str] = field(default_factory=dict)
    messages: list[Message] = field(default_factory=list)

    @property
    def trigger_id(self) -> str:
        return str(self.payload.get("trigger_id", ""))

    @property
    def response_url(self) -> str:
        return str(self.payload.get("response_url", ""))

    def to_json(self) -> dict[str, Any]:
        return {
            "ack": self.ack,
            "error": self.error,
            "errors": self.errors,
            "messages": self.messages,
            "response_url": self.response_url,
        }


class SlashResult(InteractionResult):
    """What came of a slash command."""


@dataclass(frozen=True, slots=True)
class VisibleError:
    """Something a person saw go wrong: the code, and what they had done."""

    user: str
    error: str
    doing: str
    at: float

    def to_json(self) -> dict[str, Any]:
        return {"user": self.user, "error": self.error, "doing": self.doing, "at": self.at}
