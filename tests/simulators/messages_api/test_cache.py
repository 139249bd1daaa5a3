"""The prompt cache as callers see it in `usage`: reads, writes, lookback, lifetimes, isolation, reasons for misses."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from anthropic import AsyncAnthropic

from bot.simulators.messages_api import (
    ManualClock,
    MessagesApiSimulator,
    PromptCache,
    tool_use,
)
from bot.simulators.messages_api.blocks import build_blocks
from bot.simulators.messages_api.models import MODELS
from bot.simulators.messages_api.tokens import MESSAGE_FRAME, count_text
from tests.simulators.messages_api.asking import HOUR, LONG, MODEL, SHORT, ask, tool, user, words

IMAGE: dict[str, Any] = {
    "type": "image",
    "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="},
}
CITED: dict[str, Any] = {
    "type": "document",
    "source": {"type": "text", "media_type": "text/plain", "data": "x"},
    "citations": {"enabled": True},
}


async def test_second_request_reads_what_the_first_wrote(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """A growing conversation reads its past and writes only what is new."""
    first = await ask(client, user(words(LONG, SHORT)))
    assert (first.read, first.fresh) == (0, 0)
    assert first.short == first.total > 512
    history = [user(words(LONG)), {"role": "assistant", "content": "ok"}]
    second = await ask(client, *history, user(words(LONG, SHORT)))
    assert second.read == first.total
    assert 0 < second.short == second.total - first.total
    assert [entry.miss_reason for entry in api.ledger] == ["cold", None]


async def test_string_and_single_block_are_the_same_prefix(client: AsyncAnthropic) -> None:
    """Content given as a string is found again when it comes as a block, whatever its key order."""
    first = await ask(client, {"role": "user", "content": LONG}, cache_control=SHORT)
    turned = {"text": LONG, "type": "text"}
    second = await ask(client, {"role": "user", "content": [turned]}, cache_control=SHORT)
    assert second.read == first.total


async def test_below_the_minimum_nothing_is_cached(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """A prefix shorter than the model's minimum costs plain input, without an error."""
    for _ in range(2):
        used = await ask(client, user(words("short", SHORT)))
        assert used.fresh == used.total
    big = user(words(LONG[:2500], SHORT))
    old = await ask(client, big, model="claude-haiku-4-5")
    assert old.fresh == old.total < 4096
    assert {entry.miss_reason for entry in api.ledger} == {"below_minimum"}


async def test_lifetime_counts_from_the_start_and_hits_renew_it(
    clock: ManualClock, client: AsyncAnthropic
) -> None:
    """Five minutes after the last use the entry is gone, one second earlier it is not."""
    message = user(words(LONG, SHORT))
    total = (await ask(client, message)).total
    clock.advance(299)
    assert (await ask(client, message)).read == total
    clock.advance(299)
    assert (await ask(client, message)).read == total
    clock.advance(300)
    assert (await ask(client, message)).read == 0


async def test_generation_time_counts_against_the_lifetime(
    api: MessagesApiSimulator, clock: ManualClock, client: AsyncAnthropic
) -> None:
    """An entry whose answer took four minutes lives one minute after it."""

    def slowly(_: Any) -> str:
        clock.advance(240)
        return "done"

    message = user(words(LONG, SHORT))
    api.script(slowly)
    await ask(client, message)
    clock.advance(61)
    api.script(["again"])
    assert (await ask(client, message)).read == 0


async def test_mixed_lifetimes_are_billed_apart(client: AsyncAnthropic, clock: ManualClock) -> None:
    """One-hour markers come first: read to A, one-hour write to B, five-minute write to C."""
    tools = [tool("look", HOUR)]
    system = [words(LONG, HOUR)]
    message = user(words(LONG, SHORT), words("tail"))
    first = await ask(client, message, tools=tools, system=system)
    assert first.read == 0
    assert first.hour > first.short > 512
    assert first.fresh > 0
    clock.advance(301)
    second = await ask(client, message, tools=tools, system=system)
    assert second.read == first.hour
    assert (second.hour, second.short) == (0, first.short)
    clock.advance(3600)
    assert (await ask(client, message, tools=tools, system=system)).read == 0


