"""The same call again is answered from memory, with a note.

A model that repeats itself gets no second copy of a long result (it would pay for it in every later turn), and the
world outside gets no second request. Only good answers are remembered, and only for a minute: later the same question
may have another answer.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bot.tools.toolset import Tool, ToolCall, ToolResult, Toolset

FRESH_SECONDS = 60.0


class _Known(NamedTuple):
    result: ToolResult
    at: float


class Remembered:
    """A toolset that runs the same call once a minute at most; calls that come side by side share one run."""

    def __init__(
        self,
        inner: Toolset,
        *,
        seconds: float = FRESH_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._seconds = seconds
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def tools(self) -> Sequence[Tool]:
        return await self._inner.tools()

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        key = f"{call.name} {json.dumps(call.arguments, sort_keys=True)}"
        async with self._locks.setdefault(key, asyncio.Lock()):
            known = self._known.get(key)
            if known is not None and self._clock() - known.at < self._seconds:
                return _again(known.result, call)
            result = await self._inner.call(call, within=within)
            if not result.is_error:
                self._known[key] = _Known(result, self._clock())
            return result


def _again(first: ToolResult, call: ToolCall) -> ToolResult:
    label = first.call.label
    note = (
        f"This is the same call as [{label}], made a moment ago, and it was not run again: see the result of [{label}] "
        "above. Ask for something else, or conclude."
    )
    return ToolResult(call=call, text=note, full=first.whole)
