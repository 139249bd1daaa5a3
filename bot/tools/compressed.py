"""Results are shortened before they first enter a conversation, never later: history is append-only.

The whole text stays beside the shortened one, so that quotes are checked against what the tool really returned.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.tools.toolset import Tool, ToolCall, ToolResult, Toolset

MAX_CHARS = 24_000
"""About 8,000 tokens: what one result may cost the prompt."""
_HEAD_SHARE = 0.4


class Compressed:
    """Keeps head and tail of a long result, at line boundaries, and says what was left out."""

    def __init__(self, inner: Toolset, *, max_chars: int = MAX_CHARS) -> None:
        self._inner = inner
        self._max_chars = max_chars

    async def tools(self) -> Sequence[Tool]:
        return await self._inner.tools()

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        result = await self._inner.call(call, within=within)
        shown = shorten(result.text, self._max_chars)
        if shown == result.text:
            return result
        return result.model_copy(update={"text": shown, "full": result.whole})


def shorten(text: str, max_chars: int) -> str:
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
        "narrow the call (grep, since, a line range) to see them …"
    )
    return f"{head}\n{note}\n{tail}"
