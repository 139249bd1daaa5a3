"""The workload is the same every time, and what it concludes stands in what its tools return."""

from __future__ import annotations

from statistics import mean

import pytest

from bot.bench.catalogue import ToolSet, tools_of
from bot.bench.cost import CASES, HEADLINE, LOG_LINES, tool_tokens
from bot.bench.logs import FRAME, service_log
from bot.bench.replay import MODEL
from bot.bench.script import ANSWERED, LENGTHS, block_replies, script
from bot.investigation.first_look import _CULPRIT, TRIAGE
from bot.simulators.messages_api.models import MODELS
from bot.simulators.messages_api.tokens import count_text


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
def test_a_first_look_saves_only_calls_that_it_answers(turns: int) -> None:
    """Logs, the commit and the source are still read; evidence names the same results under their new ids."""
    told = script(turns, LOG_LINES)
    after = told.with_first_look()

    names = [step.tool.partition("_")[2] for step in told.steps]
    saved = [name for name, step in zip(names, told.steps, strict=True) if step.answered]
    assert len(after.steps) == turns - 1 - len(saved)
    assert 0 < len(saved) < turns / 2
    assert set(saved) <= ANSWERED
    results = [step.result for step in (*after.looked, *after.steps)]
    for finding in after.diagnosis["findings"]:
        for item in finding["evidence"]:
            assert item["quote"] in results[int(item["tool_call_id"][1:]) - 1]
    assert len(told.with_first_look(saving=False).steps) == turns - 1


def test_the_bot_finds_the_culprit_in_the_first_look() -> None:
    """What triage says here has the shape that the real one has: the bot reads on from it."""
    triage = script(16, LOG_LINES).with_first_look().looked[0]
    found = _CULPRIT.search(triage.result)

    assert triage.tool == TRIAGE
    assert found is not None
    assert (found["service"], found["file"]) == ("cartservice", "/app/cartstore/RedisCartStore.cs")


@pytest.mark.parametrize("turns", LENGTHS)
def test_no_call_is_made_twice(turns: int) -> None:
    """A repeated call would be answered from memory, and measure something else."""
    calls = [(step.tool, str(step.arguments)) for step in script(turns, LOG_LINES).steps]

    assert len(set(calls)) == len(calls)


@pytest.mark.parametrize("lines", [20, 100, 1_000])
def test_a_log_has_its_length_and_its_error(lines: int) -> None:
    """A failing service's log holds the telling frame, a healthy one's does not."""
    failing = service_log("cartservice", lines, "1")
    healthy = service_log("adservice", lines, "1")

    assert lines <= len(failing.splitlines()) - 2 <= lines + 7
    assert len(healthy.splitlines()) - 2 == lines
    assert FRAME in failing.splitlines()
    assert FRAME not in healthy


def test_tool_sets_contain_each_other() -> None:
    """The subset has what the scripts call; the sizes are near those that are named."""
    sets: list[ToolSet] = ["subset", "small", "typical", "large"]
    names = [{tool.name for tool in tools_of(each)} for each in sets]

    assert names[0] < names[1] < names[2] < names[3]
    assert {step.tool for turns in LENGTHS for step in script(turns, 20).steps} <= names[0]
    for each, wanted in (("small", 5_000), ("typical", 10_000), ("large", 20_000)):
        assert tool_tokens(each) == pytest.approx(wanted, rel=0.2)


def test_the_headline_is_the_typical_investigation() -> None:
    """16 turns, about 10,000 tokens of tools, about 3,000 tokens a result; it is among the cases."""
    assert HEADLINE in CASES
    assert HEADLINE.turns == 16
    family = MODELS[MODEL].family
    results = [step.result for step in script(HEADLINE.turns, HEADLINE.log_lines).steps]
    assert mean(count_text(text, family) for text in results) == pytest.approx(3_000, rel=0.2)
    assert {case.turns for case in CASES} == {8, 16, 32}
