"""Cache breakpoints in a request: where they stand, how many there may be, and in which order their lifetimes come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.simulators.messages_api.errors import invalid

MAX_MARKERS = 4
_UNMARKABLE = ("thinking", "redacted_thinking")


@dataclass(frozen=True, slots=True)
class Marker:
    """An explicit `cache_control`: the path of its block and its lifetime, `5m` or `1h`."""

    path: str
    ttl: str


def ttl_of(block: dict[str, Any]) -> str | None:
    """The lifetime that a block asks for itself, None when it carries no marker."""
    control = block.get("cache_control")
    return (control.get("ttl") or "5m") if control else None


def effective_ttl(block: dict[str, Any]) -> str | None:
    """The lifetime at the end of a block: its own marker, else the last one inside a tool result."""
    own = ttl_of(block)
    if own is not None or block.get("type") != "tool_result":
        return own
    content = block.get("content")
    inner = [ttl_of(part) for part in content] if isinstance(content, list) else []
    return next((ttl for ttl in reversed(inner) if ttl is not None), None)


def cacheable(block: dict[str, Any]) -> bool:
    """Whether automatic caching may put its breakpoint on this block."""
    if block.get("defer_loading") or block.get("type") in _UNMARKABLE:
        return False
    return block.get("type") != "text" or bool(block["text"])


def check_markers(body: dict[str, Any]) -> None:
    """Raises ApiError 400 for too many markers, lifetimes out of order, or a clash with automatic caching."""
    markers = list(_explicit(body))
    automatic = ttl_of(body)
    last = _last_cacheable(body)
    moved = automatic is not None and last is not None
    if moved and last is not None:
        own = effective_ttl(last[1])
        if own is not None and own != automatic:
            raise invalid(
                f"cache_control: the last cacheable block already has cache_control with ttl='{own}', "
                f"which conflicts with the top-level ttl='{automatic}'"
            )
        if own is None:
            markers.append(Marker(last[0], automatic or "5m"))
    if len(markers) > MAX_MARKERS:
        raise invalid(
            f"A maximum of {MAX_MARKERS} blocks with cache_control may be provided. Found {len(markers)}."
        )
    _check_order(markers)


def _check_order(markers: list[Marker]) -> None:
    short_seen = False
    for marker in markers:
        if marker.ttl == "1h" and short_seen:
            raise invalid(
                f"{marker.path}.cache_control.ttl: a ttl='1h' cache_control block must not come after "
                "a ttl='5m' cache_control block. Note that blocks are processed in the following order: "
                "`tools`, `system`, `messages`."
            )
        short_seen = short_seen or marker.ttl == "5m"


def _explicit(body: dict[str, Any]) -> Iterator[Marker]:
    for path, block in _all_blocks(body):
        ttl = ttl_of(block)
        if ttl is not None:
            yield Marker(path, ttl)


def _all_blocks(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every block that can carry a marker, in prefix order, the parts of tool results before the result itself."""
    for path, block in top_level_blocks(body):
        content = block.get("content")
        if block.get("type") == "tool_result" and isinstance(content, list):
            for index, part in enumerate(content):
                yield f"{path}.content.{index}", part
        yield path, block


def top_level_blocks(body: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Tools, system blocks and message blocks in prefix order, with their paths."""
    for number, tool in enumerate(body.get("tools") or ()):
        yield f"tools.{number}", tool
    yield from _listed("system", body.get("system"))
    for number, message in enumerate(body["messages"]):
        yield from _listed(f"messages.{number}.content", message["content"])


def _listed(path: str, content: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(content, str):
        yield path, {"type": "text", "text": content}
        return
    for index, block in enumerate(content or ()):
        yield f"{path}.{index}", block


def _last_cacheable(body: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    found = [placed for placed in top_level_blocks(body) if cacheable(placed[1])]
    return found[-1] if found else None
