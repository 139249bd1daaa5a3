"""The workload is the same every time, and what it concludes stands in what its tools return."""

from __future__ import annotations

import pytest

from bot.bench.catalogue import ToolSet, tools_of
from bot.bench.cost import CASES, HEADLINE, LOG_LINES, result_tokens, tool_tokens
from bot.bench.logs import FRAME, service_log
from bot.bench.script import FIRST_LOOK, LENGTHS, block_replies, script


@pytest.mark.parametrize("turns", LENGTHS)
def test_a_script_is_the_same_every_time(turns: int) -> None:
    """Two processes that measure get the same bytes."""
    make = script.__wrapped__

    assert make(turns, 40) == make(turns, 40)
    assert make(turns, 40, 2) != make(turns, 40, 1)


@pytest.mark.parametrize("turns", LENGTHS)
def test_quotes_stand_in_the_results_they_name(turns: int) -> None:
    """Each finding's evidence is in the result of the step with that id."""
    told = script(turns, LOG_LINES)

    assert len(block_replies(told)) == turns
    for finding in told.diagnosis["findings"]:
        for item in finding["evidence"]:
            assert item["quote"] in told.steps[int(item["tool_call_id"][1:]) - 1].result


@pytest.mark.parametrize("turns", LENGTHS)
def test_a_first_look_covers_leading_calls_only(turns: int) -> None:
    """What it replaces comes before anything it cannot know."""
    told = script(turns, LOG_LINES)
    names = [step.tool.partition("_")[2] for step in told.steps]

    assert 0 < told.first_look < turns
    assert set(names[: told.first_look]) <= FIRST_LOOK
    assert names[told.first_look] not in FIRST_LOOK
    assert len(block_replies(told, told.first_look)) == turns - told.first_look


@pytest.mark.parametrize("turns", LENGTHS)
def test_no_call_is_made_twice(turns: int) -> None:
    """A repeated call would be answered from memory, and measure something else."""
    calls = [(step.tool, str(step.arguments)) for step in script(turns, LOG_LINES).steps]

    assert len(set(calls)) == len(calls)


@pytest.mark.parametrize("lines", [20, 100, 1_000])
def test_a_log_has_its_length_and_its_error(lines: int) -> None:
    """A failing service's log holds the telling frame, a healthy one's does not."""
    failing = service_log("cartservice", lines, "1", failing=True)
    healthy = service_log("adservice", lines, "1", failing=False)

    assert lines <= len(failing.splitlines()) <= lines + 7
    assert len(healthy.splitlines()) == lines
    assert FRAME in failing.splitlines()
    assert FRAME not in healthy


def test_tool_sets_contain_each_other() -> None:
    """The subset has what the scripts call; the sizes are near those that are named."""
    sets: list[ToolSet] = ["subset", "small", "typical", "large"]
    names = [{tool.name for tool in tools_of(each)} for each in sets]

    assert names[0] < names[1] < names[2] < names[3]
    assert {step.tool for turns in LENGTHS for step in script(turns, 20).steps} <= names[0]
    for each, wanted in (("small", 4_000), ("typical", 10_000), ("large", 20_000)):
        assert tool_tokens(each) == pytest.approx(wanted, rel=0.2)


def test_the_headline_is_the_typical_investigation() -> None:
    """16 turns, about 10,000 tokens of tools, about 3,000 tokens a result; it is among the cases."""
    assert HEADLINE in CASES
    assert HEADLINE.turns == 16
    assert result_tokens(HEADLINE) == pytest.approx(3_000, rel=0.2)
    assert {case.turns for case in CASES} == {8, 16, 32}
