"""What arrived: every request to the API, byte for byte, so that tests can compare prompts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request to `/v1/messages` or `/v1/messages/count_tokens`, refused ones included."""

    path: str
    raw: bytes
    body: Any
    """The parsed body; None when it is no JSON."""
    headers: Mapping[str, str]
    """Lower-case names. Keys are kept as sent."""
    at: float
    """Seconds since the epoch."""
    request_id: str
