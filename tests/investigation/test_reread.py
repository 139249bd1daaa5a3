"""`read_result` looks closer at what is already known."""

from __future__ import annotations

from typing import Any

import pytest

from bot.investigation.evidence import Source
from bot.investigation.reread import NAME, TOOL, Rereading
from bot.tools.toolset import ToolCall, ToolResult
from tests.agent.fakes import Bench

LINES = "\n".join(f"line {number}" for number in range(1, 501))


async def _read(**arguments: Any) -> ToolResult:
    rereading = Rereading(Bench(), lambda: {"c1": Source("logs", LINES)})
    return await rereading.call(
        ToolCall(id="t", label="c2", name=NAME, arguments=arguments), within=1
    )


async def test_a_search_shows_hits_with_two_lines_around() -> None:
    """Line numbers tell where they stand."""
    assert (await _read(call_id="[c1]", grep="LINE 250")).text.splitlines() == [
        "c1: 5 of 500 lines",
        *(f"{number} | line {number}" for number in range(248, 253)),
    ]


async def test_a_range_is_bounded_and_says_how_to_go_on() -> None:
    """At most 200 lines at a time."""
    text = (await _read(call_id="c1", start_line=100)).text

    assert text.splitlines()[1] == "100 | line 100"
    assert text.endswith("… 201 more lines; go on with start_line=300")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [({"call_id": "c9"}, True), ({}, True), ({"call_id": "c1", "grep": "nothing"}, False)],
)
async def test_what_is_not_there_is_said(arguments: dict[str, Any], error: bool) -> None:
    """An unknown id is an error, an empty search is not."""
    assert (await _read(**arguments)).is_error is error


async def test_other_tools_pass_through() -> None:
    """The wrapper adds one tool."""
    rereading = Rereading(Bench(), dict)

    assert TOOL in await rereading.tools()
    assert (
        await rereading.call(ToolCall(id="t", label="c1", name="look"), within=1)
    ).text == "saw {}"
