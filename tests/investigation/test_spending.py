"""What a turn adds, and what the next reply is expected to cost."""

from __future__ import annotations

import pytest

from bot.agent.messages import Reply, Spend, Turn
from bot.costs.pricing import PRICES, PriceTable
from bot.costs.usage import Usage
from bot.investigation.spending import next_usage, spent
from bot.tools.toolset import ToolCall, ToolResult

MODEL = "claude-sonnet-5-5"


def turn(usage: Usage, model: str = MODEL, text: str = "") -> Turn:
    """One call of a tool that returned `text`."""
    block = {"type": "tool_use", "id": "t", "name": "look", "input": {}}
    reply = Reply(content=[block], stop_reason="tool_use", usage=usage, model=model)
    call = ToolCall(id="t", label="c1", name="look")
    return Turn(reply=reply, results=[ToolResult(call=call, text=text)])


@pytest.mark.parametrize(
    ("used", "coming"),
    [
        (
            Usage(cache_write_5m=9_000, output=100),
            Usage(cache_read=9_000, cache_write_5m=1_100, output=1_000),
        ),
        (
            Usage(cache_read=9_000, input=5, output=2_000),
            Usage(cache_read=9_005, cache_write_5m=3_000, output=2_000),
        ),
        (Usage(input=9_000, output=100), Usage(input=10_100, output=1_000)),
    ],
    ids=["cold", "warm", "no cache"],
)
def test_the_next_prompt_is_this_one_and_this_turn(used: Usage, coming: Usage) -> None:
    """Read from the cache where there is one; and room for a diagnosis."""
    assert next_usage(turn(used, text="x" * 3_000)) == coming


def test_turns_add_up() -> None:
    """Dollars by the table of each model, and the models in the order in which they answered."""
    once = spent(PriceTable(), turn(Usage(input=1_000_000)), Spend())
    twice = spent(PriceTable(), turn(Usage(input=1_000_000), "claude-opus-5-5"), once)
    again = spent(PriceTable(), turn(Usage()), twice)

    assert again.usd == PRICES[MODEL].input + PRICES["claude-opus-5-5"].input
    assert again.model == "claude-sonnet-5-5 + claude-opus-5-5"
    assert (again.turns, again.tool_calls) == (3, 3)
    assert twice.next_usd > twice.usd / 2
