"""The stand-in investigates every recorded scenario through the real servers, and talks about it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import bot.evals

SCENARIOS = sorted(
    path.parent.name
    for path in (Path(bot.evals.__file__).parent / "scenarios").glob("*/scenario.yaml")
)
FAULTY = "cartservice-guard"

Open = Callable[[str], Any]


def check_quotes(diagnosis: dict[str, Any], results: dict[str, str]) -> None:
    """Every quote occurs word for word in the result it names."""
    for finding in diagnosis["findings"]:
        assert finding["evidence"], finding["claim"]
        for evidence in finding["evidence"]:
            assert evidence["quote"]
            assert evidence["quote"] in results[evidence["tool_call_id"]]


@pytest.mark.parametrize("name", SCENARIOS)
async def test_finds_what_is_expected(world: Open, name: str) -> None:
    """Verdict, object, file and commit are right, no decoy is blamed, every quote is genuine."""
    async with world(name) as scene:
        expected = scene.scenario["expected"]
        diagnosis = await scene.talk.ask(scene.alarm)
        culprit = diagnosis["culprit"]
        assert diagnosis["verdict"] == expected["verdict"]
        assert culprit["object"] in [expected["object"], *expected["objects_also"]]
        assert culprit["file"] == expected["file"]
        wanted = "" if expected["commit"] == "none" else expected["commit"]
        assert culprit["commit"] == wanted
        assert culprit["commit"] not in expected["decoys"]
        said = str(diagnosis)
        assert all(word in said for word in expected["must_say"])
        assert diagnosis["summary"].startswith("[stand-in model] ")
        assert 0 < diagnosis["confidence"] < 1
        check_quotes(diagnosis, scene.talk.results)


@pytest.mark.parametrize("name", SCENARIOS)
async def test_works_in_few_turns_with_parallel_calls(world: Open, name: str) -> None:
    """It looks at several things at once, says why, never repeats a call, and ends within ten turns."""
    async with world(name) as scene:
        await scene.talk.ask(scene.alarm)
        answers = [m["content"] for m in scene.talk.messages if m["role"] == "assistant"]
        calls = [[b for b in blocks if b["type"] == "tool_use"] for blocks in answers]
        assert len(answers) <= 10
        assert len(calls[0]) > 1
        assert all(blocks[0]["type"] == "text" for blocks in answers)
        made = [(name, sorted(arguments.items())) for name, arguments in scene.talk.called]
        assert len({str(call) for call in made}) == len(made)


async def test_answers_about_another_service(world: Open) -> None:
    """Asked about an innocent service it looks there, clears it, and the diagnosis stands."""
    async with world(FAULTY) as scene:
        first = await scene.talk.ask(scene.alarm)
        before = len(scene.talk.called)
        second = await scene.talk.ask("What about the payment service?")
        looked = scene.talk.called[before:]
        assert any(arguments.get("workload") == "paymentservice" for _, arguments in looked)
        assert "paymentservice is not to blame" in second["summary"]
        assert second["culprit"] == first["culprit"]
        third = await scene.talk.ask("ok, rule out the database")
        assert "redis-cart is not to blame" in third["summary"]
        assert "paymentservice" not in third["summary"]
        check_quotes(third, scene.talk.results)


async def test_asked_about_the_culprit_it_says_it_again(world: Open) -> None:
    """A question about the blamed service gives the same diagnosis, looked at anew."""
    async with world(FAULTY) as scene:
        first = await scene.talk.ask(scene.alarm)
        before = len(scene.talk.called)
        second = await scene.talk.ask("are you sure about cartservice?")
        assert second["culprit"] == first["culprit"]
        assert 0 < len(scene.talk.called) - before < before


@pytest.mark.parametrize("turns", [1, 2])
async def test_submits_at_once_when_only_that_is_honoured(world: Open, turns: int) -> None:
    """Cut short, it says what it has and that time was up, and blames no commit that it has not read."""
    async with world(FAULTY) as scene:
        diagnosis = await scene.talk.ask(scene.alarm, turns=turns)
        assert scene.talk.messages[-1]["content"][-1]["name"] == "submit_diagnosis"
        answers = [m for m in scene.talk.messages if m["role"] == "assistant"]
        assert len(answers) == turns + 1
        assert diagnosis["culprit"]["commit"] == ""
        assert any("Time was up" in unknown for unknown in diagnosis["unknowns"])
        check_quotes(diagnosis, scene.talk.results)


async def test_goes_on_when_a_server_is_down(world: Open) -> None:
    """Failing tools are named as gaps, and the verdict is inconclusive rather than healthy."""
    async with world(FAULTY) as scene:

        async def down(name: str, arguments: dict[str, Any]) -> tuple[str, bool]:
            return "the cluster does not answer", True

        scene.talk.call = down
        diagnosis = await scene.talk.ask(scene.alarm)
        assert diagnosis["verdict"] == "inconclusive"
        assert any("the cluster does not answer" in unknown for unknown in diagnosis["unknowns"])


async def test_goes_on_without_the_repository(world: Open) -> None:
    """Without tools for code it still blames the service, and names the gap."""
    async with world(FAULTY) as scene:
        talk = scene.talk
        talk.tools = [tool for tool in talk.tools if tool["name"].startswith("kubernetes_")]
        diagnosis = await talk.ask(scene.alarm)
        assert diagnosis["culprit"]["object"] == scene.scenario["expected"]["object"]
        assert diagnosis["culprit"]["commit"] == diagnosis["culprit"]["file"] == ""
        assert any("source code" in unknown for unknown in diagnosis["unknowns"])


async def test_without_any_tool_it_says_so(world: Open) -> None:
    """With nothing to look with, it is inconclusive at once."""
    async with world(FAULTY) as scene:
        scene.talk.tools = []
        diagnosis = await scene.talk.ask(scene.alarm)
        assert diagnosis["verdict"] == "inconclusive"
        assert scene.talk.called == []


async def test_tools_without_prefix_work_too(world: Open) -> None:
    """The investigator knows tools by what they do, whatever the server is called."""
    async with world(FAULTY) as scene:
        talk, real = scene.talk, scene.talk.call
        whole = {tool["name"].partition("_")[2]: tool["name"] for tool in talk.tools}
        talk.tools = [{**tool, "name": tool["name"].partition("_")[2]} for tool in talk.tools]

        async def unprefixed(name: str, arguments: dict[str, Any]) -> tuple[str, bool]:
            answer: tuple[str, bool] = await real(whole[name], arguments)
            return answer

        talk.call = unprefixed
        diagnosis = await talk.ask(scene.alarm)
        assert diagnosis["culprit"]["commit"] == scene.scenario["expected"]["commit"]
