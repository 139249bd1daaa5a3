"""Reading Block Kit as a person sees it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def strings(part: Any, inside: str = "") -> Iterator[tuple[str, str]]:
    """Every shown text with the kind of element around it."""
    if isinstance(part, dict):
        kind = str(part.get("type", inside))
        around = inside if inside == "rich_text_preformatted" else kind
        for key, value in part.items():
            if isinstance(value, str):
                if key == "text":
                    yield around, value
            else:
                yield from strings(value, around)
    elif isinstance(part, list):
        for item in part:
            yield from strings(item, inside)


def links(part: Any) -> Iterator[str]:
    """Every URL that can be clicked."""
    if isinstance(part, dict):
        if "url" in part:
            yield part["url"]
        for value in part.values():
            yield from links(value)
    elif isinstance(part, list):
        for item in part:
            yield from links(item)
