"""When a run goes nowhere: calls that bring nothing new, replies without calls, replies cut short.

Pure. The loop shows every turn to the guard and does what it advises. Tools are never taken off the list (that would
break the cached prefix): withdrawing them means the last reply, in which only the concluding tool is honoured.

| what the model does | what happens |
|---|---|
| no call, an empty reply, or a pause | a nudge; at the third in a row the run ends |
| a reply cut at the length limit | its last call is not run, a nudge; at the third in a row the last reply |
| arguments that are no JSON object, a tool that does not exist, a failing tool | an error as result |
| only errors or calls whose answer is known already, two turns in a row (A-B-A-B) | a nudge |
| the same three turns in a row, or a call asked for the third time with the same answer | the last reply |
| more calls in one reply than `MOST_CALLS` | the first ones are run, the others answered with an error |
| a refusal | the run ends; what was written of it is not kept |
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass

from bot.agent.messages import Reply, StopReason, ToolUse, Turn
from bot.tools.toolset import ToolCall, ToolResult

MOST_CALLS = 12
"""Calls of one reply that are run."""
_PATIENCE = 2
"""How often in a row the model is nudged before the run ends or the tools are withdrawn."""
_SAME_CALL = 3
"""How often the same call may give the same answer."""

NUDGE = "Go on with tool calls, or call {tool} now if you are done. The investigation only ends with {tool}."
SHORTER = (
    "Your reply was cut at the length limit. Go on with shorter replies and fewer calls at a time."
)
BARREN = (
    "Your last calls brought nothing new: they failed, or their answers are known already and have not changed. Do not "
    "repeat them. Look somewhere else, or call {tool} now and put what you could not see into unknowns."
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What the loop does after a turn; nothing at all means: go on."""

    words: str = ""
    """To be said to the model."""
    withdraw: bool = False
    """No further ordinary turn: ask for the last reply."""
    end: StopReason | None = None
    """End the run without a last reply."""


def refusal(use: ToolUse, place: int, only: str, concluding: str) -> str:
    """Why a call is not run, in words for the model; empty when it is. `place` counts the reply's calls from 0, `only`
    names the tool that the last reply may still use."""
    if only and use.name != only:
        return f"Ignored: only {only} is honoured now."
    if use.input is None:
        return "The arguments were cut off or are not a JSON object. Call again with complete arguments."
    if place >= MOST_CALLS and use.name != concluding:
        return f"Not run: at most {MOST_CALLS} calls of one reply are. Call again if it is still needed."
    return ""


class LoopGuard:
    """Watches one run. `concluding` is the tool that ends it."""

    def __init__(self, concluding: str) -> None:
        self._tool = concluding
        self._idle = 0
        self._cut = 0
        self._barren = 0
        self._known: dict[str, str] = {}
        self._repeats: dict[str, int] = defaultdict(int)

    def judge(self, turn: Turn) -> Advice:
        """What to do after this turn, which did not end the run."""
        reply = turn.reply
        if reply.stop_reason == "refusal":
            return Advice(end="refused")
        self._cut = self._cut + 1 if reply.cut else 0
        if self._cut > _PATIENCE:
            return Advice(withdraw=True)
        return self._calls(turn.results) if turn.results else self._silence(reply)

    def _silence(self, reply: Reply) -> Advice:
        self._idle += 1
        if self._idle > _PATIENCE:
            return Advice(end="ended")
        return Advice(words=SHORTER if reply.cut else NUDGE.format(tool=self._tool))

    def _calls(self, results: list[ToolResult]) -> Advice:
        self._idle = 0
        new = [self._is_new(result) for result in _distinct(results)]
        self._barren = 0 if any(new) else self._barren + 1
        worn = any(count >= _SAME_CALL for count in self._repeats.values())
        if worn or self._barren > _PATIENCE:
            return Advice(withdraw=True)
        return (
            Advice(words=BARREN.format(tool=self._tool)) if self._barren == _PATIENCE else Advice()
        )

    def _is_new(self, result: ToolResult) -> bool:
        """Whether the model learned something from it."""
        key = signature(result.call)
        same = self._known.get(key) == result.whole
        self._known[key] = result.whole
        self._repeats[key] = self._repeats[key] + 1 if same else 1
        return not same and not result.is_error


def signature(call: ToolCall) -> str:
    """The same text for the same tool with the same arguments, whatever their order."""
    return f"{call.name} {json.dumps(call.arguments, sort_keys=True)}"


def _distinct(results: list[ToolResult]) -> list[ToolResult]:
    """The same call twice in one reply counts once: the first one."""
    return list({signature(result.call): result for result in reversed(results)}.values())[::-1]
