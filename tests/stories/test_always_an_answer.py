"""Silence is a defect: whatever breaks, the thread gets exactly one terminal message."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.demo.world import CHANNEL
from bot.simulators.messages_api import Fault, faults, tool_use
from tests.stories.conftest import Open, said

HURRY = {"TOCSIN_BUDGET": json.dumps({"seconds": 6, "reserve_seconds": 4})}


def looks_until_told_to_end(request: dict[str, Any]) -> Any:
    """Looks at something else each time, until it is told that only the conclusion counts."""
    if "last reply" in json.dumps(request["messages"][-1]):
        conclusion = {
            "verdict": "inconclusive",
            "summary": "Nothing unusual was seen in two seconds.",
            "cause": "",
            "confidence": 0.2,
            "findings": [],
            "culprit": {"object": "", "file": "", "line": 0, "commit": ""},
            "actions": [],
            "unknowns": ["logs"],
        }
        return [tool_use("kubernetes_list_pods", {}), tool_use("submit_diagnosis", conclusion)]
    return tool_use("kubernetes_list_events", {"limit": len(request["messages"])})


async def test_at_the_deadline_the_thread_gets_the_best_hypothesis(oncall: Open) -> None:
    """The reserve is used for one last reply, in which only the conclusion counts."""
    async with oncall("cartservice-guard", HURRY) as story:
        story.model.script(looks_until_told_to_end)
        root = await story.alarm()

        final = await story.final(root)

        assert "Out of time" in said(final)
        assert "Nothing unusual was seen" in said(final)
        assert "Keep going" in said(final)
        assert len(story.finals(root)) == 1


async def test_a_model_that_never_answers_still_ends_in_a_message(oncall: Open) -> None:
    """Not even the last reply came."""
    budget = {"TOCSIN_BUDGET": json.dumps({"seconds": 3, "reserve_seconds": 1})}
    async with oncall("cartservice-guard", budget) as story:
        story.model.faults.add(faults.stall(), times=9)
        root = await story.alarm()

        assert "Out of time" in said(await story.final(root))


async def test_an_overloaded_model_is_asked_again(oncall: Open) -> None:
    """Overload, a cut stream and an error in the middle of one: the diagnosis comes all the same."""
    async with oncall("cartservice-guard") as story:
        for fault in (faults.overloaded(), faults.disconnect(600), faults.mid_stream_error()):
            story.model.faults.add(fault, skip=1)
        root = await story.alarm()

        assert "RedisCartStore.cs" in said(await story.final(root))


async def test_a_model_that_refuses_the_key_is_said_at_once(oncall: Open) -> None:
    """The thread names the setting to correct."""
    async with oncall("cartservice-guard", {"ANTHROPIC_API_KEY": "wrong"}) as story:
        root = await story.alarm()

        final = await story.final(root)

        assert "failed" in said(final)
        assert "ANTHROPIC_API_KEY" in said(final)
        await story.until(lambda: "x" in story.slack.reactions(CHANNEL, root))


async def test_a_tool_server_that_is_down_is_a_gap_and_not_the_end(
    oncall: Open, tmp_path: Path
) -> None:
    """The run uses what is left, and the thread says what could not be seen."""
    with (Path("mcp") / "servers.json").open() as file:
        servers = json.load(file)
    servers["mcpServers"]["metrics"] = {
        "command": "${PYTHON}",
        "args": ["-c", "raise SystemExit(1)"],
        "allow": ["*"],
    }
    path = tmp_path / "servers.json"
    path.write_text(json.dumps(servers))
    async with oncall("cartservice-guard", {"TOCSIN_SERVERS": str(path)}) as story:
        root = await story.alarm()

        final = await story.final(root)

        assert "RedisCartStore.cs" in said(final)
        assert "'metrics' is down" in said(final)


async def test_a_cluster_that_does_not_answer_is_inconclusive_and_said(oncall: Open) -> None:
    """Without eyes there is no verdict."""
    async with oncall("cartservice-guard") as story:
        story.world.kubernetes.faults.down = True
        root = await story.alarm()

        assert "nconclusive" in said(await story.final(root))


@pytest.mark.parametrize(
    "fault",
    [faults.usage_limit_reached(), faults.refused(400, "messages: wrong")],
    ids=["limit", "request"],
)
async def test_a_request_refused_for_good_is_told_once(oncall: Open, fault: Fault) -> None:
    """Nothing is retried for ever."""
    async with oncall("recovered") as story:
        story.model.faults.add(fault, times=9)
        root = await story.alarm()
        await story.final(root)

        assert len(story.finals(root)) == 1
        assert len(story.model.requests) == 1
