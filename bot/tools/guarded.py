"""Everything a tool returns is cleaned and redacted before anything else sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.guardrails.redaction import redact
from bot.guardrails.untrusted import clean
from bot.tools.toolset import Tool, ToolCall, ToolResult, Toolset

_INLINE_CHARS = 20_000
"""Longer texts are handled in a thread, so that the event loop never waits for regular expressions."""


class Guarded:
    """Redacts results; the redacted text is also what is stored and what quotes are checked against."""

    def __init__(self, inner: Toolset) -> None:
        self._inner = inner

    async def tools(self) -> Sequence[Tool]:
        return await self._inner.tools()

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        result = await self._inner.call(call, within=within)
        if len(result.text) <= _INLINE_CHARS:
            text = _guard(result.text)
        else:
            text = await asyncio.to_thread(_guard, result.text)
        return result.model_copy(update={"text": text, "gap": _guard(result.gap)})


def _guard(text: str) -> str:
    return redact(clean(text))
