"""Kubernetes objects as JSON, and the few readings of them that every module here needs."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

Json = dict[str, Any]
"""A JSON object as the API sends it."""


def dig(value: Any, *path: str) -> Any:
    """The value below `path`, or None as soon as something on the way is missing or no object."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def parse_time(text: object) -> datetime | None:
    """An RFC 3339 time (nanoseconds cut to microseconds) as an aware datetime in UTC, or None."""
    if not isinstance(text, str):
        return None
    head, dot, tail = text.strip().partition(".")
    if dot:
        digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
        text = f"{head}.{digits[:6].ljust(6, '0')}{tail[len(digits) :]}"
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def stamp(moment: datetime) -> str:
    """`2026-11-22T08:00:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def as_list(value: object) -> list[Json]:
    """The objects of a JSON array; anything else gives an empty list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
