"""Our client of the Messages API, against a simulator of it on the wire."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.agent.claude import Claude
from bot.agent.messages import Prompt, Reply, text, user
from bot.costs.usage import Usage
from bot.errors import PermanentError, TemporaryError
from bot.simulators.messages_api import (
    Fault,
    ManualClock,
    MessagesApiSimulator,
    faults,
    thinking,
    tool_use,
)
from bot.simulators.messages_api import text as says

LONG = "You investigate. " * 400
TOOLS = [
    {"name": name, "description": "Look at something. " * 20, "input_schema": {"type": "object"}}
    for name in ("look", "see")
]
HELLO = Prompt(system=LONG, tools=TOOLS, messages=[user(text("hello"))])


class Pauses:
    """Instead of waiting, writes down how long."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.notices: list[str] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)

    async def notice(self, words: str) -> None:
        self.notices.append(words)


@pytest.fixture
async def api() -> AsyncIterator[MessagesApiSimulator]:
    async with MessagesApiSimulator(clock=ManualClock()) as simulator:
        simulator.script([[says("Hello.")]] * 5)
        yield simulator


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def claude(api: MessagesApiSimulator, pauses: Pauses) -> AsyncIterator[Claude]:
    client = Claude(api_key=api.api_key, model="claude-sonnet-5-5", base_url=api.url, pause=pauses)
    yield client
    await client.close()


async def _ask(
    claude: Claude, pauses: Pauses, prompt: Prompt = HELLO, within: float = 30.0
) -> Reply:
    return await claude.reply(prompt, within=within, notice=pauses.notice)


async def test_a_reply_is_verbatim_and_goes_back_as_it_came(
    api: MessagesApiSimulator, claude: Claude, pauses: Pauses
) -> None:
    """Thinking with its signature, text and parallel calls: the API accepts the echo."""
    api.script(
        [
            [
                thinking("hm"),
                says("Two things."),
                tool_use("look", {"b": 1, "a": [1]}),
                tool_use("see"),
            ],
            "Done.",
        ]
    )

    reply = await _ask(claude, pauses)
    results = [
        {"type": "tool_result", "tool_use_id": use.id, "content": [text("ok")]}
        for use in reply.uses
    ]
    again = HELLO.model_copy(
        update={"messages": [*HELLO.messages, reply.message(), user(*results)]}
    )
    last = await _ask(claude, pauses, again)

    assert [block["type"] for block in reply.content] == [
        "thinking",
        "text",
        "tool_use",
        "tool_use",
    ]
    assert reply.content[0]["signature"]
    assert list(reply.uses[0].input or {}) == ["b", "a"]
    assert reply.stop_reason == "tool_use"
    assert last.words == "Done."


async def test_the_second_request_reads_what_the_first_wrote(
    api: MessagesApiSimulator, claude: Claude, pauses: Pauses
) -> None:
    """Usage is reported by kind, as the API counts it."""
    first = await _ask(claude, pauses)
    again = HELLO.model_copy(
        update={"messages": [*HELLO.messages, first.message(), user(text("more"))]}
    )
    second = await _ask(claude, pauses, again)

    entries = api.ledger
    assert first.usage.cache_write_5m == entries[0].write_5m > 1_000
    assert second.usage.cache_read == first.usage.cache_write_5m
    assert second.usage == Usage(
        input=entries[1].input,
        cache_write_5m=entries[1].write_5m,
        cache_read=entries[1].read,
        output=entries[1].output,
    )


async def test_shared_parts_may_be_kept_for_an_hour(
    api: MessagesApiSimulator, pauses: Pauses
) -> None:
    """Tools and system are written for an hour, the conversation for five minutes."""
    client = Claude(
        api_key=api.api_key,
        model="claude-sonnet-5-5",
        base_url=api.url,
        shared_ttl="1h",
        pause=pauses,
    )
    reply = await _ask(client, pauses)
    await client.close()

    assert reply.usage.cache_write_1h > reply.usage.cache_write_5m > 0


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.overloaded(), id="529"),
        pytest.param(faults.server_error(), id="500"),
        pytest.param(faults.rate_limited(None), id="429"),
        pytest.param(faults.mid_stream_error(), id="error in the stream"),
        pytest.param(faults.disconnect(0), id="cut before the first byte"),
        pytest.param(faults.disconnect(700), id="cut in the middle"),
    ],
)
async def test_what_passes_is_asked_again_and_nobody_is_left_in_the_dark(
    api: MessagesApiSimulator, claude: Claude, pauses: Pauses, fault: Fault
) -> None:
    """Twice in a row, then it answers; every delay was told."""
    api.faults.add(fault, times=2)

    assert (await _ask(claude, pauses)).words == "Hello."
    assert len(pauses.seconds) == len(pauses.notices) == 2
    assert len(api.requests) == 3
    assert api.requests[0].raw == api.requests[2].raw


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(faults.mid_stream_error(), id="error in the stream"),
        pytest.param(faults.disconnect(1_500), id="cut in the middle"),
    ],
)
async def test_a_reply_that_breaks_off_is_told_since_it_is_billed(
    api: MessagesApiSimulator, claude: Claude, pauses: Pauses, fault: Fault
) -> None:
    """Its prompt exactly, its output as far as it came."""
    api.script(["word " * 400] * 2)
    api.faults.add(fault)
    lost: list[tuple[str, Usage]] = []

    await claude.reply(HELLO, within=30, notice=pauses.notice, lost=lambda *told: lost.append(told))

    _is_billed(lost, api)


