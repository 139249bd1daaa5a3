"""A model that goes nowhere is stopped, and the thread still gets its one message."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bot.simulators.messages_api import Reply, text, tool_use
from tests.stories.conftest import OnCall, Open, said
from tests.stories.test_prompt_prefix import moved

Script = Callable[[dict[str, Any]], Any]
CONCLUSION: dict[str, Any] = {
    "verdict": "inconclusive",
    "summary": "Nothing was proven.",
    "cause": "",
    "confidence": 0.2,
    "findings": [],
    "culprit": {"object": "", "file": "", "line": 0, "commit": ""},
    "actions": [{"description": "Look at the pods by hand.", "patch": ""}],
    "unknowns": ["everything else"],
}
PODS, EVENTS = (
    tool_use("kubernetes_list_pods", {}),
    tool_use("kubernetes_list_events", {"limit": 5}),
)


def last(request: dict[str, Any]) -> str:
    """What the model was told last."""
    return json.dumps(request["messages"][-1])


def until_told(step: Callable[[int], Any]) -> Script:
    """Does `step` (given the number of the reply, from 0) until it is told that this is the last reply."""

    def answer(request: dict[str, Any]) -> Any:
        if "last reply" in last(request):
            return tool_use("submit_diagnosis", CONCLUSION)
        replies = [m for m in request["messages"] if m["role"] == "assistant"]
        return step(len(replies))

    return answer


def asked(story: OnCall) -> int:
    """How often the model was asked."""
    return len(story.model.ledger)


@pytest.mark.parametrize(
    ("step", "replies"),
    [
        pytest.param(lambda number: PODS, 3, id="the same call"),
        pytest.param(lambda number: [PODS, EVENTS][number % 2], 5, id="A-B-A-B"),
        pytest.param(lambda number: tool_use("nothing_here", {"n": number}), 3, id="unknown tools"),
        pytest.param(
            lambda number: tool_use("kubernetes_read_logs", {"tail": f"many{number}"}),
            3,
            id="arguments of a wrong type",
        ),
        pytest.param(
            lambda number: tool_use("submit_diagnosis", {"verdict": f"broken{number}"}),
            3,
            id="a diagnosis out of shape",
        ),
        pytest.param(
            lambda number: Reply([text("and then")], stop_reason="max_tokens"), 3, id="cut replies"
        ),
    ],
)
async def test_going_in_circles_leads_to_a_conclusion(
    oncall: Open, step: Callable[[int], Any], replies: int
) -> None:
    """Soon, with all tools still listed and the prefix untouched, and the thread says why it ended."""
    async with oncall("cartservice-guard") as story:
        story.model.script(until_told(step))
        root = await story.alarm()
        final = await story.final(root)

        assert "went in circles" in said(final)
        assert "Nothing was proven." in said(final)
        assert "Keep going" in said(final)
        assert asked(story) == replies + 1
        assert len(story.finals(root)) == 1
        bodies = [request.body for request in story.model.requests]
        assert moved(bodies) == []
        assert len({json.dumps([tool["name"] for tool in body["tools"]]) for body in bodies}) == 1


async def test_the_world_is_asked_once_for_the_same_thing(oncall: Open) -> None:
    """The second answer comes from memory and says where the first one stands."""
    async with oncall("cartservice-guard") as story:
        story.model.script(until_told(lambda number: PODS))
        root = await story.alarm()
        await story.final(root)

        results = [
            block["content"][0]["text"]
            for message in story.model.requests[-1].body["messages"]
            for block in message["content"]
            if block["type"] == "tool_result"
        ]
        assert len(results) == 3
        assert "same call as" not in results[0]
        assert all("same call as" in result for result in results[1:])


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        pytest.param(Reply([], stop_reason="end_turn"), "without a checked conclusion", id="empty"),
        pytest.param(Reply([text("Hm.")]), "Hm.", id="words"),
        pytest.param(Reply([text("Hm.")], stop_reason="pause_turn"), "Hm.", id="pause"),
        pytest.param(Reply([text("Hm.")], stop_reason="eos"), "Hm.", id="unknown stop reason"),
    ],
)
async def test_a_model_that_calls_nothing_is_nudged_and_then_left(
    oncall: Open, reply: Reply, told: str
) -> None:
    """Twice; its words are shown as what they are: inconclusive."""
    async with oncall("cartservice-guard") as story:
        story.model.script(lambda _: reply)
        root = await story.alarm()
        final = await story.final(root)

        assert told in said(final)
        assert "nconclusive" in said(final)
        assert asked(story) == 3


async def test_a_refusal_is_told_and_what_was_paid_is_shown(oncall: Open) -> None:
    """Keep going begins with a history that does not hold the refusal."""
    async with oncall("cartservice-guard") as story:
        story.model.script([PODS, Reply([text("I will not.")], stop_reason="refusal")])
        root = await story.alarm()
        final = await story.final(root)

        assert "refused to go on" in said(final)
        assert asked(story) == 2
        assert "I will not." not in json.dumps((await story.conversation(root)).messages)


async def test_a_call_cut_in_the_middle_is_never_run(oncall: Open) -> None:
    """It is asked for with more room once; then the model is told, and goes on."""

    def answer(request: dict[str, Any]) -> Any:
        if "cut off or are not a JSON object" in last(request):
            return tool_use("submit_diagnosis", CONCLUSION)
        return Reply([tool_use("kubernetes_list_pods", {"selector": "app="})], "max_tokens")

    async with oncall("cartservice-guard", {"TOCSIN_BACKEND": "anthropic"}) as story:
        story.model.script(answer)
        root = await story.alarm()
        final = await story.final(root)

        assert "Nothing was proven." in said(final)
        asked_for = [request.body["max_tokens"] for request in story.model.requests]
        assert asked_for == [16_000, 32_000, 16_000]


async def test_thirty_calls_in_one_reply_are_bounded(oncall: Open) -> None:
    """Twelve are run, the others answered, none is lost; the run goes on."""
    many = [tool_use("kubernetes_list_events", {"limit": 1 + number}) for number in range(30)]

    def answer(request: dict[str, Any]) -> Any:
        if "at most 12 calls" in last(request):
            return tool_use("submit_diagnosis", CONCLUSION)
        return many

    async with oncall("cartservice-guard") as story:
        story.model.script(answer)
        root = await story.alarm()
        await story.final(root)

        results = story.model.requests[-1].body["messages"][-1]["content"]
        assert len(results) == 30
        assert sum("at most 12 calls" in str(result["content"]) for result in results) == 18
        assert asked(story) == 2


async def test_the_same_id_twice_does_no_harm(oncall: Open) -> None:
    """Both calls are run and answered under ids of their own."""
    twice = [tool_use("kubernetes_list_pods", {}, "x"), tool_use("kubernetes_list_events", {}, "x")]

    def answer(request: dict[str, Any]) -> Any:
        if "tool_result" in last(request):
            return tool_use("submit_diagnosis", CONCLUSION)
        return twice

    async with oncall("cartservice-guard") as story:
        story.model.script(answer)
        root = await story.alarm()

        assert "Nothing was proven." in said(await story.final(root))
        results = story.model.requests[-1].body["messages"][-1]["content"]
        assert [result["tool_use_id"] for result in results] == ["x", "x_1"]
        assert not any(result.get("is_error") for result in results)
