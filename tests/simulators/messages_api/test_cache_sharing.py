"""Who reads whose cache entries, when they become readable, and why a prompt was missed."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import pytest
from anthropic import AsyncAnthropic

from bot.simulators.messages_api import (
    ManualClock,
    MessagesApiSimulator,
    PromptCache,
    Workspace,
    faults,
)
from tests.simulators.messages_api.asking import HOUR, LONG, MODEL, SHORT, ask, tool, user, words


async def test_parallel_cold_requests_pay_each(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """An entry is readable only after its writer's answer has begun."""
    gate = asyncio.Event()

    async def held(_: Any) -> str:
        await gate.wait()
        return "ok"

    api.script(held)
    message = user(words(LONG, SHORT))
    async with asyncio.TaskGroup() as group:
        both = [group.create_task(ask(client, message)) for _ in range(2)]
        async with asyncio.timeout(30):
            while len(api.requests) < 2:
                await asyncio.wait(both, timeout=0.01)
        gate.set()
    assert [task.result().read for task in both] == [0, 0]
    assert (await ask(client, message)).read > 0


async def test_a_slow_answer_writes_when_it_begins(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """As long as nothing has been sent, there is nothing to read, and nothing is billed."""
    api.faults.add(faults.slow(0.3))
    message = user(words(LONG, SHORT))
    async with asyncio.TaskGroup() as group:
        slow = group.create_task(ask(client, message))
        while not api.requests:
            await asyncio.wait([slow], timeout=0.01)
        assert api.ledger == []
        assert (await ask(client, message)).read == 0
    assert slow.result().read == 0
    assert (await ask(client, message)).read > 0


async def test_failed_requests_write_nothing(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """After a refusal the cache is as cold as before; after an error in mid-stream it is warm."""
    message = user(words(LONG, SHORT))
    api.faults.add(faults.overloaded())
    with pytest.raises(anthropic.APIStatusError):
        await ask(client, message)
    api.faults.add(faults.mid_stream_error())
    with pytest.raises(anthropic.APIStatusError):
        await ask(client, message)
    assert api.ledger[0].read == 0
    assert (await ask(client, message)).read > 0


async def test_workspaces_and_organisations_do_not_share(clock: ManualClock) -> None:
    """Two keys of one workspace share a cache, other workspaces and organisations do not."""
    keys = {
        "k1": Workspace("org1", "w1"),
        "k2": Workspace("org1", "w1"),
        "k3": Workspace("org1", "w2"),
        "k4": Workspace("org2", "w1"),
    }
    async with MessagesApiSimulator(clock=clock, keys=keys) as api:
        api.script(lambda _: "ok")
        reads = []
        for key in keys:
            async with AsyncAnthropic(base_url=api.url, api_key=key, max_retries=0) as client:
                reads.append((await ask(client, user(words(LONG, SHORT)))).read > 0)
    assert reads == [False, True, False, False]


@pytest.mark.parametrize(
    ("refresh", "kept"), [("hit", False), ("marked", True), ("all", True)], ids=str
)
async def test_which_entries_a_hit_renews(clock: ManualClock, refresh: Any, kept: bool) -> None:
    """A hit renews itself; whether it renews marked or all earlier entries can be chosen."""
    async with (
        MessagesApiSimulator(clock=clock, cache=PromptCache(refresh=refresh)) as api,
        AsyncAnthropic(base_url=api.url, api_key=api.api_key, max_retries=0) as client,
    ):
        api.script(lambda _: "ok")
        system = [words(LONG, SHORT)]
        for _ in range(2):
            await ask(client, user(words(LONG, SHORT)), system=system)
            clock.advance(200)
        other = await ask(client, user(words("other " + LONG, SHORT)), system=system)
        assert (other.read > 0) is kept


async def test_diagnostics_name_what_changed(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """With previous_message_id the response says which part of the prompt moved."""
    base: dict[str, Any] = {
        "model": MODEL,
        "max_tokens": 50,
        "tools": [tool("a", HOUR)],
        "system": [words(LONG, HOUR)],
        "messages": [user(words(LONG, SHORT))],
    }
    first = await client.messages.create(**base, diagnostics={"previous_message_id": None})
    assert first.diagnostics is None
    changes: list[tuple[dict[str, Any], str | None]] = [
        ({}, None),
        ({"model": "claude-opus-5-5"}, "model_changed"),
        ({"system": [words("x" + LONG, HOUR)]}, "system_changed"),
        ({"tools": [tool("b", HOUR)]}, "tools_changed"),
        ({"messages": [user(words("x" + LONG, SHORT))]}, "messages_changed"),
        ({"tool_choice": {"type": "none"}}, "unavailable"),
    ]
    for change, expected in changes:
        answer = await client.messages.create(
            **{**base, **change}, diagnostics={"previous_message_id": first.id}
        )
        told = answer.diagnostics and answer.diagnostics.cache_miss_reason
        assert (told.type if told else None) == expected
        if told and told.type != "unavailable":
            assert told.cache_missed_input_tokens > 0
    lost = await client.messages.create(**base, diagnostics={"previous_message_id": "msg_x"})
    assert lost.diagnostics is not None
    assert lost.diagnostics.cache_miss_reason is not None
    assert lost.diagnostics.cache_miss_reason.type == "previous_message_not_found"


async def test_ledger_says_why_a_prefix_was_missed(
    api: MessagesApiSimulator, client: AsyncAnthropic, clock: ManualClock
) -> None:
    """Without being asked, the ledger holds the reason of every miss."""
    message = user(words(LONG, SHORT))
    await ask(client, message, system="one")
    await ask(client, message, system="two")
    clock.advance(301)
    await ask(client, message, system="two")
    await ask(client, user(words(LONG)), system="two")
    reasons = [entry.miss_reason for entry in api.ledger]
    assert reasons == ["cold", "system_changed", "expired", "no_breakpoint"]
