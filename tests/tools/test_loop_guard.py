"""The same call again is answered from memory."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bot.tools.loop_guard import FRESH_SECONDS, Remembered
from bot.tools.toolset import Tool, ToolCall, ToolResult


class Counting:
    """A toolset that numbers its answers; calls of `fail` are errors. Answers wait until `ready` is set."""

    def __init__(self) -> None:
        self.calls = 0
        self.ready = asyncio.Event()
        self.ready.set()

    async def tools(self) -> Sequence[Tool]:
        return [Tool(name="look", description="", input_schema={"type": "object"})]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        self.calls += 1
        number = self.calls
        await self.ready.wait()
        return ToolResult(
            call=call, text=f"answer {number}", full="whole", is_error=call.name == "fail"
        )


class Bench:
    """The wrapper on a clock that stands still."""

    def __init__(self) -> None:
        self.now = 0.0
        self.inner = Counting()
        self.toolset = Remembered(self.inner, clock=lambda: self.now)

    async def ask(self, label: str, name: str = "look", **arguments: object) -> ToolResult:
        """One call."""
        call = ToolCall(id=label, label=label, name=name, arguments=arguments)
        return await self.toolset.call(call, within=1)


async def test_the_same_call_is_run_once_and_its_quotes_still_count() -> None:
    """The second answer is a note that names the first; quotes are checked against the same whole text."""
    bench = Bench()
    first = await bench.ask("c1", a=1, b=2)
    again = await bench.ask("c2", b=2, a=1)

    assert bench.inner.calls == 1
    assert first.text == "answer 1"
    assert "same call as [c1]" in again.text
    assert again.whole == "whole"
    assert again.call.label == "c2"
    assert not again.is_error


async def test_other_arguments_and_errors_are_run() -> None:
    """A failed call may succeed the next time."""
    bench = Bench()
    for number in range(3):
        await bench.ask(f"c{number}", at=number)
        await bench.ask(f"d{number}", "fail")
    assert bench.inner.calls == 6


async def test_after_a_minute_it_is_looked_up_again() -> None:
    """The world moves on."""
    bench = Bench()
    await bench.ask("c1")
    bench.now = FRESH_SECONDS
    assert (await bench.ask("c2")).text == "answer 2"


async def test_calls_side_by_side_share_one_run() -> None:
    """The second waits for the first instead of asking too."""
    bench = Bench()
    bench.inner.ready.clear()
    asked = [asyncio.ensure_future(bench.ask(label)) for label in ("c1", "c2")]
    await asyncio.wait(asked, timeout=0.01)
    bench.inner.ready.set()
    texts = [(await each).text for each in asked]

    assert bench.inner.calls == 1
    assert sorted("same call" in text for text in texts) == [False, True]


async def test_tools_pass_through() -> None:
    """The wrapper adds none and hides none."""
    assert [tool.name for tool in await Bench().toolset.tools()] == ["look"]
