"""Results are made small before they first enter a conversation, never later: history is append-only.

Each kind of text has its own way: logs are reduced to one verbatim record per kind with counts; JSON, tables and
manifests lose what nobody needs; source code, diffs and lists of files are folded around what the incident names.
Whatever is still too long keeps head, tail and the lines that tell of errors or are named. Short results are left alone.

The whole text stays beside the short one: quotes are checked against it, and `read_result` looks closer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from itertools import islice

from bot.tools.shortening.clues import Clues, Remark, read
from bot.tools.shortening.forms import shortest
from bot.tools.toolset import Tool, ToolCall, ToolResult, Toolset

MAX_CHARS = 12_000
"""About 4,000 tokens: what one result may cost the prompt."""
MIN_CHARS = 2_500
"""Shorter results are left alone."""
_INLINE_CHARS = 20_000
_AS_SHOWN = "\n\n[what was shown of this:]\n"


def _nothing() -> Iterable[Remark]:
    return ()


class Compressed:
    """Shortens long results and says what was left out.

    `remarks` gives the conversation so far, oldest first; it may only grow.
    """

    def __init__(
        self,
        inner: Toolset,
        *,
        remarks: Callable[[], Iterable[Remark]] = _nothing,
        max_chars: int = MAX_CHARS,
    ) -> None:
        self._inner = inner
        self._remarks = remarks
        self._max_chars = max_chars
        self._clues = Clues()
        self._heard = 0

    async def tools(self) -> Sequence[Tool]:
        return await self._inner.tools()

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        result = await self._inner.call(call, within=within)
        if len(result.text) <= MIN_CHARS:
            return result
        clues = self._clues_so_far()
        if len(result.text) <= _INLINE_CHARS:
            shown = compress(result.text, call, clues, self._max_chars)
        else:
            shown = await asyncio.to_thread(compress, result.text, call, clues, self._max_chars)
        if shown == result.text:
            return result
        # Both forms back a quote: a projected one has words side by side that stand apart in the original.
        return result.model_copy(
            update={"text": shown, "full": f"{result.whole}{_AS_SHOWN}{shown}"}
        )

    def _clues_so_far(self) -> Clues:
        new = list(islice(self._remarks(), self._heard, None))
        self._heard += len(new)
        self._clues |= read(new)
        return self._clues


def compress(text: str, call: ToolCall, clues: Clues, max_chars: int = MAX_CHARS) -> str:
    """The text for the prompt; never longer than it was."""
    if len(text) <= MIN_CHARS:
        return text
    short = shortest(text, call, clues, max_chars)
    return short if len(short) < len(text) else text


def without_shown(stored: str) -> str:
    """Of a stored result what the tool returned, without the form that was shown of it."""
    return stored.rpartition(_AS_SHOWN)[0] or stored