async def test_a_reply_that_is_given_up_is_told_too(
    api: MessagesApiSimulator, claude: Claude, pauses: Pauses
) -> None:
    """In the middle of its stream: by Stop, or because the time is over."""
    api.script(["word " * 400])
    api.faults.add(faults.stall(1_500))
    lost: list[tuple[str, Usage]] = []

    reply = claude.reply(
        HELLO, within=60, notice=pauses.notice, lost=lambda *told: lost.append(told)
    )
    asking = asyncio.create_task(reply)
    while not api.ledger:
        await asyncio.wait([asking], timeout=0.01)
    for _ in range(20):  # what was sent is read
        await asyncio.wait([asking], timeout=0.01)
    asking.cancel()
    await asyncio.wait([asking])

    _is_billed(lost, api)


def _is_billed(lost: list[tuple[str, Usage]], api: MessagesApiSimulator) -> None:
    ((model, usage),) = lost
    billed = api.ledger[0]
    assert model == billed.model
    assert usage.prompt == billed.prompt
    assert 0 < usage.output <= billed.output


async def test_an_api_that_breaks_off_every_reply_is_given_up(
    api: MessagesApiSimulator, claude: Claude, pauses: Pauses
) -> None:
    """Each of them is paid for: time alone is no bound."""
    api.script(lambda _: "word " * 400)
    api.faults.add(faults.mid_stream_error(), times=9)

    with pytest.raises(TemporaryError, match="overloaded"):
        await _ask(claude, pauses)
    assert len(api.requests) == 4


async def test_no_more_is_asked_for_than_can_be_paid(
    api: MessagesApiSimulator, claude: Claude, pauses: Pauses
) -> None:
    """Neither at first nor, where a call was cut, with more room."""
    api.script([[tool_use("look", {"path": "word " * 900})]] * 2)
    prompt = HELLO.model_copy(update={"max_output": 300})

    reply = await _ask(claude, pauses, prompt)

    assert reply.usage.output <= 300
    assert [request.body["max_tokens"] for request in api.requests] == [300]


async def test_retry_after_is_honoured(
    api: MessagesApiSimulator, claude: Claude, pauses: Pauses
) -> None:
    """The API knows best when to come back."""
    api.faults.add(faults.rate_limited(7))

    await _ask(claude, pauses)

    assert pauses.seconds == [7.0]


async def test_a_pause_that_is_longer_than_the_run_is_not_waited_for(
    api: MessagesApiSimulator, claude: Claude, pauses: Pauses
) -> None:
    """It would only use the time up; the thread is told when to come back."""
    api.faults.add(faults.rate_limited(400))

    with pytest.raises(TemporaryError, match="limits our rate"):
        await _ask(claude, pauses)
    assert pauses.seconds == []
    assert "in 400 s it would be too late" in pauses.notices[0]


async def test_a_reply_cut_inside_a_call_is_never_acted_on(
    api: MessagesApiSimulator, claude: Claude, pauses: Pauses
) -> None:
    """The whole reply is asked for again, wherever the stream broke."""
    call = tool_use("look", {"path": "x" * 300})
    for after in range(900, 1_500, 100):
        api.script([[call], [call]])
        api.faults.add(faults.disconnect(after))

        reply = await _ask(claude, pauses)

        assert reply.uses[0].input == {"path": "x" * 300}


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (faults.spend_limit_reached(), "spending limit"),
        (faults.usage_limit_reached(), "spending limit"),
        (faults.refused(400, "messages: wrong"), "refuses the request"),
        (faults.refused(404, "model: nope"), "refuses the request"),
    ],
)
async def test_what_will_not_pass_is_said_at_once(
    api: MessagesApiSimulator, claude: Claude, pauses: Pauses, fault: Fault, said: str
) -> None:
    """One request, no waiting."""
    api.faults.add(fault)

    with pytest.raises(PermanentError, match=said):
        await _ask(claude, pauses)
    assert len(api.requests) == 1


async def test_a_wrong_key_names_the_setting(api: MessagesApiSimulator, pauses: Pauses) -> None:
    """The text tells what to correct."""
    client = Claude(api_key="wrong", model="claude-sonnet-5-5", base_url=api.url, pause=pauses)
    with pytest.raises(PermanentError, match="ANTHROPIC_API_KEY"):
        await _ask(client, pauses)
    await client.close()


async def test_an_unreachable_api_is_a_temporary_error_when_time_is_over(pauses: Pauses) -> None:
    """The reason is kept, not just the time-out."""
    client = Claude(
        api_key="k", model="claude-sonnet-5-5", base_url="http://127.0.0.1:9", pause=pauses
    )
    with pytest.raises(TemporaryError, match="cannot be reached"):
        await _ask(client, pauses, within=10)
    await client.close()


async def test_an_api_that_stalls_is_left_at_the_deadline(
    api: MessagesApiSimulator, claude: Claude, pauses: Pauses
) -> None:
    """A stream that goes silent does not hold a run beyond its time."""
    api.faults.add(faults.stall(300))

    with pytest.raises(TimeoutError):
        await _ask(claude, pauses, within=0.3)


@pytest.mark.parametrize(
    "model", ["claude-opus-5-5", "claude-haiku-5-5", "claude-haiku-4-5", "claude-sonnet-4-6"]
)
async def test_requests_are_valid_for_every_model(
    api: MessagesApiSimulator, pauses: Pauses, model: str
) -> None:
    """Thinking and effort are asked for only where the model knows them."""
    client = Claude(api_key=api.api_key, model=model, base_url=api.url, pause=pauses)

    assert (await _ask(client, pauses)).words == "Hello."
    await client.close()


async def test_the_stand_in_is_told_from_a_model(
    api: MessagesApiSimulator, claude: Claude, pauses: Pauses
) -> None:
    """Its answers carry a header; a scripted or real model's do not."""
    assert not (await _ask(claude, pauses)).stand_in
    api.use(None)
    assert (await _ask(claude, pauses)).stand_in
