"""What a server's error means for us: come back later, or never the same way again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Protocol

from bot.errors import PermanentError, TemporaryError

_TEMPORARY_STATUS = frozenset({408, 409, 429})
_TEMPORARY_TYPES = frozenset(
    {"rate_limit_error", "overloaded_error", "api_error", "timeout_error", "conflict_error"}
)
_SPENT = ("enforced_spend_limit_reached", "specified API usage limits", "credit balance is too low")
_TOO_LONG = re.compile(
    r"prompt is too long|maximum context length|context[ _](?:length|size|window)|longer than the model",
    re.IGNORECASE,
)
_BUSY = {"overloaded_error": "is overloaded", "rate_limit_error": "limits our rate"}
_LONGEST = 300


class _Response(Protocol):
    @property
    def headers(self) -> Mapping[str, str]: ...


class StatusError(Protocol):
    """The SDK's error for a status of 400 and above, as far as it is needed."""

    status_code: int
    body: object | None
    message: str

    @property
    def type(self) -> str | None: ...

    @property
    def response(self) -> _Response: ...


class PromptTooLong(PermanentError):
    """The conversation is longer than the model can read."""


def translated(error: StatusError) -> TemporaryError | PermanentError:
    """Our error for a server's."""
    kind = error.type or ""
    told = message(error.body) or error.message
    if any(sign in told for sign in _SPENT):
        return PermanentError(
            f"The model API refuses because its spending limit is reached: {told}"
        )
    too_long = error.status_code in (400, 422, 500) and _TOO_LONG.search(told)
    if too_long or error.status_code == 413:
        return PromptTooLong(f"The conversation is too long for the model: {told[:_LONGEST]}")
    temporary = (
        error.status_code in _TEMPORARY_STATUS
        or error.status_code >= 500
        or kind in _TEMPORARY_TYPES
    )
    if temporary:
        words = _BUSY.get(kind) or f"failed ({error.status_code} {kind})"
        return TemporaryError(f"The model API {words}", retry_after=_retry_after(error))
    if error.status_code in (401, 403):
        return PermanentError(f"The model API refuses the key ({told}). Check ANTHROPIC_API_KEY.")
    if error.status_code == 404:
        return PermanentError(
            f"The model API refuses the request (404): {told[:_LONGEST]}. Check TOCSIN_MODEL and ANTHROPIC_BASE_URL; "
            "a thread keeps the model that it began with."
        )
    return PermanentError(
        f"The model API refuses the request ({error.status_code}): {told[:_LONGEST]}"
    )


def message(body: object) -> str:
    """What an error body says, in the form of the Messages API, of OpenAI's, or of FastAPI's validation."""
    if isinstance(body, str):
        return body
    if isinstance(body, list):
        return "; ".join(map(_violation, body))
    if not isinstance(body, dict):
        return ""
    details = body.get("details") or ""
    for key in ("error", "message", "detail"):
        if body.get(key):
            return f"{message(body[key])} {details}".strip()
    return json.dumps(body)[:_LONGEST] if body else ""


def _violation(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    place = ".".join(str(part) for part in item.get("loc") or ())
    return f"{place}: {item.get('msg', '')}"


def _retry_after(error: StatusError) -> float | None:
    try:
        return max(float(error.response.headers.get("retry-after", "")), 0.1)
    except ValueError:
        return None