async def test_lookback_ends_after_twenty_positions(client: AsyncAnthropic) -> None:
    """An entry twenty positions before the breakpoint is missed; a second breakpoint on it finds it."""
    start = [words(f"{n} {LONG}") for n in range(15)]
    await ask(client, user(*start[:-1], {**start[-1], "cache_control": SHORT}))
    near = [words(f"more {n}") for n in range(18)]
    assert (await ask(client, user(*start, *near, words("end", SHORT)))).read > 0
    far = [words(f"other {n}") for n in range(19)]
    assert (await ask(client, user(*start, *far, words("end", SHORT)))).read == 0
    anchored = [*start[:-1], {**start[-1], "cache_control": SHORT}]
    assert (await ask(client, user(*anchored, *far, words("last", SHORT)))).read > 0


@pytest.mark.parametrize("collapse", [True, False])
async def test_runs_of_calls_count_as_one_position(clock: ManualClock, collapse: bool) -> None:
    """Thirty parallel calls and their results are two positions here, sixty where runs do not collapse."""
    cache = PromptCache(collapse_runs=collapse)
    async with (
        MessagesApiSimulator(clock=clock, cache=cache) as api,
        AsyncAnthropic(base_url=api.url, api_key=api.api_key, max_retries=0) as client,
    ):
        api.script(lambda _: "ok")
        calls = [tool_use("look", {"n": n}, f"toolu_{n}") for n in range(30)]
        results: list[dict[str, Any]] = [
            {"type": "tool_result", "tool_use_id": f"toolu_{n}", "content": f"seen {n}"}
            for n in range(30)
        ]
        tools = [tool("look")]
        first = await ask(client, user(words(LONG, SHORT)), tools=tools)
        results[-1] = {**results[-1], "cache_control": SHORT}
        second = await ask(
            client,
            user(words(LONG)),
            {"role": "assistant", "content": calls},
            user(*results),
            tools=tools,
        )
        assert second.read == (first.total if collapse else 0)


async def test_a_marker_within_a_run_stands_at_its_end(client: AsyncAnthropic) -> None:
    """Three parallel results, the first one marked: the whole run is cached, whichever of them carries the marker."""
    calls = [tool_use("look", {"n": n}, f"toolu_{n}") for n in range(3)]
    tools = [tool("look")]

    def results(marked: int) -> dict[str, Any]:
        made: list[dict[str, Any]] = [
            {"type": "tool_result", "tool_use_id": f"toolu_{n}", "content": f"{n} {LONG}"}
            for n in range(3)
        ]
        made[marked]["cache_control"] = SHORT
        return user(*made)

    asked: list[Any] = [user(words("go")), {"role": "assistant", "content": calls}]
    first = await ask(client, *asked, results(0), tools=tools)
    assert first.fresh == 0
    assert (await ask(client, *asked, results(2), tools=tools)).read == first.total


def test_automatic_caching_marks_the_last_block_that_can_be_marked() -> None:
    """Thinking cannot: the block before it is marked. Where nothing can be marked, nothing is."""
    thought = {
        "role": "assistant",
        "content": [words("so"), {"type": "redacted_thinking", "data": "x"}],
    }
    body: dict[str, Any] = {"messages": [user(words("go")), thought], "cache_control": HOUR}

    def marked(**changes: Any) -> list[tuple[int, str | None]]:
        blocks = build_blocks({**body, **changes}, MODELS["claude-sonnet-4-5"])
        texts = [block for block in blocks if block.section == "messages"]
        return [(place, block.ttl) for place, block in enumerate(texts) if block.ttl]

    assert marked() == [(1, "1h")]
    assert marked(messages=[user(words("go", SHORT))]) == [(0, "5m")]
    assert marked(messages=[{"role": "assistant", "content": thought["content"][1:]}]) == []


