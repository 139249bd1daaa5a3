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
from bot.agent.guard import LoopGuard, refusal
from bot.agent.messages import Reply, Spend, StopReason, ToolUse, Turn, text, user
from bot.agent.model import Model
from bot.agent.transcript import Transcript
from bot.errors import TemporaryError
from bot.tools.toolset import ToolCall, ToolResult, Toolset

LAST_REPLY = (
    "This investigation ends here: its time or budget is used up, or it makes no progress. This is your last reply: only {tool} is honoured now, every "
    "other call is ignored. Call {tool} with your best supported conclusion; use the verdict inconclusive if the cause "
    "is not shown by evidence, and put everything you could not check into unknowns."
)


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
        price: Callable[[Turn, Spend], Spend],
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
        """Take turns until a tool ends the run, the model goes nowhere, or a limit is reached.

        Raises PermanentError when the model's API refuses for good.
        """
        guard = LoopGuard(self._concluding)
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
            advice = guard.judge(turn)
            if advice.end:
                return advice.end
            if advice.withdraw:
                limit = "stuck"
                break
            if advice.words:
                await transcript.say(user(text(advice.words)))
        return await self._last_reply(transcript, meter, listener, limit)

    async def _last_reply(
        self, transcript: Transcript, meter: Meter, listener: Listener, limit: StopReason
    ) -> StopReason:
        """Ask for the conclusion; once more, where there is room, when it was not accepted as it came."""
        if not meter.pays(transcript.spend):
            return limit
        await transcript.say(user(text(LAST_REPLY.format(tool=self._concluding))))
        for _ in range(2):
            try:
                reply = await self._model.reply(
                    transcript.prompt(),
                    within=meter.last_seconds(self._clock()),
                    notice=listener.delayed,
                )
            except TimeoutError:
                break
            except TemporaryError:
                return "model_unavailable"
            turn = await self._act(reply, transcript, meter, listener, only=self._concluding)
            tried = any(result.call.name == self._concluding for result in turn.results)
            if turn.ends or not tried or not meter.affords(transcript.spend, self._clock()):
                break
        return limit

    async def _act(
        self, reply: Reply, transcript: Transcript, meter: Meter, listener: Listener, only: str = ""
    ) -> Turn:
        """Run the calls of a reply side by side and save the turn. A refused reply is paid for, but not kept."""
        if reply.stop_reason == "refusal":
            reply = reply.model_copy(update={"content": []})
        if thought := reply.words or reply.thinking:
            await listener.thought(thought)
        seconds = (
            meter.last_seconds(self._clock()) if only else meter.working_seconds(self._clock())
        )
        calls = [
            self._call(
                use,
                transcript.label(ahead),
                seconds,
                listener,
                refusal(use, ahead, only, self._concluding),
            )
            for ahead, use in enumerate(reply.uses)
        ]
        turn = Turn(reply=reply, results=list(await asyncio.gather(*calls)))
        await transcript.add(turn, self._price(turn, transcript.spend))
        return turn

    async def _call(
        self, use: ToolUse, label: str, seconds: float, listener: Listener, refused: str
    ) -> ToolResult:
        call = ToolCall(id=use.id, label=label, name=use.name, arguments=use.input or {})
        if refused:
            return ToolResult(call=call, text=refused, is_error=True)
        await listener.calling(call)
        result = await self._toolset.call(call, within=max(seconds, 1.0))
        await listener.called(result)
        return result
