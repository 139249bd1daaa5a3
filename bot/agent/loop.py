"""The loop: the model replies, its calls run side by side, their results go back, until something ends the run.

Kept boring on purpose. What a tool may do, what its results look like, what a reply costs and where progress is shown
are wrappers and listeners around it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from bot.agent.budget import Meter
from bot.agent.messages import Reply, Spend, StopReason, ToolUse, Turn, text, user
from bot.agent.model import Model
from bot.agent.transcript import Transcript
from bot.errors import TemporaryError
from bot.tools.toolset import ToolCall, ToolResult, Toolset

LAST_REPLY = (
    "Time or budget for this investigation is used up. This is your last reply: only {tool} is honoured now, every "
    "other call is ignored. Call {tool} with your best supported conclusion; use the verdict inconclusive if the cause "
    "is not shown by evidence, and put everything you could not check into unknowns."
)
NUDGE = "Go on with tool calls, or call {tool} now if you are done. The investigation only ends with {tool}."
_NUDGES = 2


class Listener(Protocol):
    """Told what happens in a run."""

    async def thought(self, words: str) -> None:
        """The model said something between its calls."""

    async def calling(self, call: ToolCall) -> None:
        """A call begins."""

    async def called(self, result: ToolResult) -> None:
        """A call is over."""

    async def delayed(self, reason: str) -> None:
        """The model cannot answer at the moment; it is asked again."""


class Agent:
    """Runs a transcript to its end. `concluding` names the tool that the last reply may still use."""

    def __init__(
        self,
        model: Model,
        toolset: Toolset,
        price: Callable[[Reply, Spend], Spend],
        *,
        concluding: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._model = model
        self._toolset = toolset
        self._price = price
        self._concluding = concluding
        self._clock = clock

    async def run(self, transcript: Transcript, meter: Meter, listener: Listener) -> StopReason:
        """Take turns until a tool ends the run, the model stops calling tools, or a limit is reached.

        Raises PermanentError when the model's API refuses for good.
        """
        nudges = 0
        while (limit := meter.exhausted(transcript.spend, self._clock())) is None:
            try:
                reply = await self._model.reply(
                    transcript.prompt(),
                    within=meter.working_seconds(self._clock()),
                    notice=listener.delayed,
                )
            except (TimeoutError, TemporaryError):
                limit = "out_of_time"
                break
            turn = await self._act(reply, transcript, meter, listener)
            if turn.ends:
                return "concluded"
            if reply.stop_reason == "refusal":
                return "refused"
            if not turn.results:
                if nudges == _NUDGES:
                    return "ended"
                nudges += 1
                await transcript.say(user(text(NUDGE.format(tool=self._concluding))))
        return await self._last_reply(transcript, meter, listener, limit)

    async def _last_reply(
        self, transcript: Transcript, meter: Meter, listener: Listener, limit: StopReason
    ) -> StopReason:
        await transcript.say(user(text(LAST_REPLY.format(tool=self._concluding))))
        try:
            reply = await self._model.reply(
                transcript.prompt(),
                within=meter.last_seconds(self._clock()),
                notice=listener.delayed,
            )
        except TimeoutError:
            return limit
        except TemporaryError:
            return "model_unavailable"
        await self._act(reply, transcript, meter, listener, only=self._concluding)
        return limit

    async def _act(
        self, reply: Reply, transcript: Transcript, meter: Meter, listener: Listener, only: str = ""
    ) -> Turn:
        """Run all calls of a reply side by side and save the turn."""
        if thought := reply.words or reply.thinking:
            await listener.thought(thought)
        seconds = (
            meter.last_seconds(self._clock()) if only else meter.working_seconds(self._clock())
        )
        calls = [
            self._call(use, transcript.label(ahead), seconds, listener, only)
            for ahead, use in enumerate(reply.uses)
        ]
        turn = Turn(reply=reply, results=list(await asyncio.gather(*calls)))
        if reply.content:
            await transcript.add(turn, self._price(reply, transcript.spend))
        return turn

    async def _call(
        self, use: ToolUse, label: str, seconds: float, listener: Listener, only: str
    ) -> ToolResult:
        call = ToolCall(id=use.id, label=label, name=use.name, arguments=use.input or {})
        if use.input is None:
            words = "The arguments were cut off or are not a JSON object. Call again with complete arguments."
            return ToolResult(call=call, text=words, is_error=True)
        if only and use.name != only:
            return ToolResult(
                call=call, text=f"Ignored: only {only} is honoured now.", is_error=True
            )
        await listener.calling(call)
        result = await self._toolset.call(call, within=max(seconds, 1.0))
        await listener.called(result)
        return result
