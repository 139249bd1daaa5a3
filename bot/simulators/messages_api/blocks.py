"""A request as the cache sees it: one row of blocks in prefix order, each with its digest and its tokens.

The order is tools, system, messages. Settings that change the prefix without being text (tool choice, thinking, effort,
output format, images present, …) are virtual blocks between the sections: they enter the hash, cost nothing and are no
position of their own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal

from bot.simulators.messages_api import tokens
from bot.simulators.messages_api.models import FORCED_TOOL_PROMPT, Family, Model
from bot.simulators.messages_api.validation.markers import cacheable, effective_ttl, ttl_of
from bot.simulators.messages_api.validation.messages import blocks_of, turns

Section = Literal["tools", "system", "messages", "settings"]


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of the prefix. `ttl` is set when a breakpoint stands on it."""

    section: Section
    kind: str
    digest: bytes
    tokens: int
    ttl: str | None = None
    cacheable: bool = False


def build_blocks(body: dict[str, Any], model: Model) -> tuple[Block, ...]:
    """The blocks of a validated request, virtual ones included, breakpoints set (automatic caching too)."""
    generation = _virtual("generation", _generation_settings(body, model))
    early, late = ((generation,), ()) if model.settings_before_tools else ((), (generation,))
    row = [
        _virtual("format", (body.get("output_config") or {}).get("format")),
        *early,
        *_tools(body, model),
        _virtual("mode", _mode_settings(body)),
        *_system(body, model.family),
        *late,
        _virtual("choice", _choice_settings(body), _choice_tokens(body)),
        *_messages(body, model.family),
    ]
    return tuple(_with_automatic(row, ttl_of(body)))


def prompt_tokens(blocks: tuple[Block, ...]) -> int:
    """All input tokens of the request."""
    return sum(block.tokens for block in blocks)


def digest_of(*parts: str) -> bytes:
    """SHA-256 over texts, with their borders."""
    joined = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        joined.update(len(data).to_bytes(8, "big") + data)
    return joined.digest()


def _json(value: Any) -> str:
    """Key order is kept: the real prefix is text, so another order is another prefix."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _virtual(name: str, value: Any, count: int = 0) -> Block:
    return Block("settings", name, digest_of("settings", name, _json(value)), count)


def _generation_settings(body: dict[str, Any], model: Model) -> list[Any]:
    """Thinking and effort; naming the default equals leaving it out."""
    thinking = body.get("thinking") or {"type": model.default_thinking}
    effort = (body.get("output_config") or {}).get("effort") or model.default_effort
    return [{key: thinking[key] for key in sorted(thinking) if key != "display"}, effort]


def _choice_settings(body: dict[str, Any]) -> list[Any]:
    choice = body.get("tool_choice") or {"type": "auto"}
    parallel = bool(choice.get("disable_parallel_tool_use"))
    return [choice["type"], choice.get("name"), parallel, _has_images(body)]


def _choice_tokens(body: dict[str, Any]) -> int:
    forced = (body.get("tool_choice") or {}).get("type") in ("any", "tool")
    return FORCED_TOOL_PROMPT if forced else 0


def _mode_settings(body: dict[str, Any]) -> list[Any]:
    searches = [tool for tool in body.get("tools") or () if _is_web_search(tool)]
    cited = any(
        block["type"] in ("document", "search_result")
        and (block.get("citations") or {}).get("enabled")
        for message in body["messages"]
        for block in blocks_of(message["content"])
    )
    return [body.get("speed") or "standard", bool(searches), cited]


def _is_web_search(tool: dict[str, Any]) -> bool:
    return str(tool.get("type") or "").startswith("web_search_")


def _has_images(body: dict[str, Any]) -> bool:
    return any(
        block["type"] == "image"
        for message in body["messages"]
        for block in blocks_of(message["content"])
    )


def _unmarked(block: dict[str, Any]) -> dict[str, Any]:
    """A copy without breakpoints, its own and those inside a tool result."""
    bare = {key: value for key, value in block.items() if key != "cache_control"}
    if bare.get("type") == "tool_result":
        bare["content"] = [_unmarked(part) for part in blocks_of(bare.get("content"))]
    return bare


def _tools(body: dict[str, Any], model: Model) -> Iterator[Block]:
    offered = [tool for tool in body.get("tools") or () if not tool.get("defer_loading")]
    for number, tool in enumerate(offered):
        bare = _unmarked(tool)
        count = tokens.count_tool(bare, model.family) + (model.tool_prompt if number == 0 else 0)
        yield Block(
            "tools", "tool", digest_of("tool", _json(bare)), count, ttl_of(tool), cacheable=True
        )


def _system(body: dict[str, Any], family: Family) -> Iterator[Block]:
    for block in blocks_of(body.get("system")):
        yield _content_block("system", "system", block, family)


def _messages(body: dict[str, Any], family: Family) -> Iterator[Block]:
    for turn in turns(body["messages"]):
        for number, placed in enumerate(turn.blocks):
            built = _content_block("messages", turn.role, placed.block, family)
            frame = tokens.MESSAGE_FRAME if number == 0 else 0
            yield replace(built, tokens=built.tokens + frame)


def _content_block(section: Section, role: str, block: dict[str, Any], family: Family) -> Block:
    bare = _unmarked(block)
    return Block(
        section,
        block["type"],
        digest_of(role, *_identity(bare)),
        tokens.count_block(bare, family),
        effective_ttl(block),
        cacheable(block),
    )


def _identity(bare: dict[str, Any]) -> tuple[str, ...]:
    """A text block written as a string, or with its keys in another order, is the same text."""
    if bare["type"] == "text":
        return ("text", bare["text"], _json(bare.get("citations") or None))
    return (bare["type"], _json(bare))


def _with_automatic(row: list[Block], ttl: str | None) -> list[Block]:
    """Automatic caching: a breakpoint on the last block that can carry one."""
    if ttl is None:
        return row
    for index in range(len(row) - 1, -1, -1):
        if row[index].cacheable:
            if row[index].ttl is None:
                row[index] = replace(row[index], ttl=ttl)
            return row
    return row
