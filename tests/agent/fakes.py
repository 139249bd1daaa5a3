"""Stand-ins for what surrounds the loop, passed to its constructor."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot.agent.messages import Message, Prompt, Reply, Spend, Turn
from bot.agent.model import Notice
from bot.costs.usage import Usage
from bot.tools.toolset import Tool, ToolCall, ToolResult

Answer = Reply | BaseException


class ScriptedModel:
    """Answers from a list; what it was asked is in `prompts`, how long it had in `limits`."""

    def __init__(
        self, answers: Sequence[Answer], before: Callable[[], None] = lambda: None
    ) -> None:
        self._answers = list(answers)
        self._before = before
        self.prompts: list[Prompt] = []
        self.limits: list[float] = []

    async def reply(self, prompt: Prompt, *, within: float, notice: Notice) -> Reply:
        self.prompts.append(prompt)
        self.limits.append(within)
        self._before()
        answer = self._answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


class Bench:
    """A toolset of two tools: `look` answers with its arguments, `finish` ends the run, unless it is given `wrong`."""

    def __init__(self) -> None:
        self.calls: list[ToolCall] = []
        self.limits: list[float] = []

    async def tools(self) -> Sequence[Tool]:
        return [
            Tool(name=name, description=name, input_schema={"type": "object"})
            for name in ("look", "finish")
        ]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        self.calls.append(call)
        self.limits.append(within)
        if "wrong" in call.arguments:
            return ToolResult(call=call, text="Not accepted yet.", is_error=True)
        return ToolResult(call=call, text=f"saw {call.arguments}", ends=call.name == "finish")


class MemoryTranscript:
    """A transcript that keeps everything in memory."""

    def __init__(self) -> None:
        self.spend = Spend()
        self.messages: list[Message] = [
            {"role": "user", "content": [{"type": "text", "text": "go"}]}
        ]
        self.turns: list[Turn] = []

    def prompt(self) -> Prompt:
        return Prompt(system="s", tools=[], messages=list(self.messages))

    def label(self, ahead: int) -> str:
        return f"c{sum(len(turn.results) for turn in self.turns) + ahead + 1}"

    async def add(self, turn: Turn, spend: Spend) -> None:
        self.turns.append(turn)
        self.messages += turn.messages()
        self.spend = spend

    async def say(self, message: Message) -> None:
        self.messages.append(message)


class Diary:
    """A listener that writes everything down."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    async def thought(self, words: str) -> None:
        self.lines.append(f"thought {words}")

    async def calling(self, call: ToolCall) -> None:
        self.lines.append(f"calling {call.label} {call.name}")

    async def called(self, result: ToolResult) -> None:
        self.lines.append(f"called {result.call.label}")

    async def delayed(self, reason: str) -> None:
        self.lines.append(f"delayed {reason}")


def says(*blocks: dict[str, Any], stop: str = "tool_use", output: int = 10) -> Reply:
    """A reply of these blocks."""
    return Reply(
        content=list(blocks), stop_reason=stop, usage=Usage(input=100, output=output), model="m"
    )


def uses(name: str, call_id: str = "t1", **arguments: Any) -> dict[str, Any]:
    """A tool_use block."""
    return {"type": "tool_use", "id": call_id, "name": name, "input": arguments}


def words(text: str) -> dict[str, Any]:
    """A text block."""
    return {"type": "text", "text": text}


def a_dollar_each(turn: Turn, spend: Spend) -> Spend:
    """Prices every reply at one dollar."""
    reply = turn.reply
    return spend.model_copy(
        update={
            "usd": spend.usd + 1,
            "turns": spend.turns + 1,
            "next_usd": 1.0,
            "least_usd": 1.0,
            "tool_calls": spend.tool_calls + len(reply.uses),
            "usage": spend.usage + reply.usage,
        }
    )
