"""`read_result` looks closer at what is already known."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.investigation.evidence import Source
from bot.investigation.reread import NAME, TOOL, Rereading
from bot.tools.compressed import Compressed
from bot.tools.toolset import ToolCall, ToolResult
from tests.agent.fakes import Bench
from tests.tools.test_wrappers import Fixed

LINES = "\n".join(f"line {number}" for number in range(1, 501))


async def _read(text: str = LINES, **arguments: Any) -> ToolResult:
    rereading = Rereading(Bench(), lambda: {"c1": Source("logs", text)})
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


async def test_a_listing_is_asked_for_by_its_own_numbers() -> None:
    """The numbers that marks name and that the model knows from the file."""
    listed = "\n".join(["file at main", *(f"{number:>4} | x{number}" for number in range(41, 90))])

    text = (await _read(listed, call_id="c1", start_line=50, end_line=51)).text

    assert text.splitlines() == ["c1: 2 of 50 lines", "  50 | x50", "  51 | x51"]


async def test_data_on_one_line_is_broken_so_that_a_search_finds_places() -> None:
    """And not the whole document, cut."""
    document = json.dumps([{"name": f"pod-{number}", "phase": "Running"} for number in range(200)])

    text = (await _read(document, call_id="c1", grep="pod-150")).text

    assert "pod-150" in text
    assert len(text) < 1_500
    assert "pod-10" not in text


async def test_the_shortened_form_is_not_read_again() -> None:
    """It was shown already."""
    long = "\n".join(f"14:00:{number % 60:02} INFO beat {number}" for number in range(500))
    result = await Compressed(Fixed(long)).call(ToolCall(id="t", label="c1", name="logs"), within=1)

    assert result.text != long
    assert (await _read(result.whole, call_id="c1", grep="beat 77")).text.count("beat 77") == 1


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