async def test_marker_inside_a_result_works_and_is_not_hashed(client: AsyncAnthropic) -> None:
    """A marker on a part of a tool result caches up to that result; without it the prefix is the same."""
    calls = {"role": "assistant", "content": [tool_use("look", {}, "toolu_1")]}
    tools = [tool("look")]

    def results(control: Any) -> dict[str, Any]:
        content = [words(LONG, control)]
        return user({"type": "tool_result", "tool_use_id": "toolu_1", "content": content})

    first = await ask(client, user(words("go")), calls, results(SHORT), tools=tools)
    assert first.fresh == 0
    more = [user(words("go")), calls, results(None)]
    more += [{"role": "assistant", "content": "ok"}, user(words("next", SHORT))]
    assert (await ask(client, *more, tools=tools)).read == first.total


def changed_key_order(request: dict[str, Any]) -> None:
    """The same tool input with its keys turned round."""
    block = request["messages"][1]["content"][0]
    block["input"] = dict(reversed(block["input"].items()))


CHANGES: list[Any] = [
    pytest.param(lambda r: r["tools"].reverse(), "none", id="tool order"),
    pytest.param(lambda r: r["system"][0].update(text="x " + LONG), "tools", id="system"),
    pytest.param(
        lambda r: r.update(tool_choice={"type": "none"}), "system", id="tool choice: messages only"
    ),
    pytest.param(
        lambda r: r.update(output_config={"effort": "low"}), "system", id="effort: messages only"
    ),
    pytest.param(lambda r: r.update(speed="fast"), "tools", id="speed: system and messages"),
    pytest.param(
        lambda r: r.update(output_config={"format": {"type": "json_schema", "schema": {}}}),
        "none",
        id="format: everything",
    ),
    pytest.param(changed_key_order, "system", id="key order of an input"),
    pytest.param(lambda r: r.update(output_config={"effort": "high"}), "all", id="default effort"),
    pytest.param(lambda r: r.update(tool_choice={"type": "auto"}), "all", id="default choice"),
    pytest.param(lambda r: r.update(max_tokens=99), "all", id="max_tokens"),
    pytest.param(lambda r: r.update(metadata={"user_id": "u"}), "all", id="metadata"),
    pytest.param(lambda r: r.update(model="claude-opus-5-5"), "none", id="model"),
    pytest.param(
        lambda r: r["messages"][2]["content"].append(IMAGE), "system", id="an image: messages only"
    ),
    pytest.param(
        lambda r: r["messages"][2]["content"].append(CITED), "tools", id="citations: system too"
    ),
    pytest.param(
        lambda r: r.update(tool_choice={"type": "auto", "disable_parallel_tool_use": True}),
        "system",
        id="parallel calls: messages only",
    ),
    pytest.param(
        lambda r: r.update(thinking={"type": "between_tools"}), "system", id="thinking: messages"
    ),
]


@pytest.mark.parametrize(("change", "kept"), CHANGES)
async def test_what_a_change_invalidates(client: AsyncAnthropic, change: Any, kept: str) -> None:
    """Each change loses the documented part of the prefix and no more."""
    request: dict[str, Any] = {
        "model": MODEL,
        "max_tokens": 50,
        "tools": [tool("a"), tool("b", HOUR)],
        "system": [words(LONG, HOUR)],
        "messages": [
            user(words(LONG)),
            {"role": "assistant", "content": [tool_use("a", {"x": 1, "y": 2}, "toolu_1")]},
            user({"type": "tool_result", "tool_use_id": "toolu_1", "content": LONG}),
        ],
        "cache_control": SHORT,
    }
    messages: list[Any] = [user(words("x"))]
    counted = await client.messages.count_tokens(
        model=MODEL, messages=messages, tools=request["tools"]
    )
    tools_only = counted.input_tokens - count_text("x", "v4.8") - MESSAGE_FRAME
    first = await ask(client, **copy.deepcopy(request))
    change(request)
    used = await ask(client, **request)
    expected = {"none": 0, "tools": tools_only, "system": first.hour, "all": first.total}[kept]
    assert used.read == expected
