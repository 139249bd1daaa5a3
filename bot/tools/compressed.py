"""Results are made small before they first enter a conversation, never later: history is append-only.

Logs are reduced to one verbatim record per template, with counts; JSON and tables lose what nobody needs; whatever is
still too long keeps head and tail. The whole text stays beside the short one: quotes are checked against it, and `read_result` looks closer.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from bot.tools.log_records import Record, read
from bot.tools.projection import project
from bot.tools.templates import Template, TemplateMiner
from bot.tools.toolset import Tool, ToolCall, ToolResult, Toolset

MAX_CHARS = 12_000
"""About 4,000 tokens: what one result may cost the prompt."""
MIN_CHARS = 2_500
"""Shorter results are left alone."""
_HEAD_SHARE = 0.4
_INLINE_CHARS = 20_000
_TIME = re.compile(r"(?:\d{4}-\d\d-\d\dT)?(\d\d:\d\d:\d\d)")


class Compressed:
    """Shortens long results and says how much was left out."""

    def __init__(self, inner: Toolset, *, max_chars: int = MAX_CHARS) -> None:
        self._inner = inner
        self._max_chars = max_chars

    async def tools(self) -> Sequence[Tool]:
        return await self._inner.tools()

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        result = await self._inner.call(call, within=within)
        if len(result.text) <= _INLINE_CHARS:
            shown = compress(result.text, self._max_chars, call.label)
        else:
            shown = await asyncio.to_thread(compress, result.text, self._max_chars, call.label)
        if shown == result.text:
            return result
        # Both forms back a quote: a projected one has words side by side that stand apart in the original.
        return result.model_copy(update={"text": shown, "full": f"{result.whole}\n\n{shown}"})


def compress(text: str, max_chars: int, label: str) -> str:
    """The text for the prompt; `label` names the result in the hint how to see the rest."""
    if len(text) <= MIN_CHARS:
        return text
    log = read(text)
    short = _summary(log.head, log.records) if log is not None else project(text)
    if short is not None and len(short) < len(text):
        text = short
    return shorten(text, max_chars, label)


def _summary(head: Sequence[str], records: Sequence[Record]) -> str:
    miner = TemplateMiner()
    miner.add_all(records)
    note = f"({len(records)} records of {len(miner.templates)} kinds; the first of each kind is shown, verbatim)"
    return "\n".join([*head, note, *(_shown(template) for template in miner.templates)])


def _shown(template: Template) -> str:
    if template.count == 1:
        return template.first.text
    time = _TIME.search(template.last.line)
    last = f", the last at {time[1]}" if time else ""
    return f"-- ×{template.count} like this{last}:\n{template.first.text}"


def shorten(text: str, max_chars: int, label: str) -> str:
    """The first and last lines of a text that is longer than `max_chars`, with a note of what is missing between."""
    if len(text) <= max_chars:
        return text
    head_room = int(max_chars * _HEAD_SHARE)
    head = text[:head_room].rpartition("\n")[0] or text[:head_room]
    tail_room = max_chars - len(head)
    tail = text[-tail_room:].partition("\n")[2] or text[-tail_room:]
    dropped = text[len(head) : len(text) - len(tail)]
    note = (
        f"… {dropped.count(chr(10)) + 1} lines ({len(dropped)} characters) left out here; "
        f"see them with read_result(call_id={label!r}, grep or start_line), or narrow the call …"
    )
    return f"{head}\n{note}\n{tail}"
