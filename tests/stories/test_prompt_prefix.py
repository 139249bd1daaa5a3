"""What was sent once is sent again, byte for byte: the prompt cache is keyed on it, and a moved prefix only shows in the bill."""

from __future__ import annotations

import itertools
import json
from typing import Any

from bot.demo.play import PERSON
from bot.demo.world import CHANNEL
from tests.stories.conftest import Open
from tests.stories.test_always_an_answer import HURRY, looks_until_told_to_end


def pieces(body: dict[str, Any]) -> list[str]:
    """The prompt as a list of exact pieces in the order in which an API reads them, breakpoints left out."""
    tools = [_exact(tool) for tool in body["tools"]]
    system = [_exact(block) for block in body["system"]]
    messages = [
        f"{message['role']} {_exact(block)}"
        for message in body["messages"]
        for block in message["content"]
    ]
    return [*tools, *system, *messages]


def _exact(block: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in block.items() if key != "cache_control"})


def moved(bodies: list[dict[str, Any]]) -> list[int]:
    """Numbers of the requests whose prompt does not begin with all of the one before."""
    prompts = [pieces(body) for body in bodies]
    pairs = enumerate(itertools.pairwise(prompts), start=1)
    return [number for number, (before, after) in pairs if after[: len(before)] != before]


def parameters(body: dict[str, Any]) -> str:
    """Everything else that a cache entry depends on."""
    return json.dumps(
        {key: body.get(key) for key in ("model", "thinking", "output_config", "tool_choice")}
    )


async def test_a_whole_conversation_only_ever_appends(oncall: Open) -> None:
    """Parallel calls, the end of the run, and two follow-ups."""
    async with oncall("cartservice-guard") as story:
        root = await story.alarm()
        await story.final(root)
        for number, question in enumerate(
            ["what about the payment service?", "rule out the database"], start=2
        ):
            await story.slack.post_as_user(CHANNEL, question, thread_ts=root, user=PERSON)
            await story.final(root, count=number)

        bodies = [request.body for request in story.model.requests]
        assert len(bodies) > 5
        assert any(
            sum(b["type"] == "tool_result" for b in m["content"]) > 1
            for m in bodies[-1]["messages"]
        )
        assert moved(bodies) == []
        assert len({parameters(body) for body in bodies}) == 1


async def test_the_last_reply_keeps_the_prefix_and_the_tools(oncall: Open) -> None:
    """Only the conclusion is honoured, but everything stays listed."""
    async with oncall("cartservice-guard", HURRY) as story:
        story.model.script(looks_until_told_to_end)
        root = await story.alarm()
        await story.final(root)

        bodies = [request.body for request in story.model.requests]
        assert moved(bodies) == []
        assert len({json.dumps([tool["name"] for tool in body["tools"]]) for body in bodies}) == 1


async def test_two_investigations_share_tools_and_system(oncall: Open) -> None:
    """Time, ids and alarm text come after the shared breakpoints: the second run's first request reads them."""
    async with oncall("cartservice-guard") as story:
        first = await story.alarm()
        await story.final(first)
        asked = len(story.model.requests)
        await story.slack.slash("/diagnose", "paymentservice", channel=CHANNEL, user=PERSON)
        await story.until(lambda: len(story.model.ledger) > asked)

        one, two = story.model.requests[0].body, story.model.requests[asked].body
        shared = len(one["tools"]) + len(one["system"])
        assert pieces(one)[:shared] == pieces(two)[:shared]
        assert story.model.ledger[asked].read > 1000


def test_the_check_itself_notices_a_moved_prefix() -> None:
    """A timestamp in the system prompt, another order of tools, an edited result: each is seen."""
    body: dict[str, Any] = {
        "tools": [{"name": "a"}, {"name": "b"}],
        "system": [{"type": "text", "text": "s"}],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "1"}]}],
    }
    clock = {**body, "system": [{"type": "text", "text": "s 12:00"}]}
    order = {**body, "tools": [{"name": "b"}, {"name": "a"}]}
    edited = {**body, "messages": [{"role": "user", "content": [{"type": "text", "text": "2"}]}]}

    assert moved([body, body]) == []
    assert [moved([body, changed]) for changed in (clock, order, edited)] == [[1], [1], [1]]
