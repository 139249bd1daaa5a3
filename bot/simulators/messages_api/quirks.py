"""Servers that speak the Messages API in their own way, one named quirk each.

Quirks come before the API's own rules: what such a server refuses, it refuses in its own words; what it ignores never
reaches the validation; what it answers differs from what the API would.

refuses
  no_cache_control     any cache marker
  no_cache_ttl         a cache marker with a `ttl`
  no_thinking          the parameter `thinking`
  no_effort            the parameter `output_config`
  no_strict            `strict` on a tool
  no_tool_choice       the parameter `tool_choice`
  no_redacted_thinking redacted thinking in the history
  no_thinking_history  any thinking in the history
  no_error_marks       `is_error` on a tool result
  no_repeated_roles    two messages of the same role in a row
  string_system        a system prompt that is a list of blocks
  string_results       a tool result that is a list of blocks
  small_output         `max_tokens` above 8,192
  no_token_counting    `/v1/messages/count_tokens` does not exist
  no_model_list        `/v1/models` does not exist
  validation_errors    (with one of the above) errors in the form of FastAPI's validation, status 422
ignores
  any_model            any model name will do
answers (streams only)
  repeated_ids         the same call ids in every reply: `functions.<name>:0`, `:1`, …
  no_usage             no token counts at all
  no_cache_usage       only input_tokens (everything) and output_tokens
  null_usage           the cache counts are null
  foreign_stop_reason  `stop` instead of the API's words
  unsigned_thinking    thinking without a signature, and none is asked for
  broken_input         a call's arguments are no JSON, unless the last message tells of an error
  quoted_input         a call's arguments are the JSON object written as a JSON string
  half_characters      a character beyond U+FFFF comes in two halves, one per piece of text
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from typing import Any

from bot.simulators.messages_api.errors import ApiError, invalid
from bot.simulators.messages_api.models import find_model
from bot.simulators.messages_api.validation.messages import blocks_of

Body = dict[str, Any]
SMALL_OUTPUT = 8192
_SUBSTITUTE = "claude-sonnet-4-6"
"""Whose limits a model of any name has."""

_WORDS = {
    "no_cache_control": "cache_control: Extra inputs are not permitted",
    "no_cache_ttl": "cache_control.ttl: Extra inputs are not permitted",
    "no_thinking": "thinking: Extra inputs are not permitted",
    "no_effort": "output_config: Extra inputs are not permitted",
    "no_strict": "tools.0.strict: Extra inputs are not permitted",
    "no_tool_choice": "tool_choice: Extra inputs are not permitted",
    "no_redacted_thinking": "messages: content of type redacted_thinking is not supported",
    "no_thinking_history": "messages.1.content.0: Input tag 'thinking' does not match any of the expected tags",
    "no_error_marks": "tool_result.is_error: Extra inputs are not permitted",
    "no_repeated_roles": "Conversation roles must alternate user/assistant/user/assistant/...",
    "string_system": "system: Input should be a valid string",
    "string_results": "tool_result.content: Input should be a valid string",
    "small_output": f"max_tokens is too large: this server grants at most {SMALL_OUTPUT} completion tokens",
}
_ENDPOINTS = {"no_token_counting": "/v1/messages/count_tokens", "no_model_list": "/v1/models"}
NAMES = frozenset(
    {
        *_WORDS,
        *_ENDPOINTS,
        "validation_errors",
        "any_model",
        "repeated_ids",
        "no_usage",
        "no_cache_usage",
        "null_usage",
        "foreign_stop_reason",
        "unsigned_thinking",
        "broken_input",
        "quoted_input",
        "half_characters",
    }
)


class ForeignError(ApiError):
    """A refusal in the form of FastAPI's validation errors."""

    def __init__(self, message: str) -> None:
        super().__init__(400, message)
        self.status = 422

    @property
    def whole(self) -> dict[str, Any]:
        """The response body."""
        path, _, words = self.message.rpartition(": ")
        return {
            "detail": [{"loc": ["body", *path.split(".")], "msg": words, "type": "value_error"}]
        }


