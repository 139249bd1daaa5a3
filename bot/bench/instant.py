"""A model and tools that answer at once, so that what is left of an investigation is the bot's own."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping, Sequence

from bot.agent.messages import Prompt, Reply
from bot.agent.model import Lost, Notice, unheard
from bot.agent.window import request
from bot.bench.catalogue import tools_of
from bot.bench.script import Script, block_replies
from bot.costs.usage import Usage
from bot.investigation.diagnosis import Report
from bot.investigation.existence import LOOK_UP
from bot.investigation.progress import Step
from bot.tools.toolset import Tool, ToolCall, ToolResult

SERVERS: Mapping[str, tuple[str, ...]] = {tool.server: ("*",) for tool in tools_of("small")}
"""Every tool is allowed by pattern, as with servers.json."""


class InstantModel:
    """Answers from the script, after it has built and serialised the request as the real client must.

    Before the last reply of a run it waits for `gate`, so that many runs can be looked at while they hold all they
    will ever hold.
    """

    def __init__(self, script: Script, gate: asyncio.Event) -> None:
        self._replies = _replies(script)
        self._gate = gate
        self.turn_seconds: list[float] = []
        """From each reply to the next request."""
        self.waiting = asyncio.Event()
        """Set when the run has come to its last reply."""
        self._answered = 0.0

    async def reply(
        self, prompt: Prompt, *, within: float, notice: Notice, lost: Lost = unheard
    ) -> Reply:
        """The next reply."""
        json.dumps(request(prompt), separators=(",", ":"))
        if self._answered:  # what stands above is the bot's own work too
            self.turn_seconds.append(time.perf_counter() - self._answered)
        if len(self._replies) == 1:
            self.waiting.set()
            await self._gate.wait()
        reply = self._replies.pop(0)
        self._answered = time.perf_counter()
        return reply


def _replies(script: Script) -> list[Reply]:
    return [
        Reply(
            content=content,
            stop_reason="tool_use",
            usage=Usage(input=4, cache_write_5m=3_000, cache_read=30_000, output=300),
            model="claude-sonnet-5-5",
        )
        for content in block_replies(script)
    ]


class InstantTools:
    """Returns the script's results, each a string of its own; what is looked up is there."""

    def __init__(self, script: Script) -> None:
        self._steps = (*script.looked, *script.steps)
        self._next = iter(self._steps)

    async def tools(self) -> Sequence[Tool]:
        return tools_of("small")

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        if call.id == LOOK_UP:
            return ToolResult(call=call, text="It is there.")
        return ToolResult(call=call, text=f"{next(self._next).result}\n{call.label}")


class Nobody:
    """A Reporter that shows nothing."""

    async def started(self, headline: str) -> None:
        pass

    async def first_look(self, text: str) -> None:
        pass

    async def step(self, step: Step) -> None:
        pass

    async def thought(self, text: str) -> None:
        pass

    async def finished(self, report: Report) -> None:
        pass
