"""How a Web API method says no."""

from __future__ import annotations

from typing import Any


class SlackError(Exception):
    """Answered as HTTP 200 `{"ok": false, "error": code, **details}`."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details

    def to_json(self) -> dict[str, Any]:
        return {"ok": False, "error": self.code, **self.details}

    @classmethod
    def with_messages(cls, code: str, messages: list[str], *, listed: bool = False) -> SlackError:
        """An error whose reasons stand in `response_metadata.messages`, and in `errors` when `listed`."""
        details: dict[str, Any] = {"errors": messages} if listed else {}
        metadata = {"messages": [f"[ERROR] {message}" for message in messages]}
        return cls(code, **details, response_metadata=metadata)

    @classmethod
    def invalid_arguments(cls, *messages: str) -> SlackError:
        return cls.with_messages("invalid_arguments", list(messages))


class RateLimited(Exception):
    """Answered as HTTP 429 with `Retry-After: retry_after` (whole seconds)."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"ratelimited for {retry_after} s")
        self.retry_after = retry_after


class CommandError(Exception):
    """The person driving the simulator asked for something that is not there (a channel, a button, a view)."""