class Quirks(frozenset[str]):
    """A set of the names above. Raises ValueError for an unknown one."""

    def __new__(cls, names: Iterable[str] = ()) -> Quirks:
        quirks = super().__new__(cls, names)
        if unknown := sorted(quirks - NAMES):
            raise ValueError(f"no such quirk: {', '.join(unknown)}")
        return quirks

    @property
    def signs(self) -> bool:
        """Whether thinking is signed, and asked for when it comes back."""
        return not self & {"unsigned_thinking", "no_thinking_history", "no_redacted_thinking"}

    def check_path(self, path: str) -> None:
        """Raises ApiError 404 for an endpoint that this server does not have."""
        for name, missing in _ENDPOINTS.items():
            if name in self and path.startswith(missing):
                raise ApiError(404, "Not Found")

    def check(self, body: Any) -> None:
        """Raises ApiError for a body that this server refuses. One out of shape is left to the API's own rules."""
        if not _readable(body):
            return
        for name, breaks in _RULES.items():
            if name in self and breaks(body):
                error = ForeignError if "validation_errors" in self else invalid
                raise error(_WORDS[name])

    def understood(self, body: Any) -> Any:
        """The body as far as this server reads it."""
        if not _readable(body):
            return body
        if "any_model" in self and find_model(str(body.get("model"))) is None:
            body = {**body, "model": _SUBSTITUTE}
        if "unsigned_thinking" in self:
            body = {**body, "messages": [_unthinking(message) for message in body["messages"]]}
        return body


def _readable(body: Any) -> bool:
    """Whether the parts that the rules look at have the shape that they expect."""
    if not isinstance(body, dict) or not isinstance(body.get("max_tokens", 0), int):
        return False
    messages: Any = body.get("messages")
    return (
        _objects(messages)
        and all(isinstance(m.get("role"), str) and _content(m.get("content")) for m in messages)
        and _objects(body.get("tools") or [])
        and _content(body.get("system") or [])
        and _objects(_markers(body))
    )


def _objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _content(value: Any) -> bool:
    return isinstance(value, str) or (
        _objects(value) and all(isinstance(block.get("type"), str) for block in value)
    )


def _unthinking(message: dict[str, Any]) -> dict[str, Any]:
    kept = [block for block in blocks_of(message["content"]) if "thinking" not in block["type"]]
    return {**message, "content": kept}


def _history(body: Body) -> list[dict[str, Any]]:
    return [
        block for message in body.get("messages", ()) for block in blocks_of(message["content"])
    ]


def _markers(body: Body) -> list[dict[str, Any]]:
    parts = [*(body.get("tools") or ()), *blocks_of(body.get("system")), *_history(body)]
    return [part["cache_control"] for part in parts if part.get("cache_control")]


def _has(kind: str) -> Callable[[Body], bool]:
    return lambda body: any(block["type"] == kind for block in _history(body))


def _repeats_a_role(body: Body) -> bool:
    roles = [message["role"] for message in body["messages"]]
    return any(first == second for first, second in itertools.pairwise(roles))


def _has_listed_results(body: Body) -> bool:
    results = [block for block in _history(body) if block["type"] == "tool_result"]
    return any(isinstance(result.get("content"), list) for result in results)


_RULES: dict[str, Callable[[Body], bool]] = {
    "no_cache_control": lambda body: bool(_markers(body)),
    "no_cache_ttl": lambda body: any("ttl" in marker for marker in _markers(body)),
    "no_thinking": lambda body: "thinking" in body,
    "no_effort": lambda body: "output_config" in body,
    "no_strict": lambda body: any("strict" in tool for tool in body.get("tools") or ()),
    "no_tool_choice": lambda body: "tool_choice" in body,
    "no_redacted_thinking": _has("redacted_thinking"),
    "no_thinking_history": lambda body: _has("thinking")(body) or _has("redacted_thinking")(body),
    "no_error_marks": lambda body: any("is_error" in block for block in _history(body)),
    "no_repeated_roles": _repeats_a_role,
    "string_system": lambda body: isinstance(body.get("system"), list),
    "string_results": _has_listed_results,
    "small_output": lambda body: body.get("max_tokens", 0) > SMALL_OUTPUT,
}
