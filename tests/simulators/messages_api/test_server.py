"""The simulator and the real SDK: transport, authentication, streaming, limits, control endpoints."""

from __future__ import annotations

import io
from typing import Any

import aiohttp
import anthropic
import pytest
from anthropic import AsyncAnthropic

from bot.simulators.messages_api import (
    ManualClock,
    MessagesApiSimulator,
    Reply,
    Workspace,
    text,
    thinking,
    tool_use,
)

MODEL = "claude-sonnet-5-5"
HELLO: list[Any] = [{"role": "user", "content": "Hello"}]
TOOLS: list[Any] = [
    {"name": "look", "description": "Look", "input_schema": {"type": "object", "properties": {}}}
]
HEADERS = {"x-api-key": "sk-ant-simulated", "anthropic-version": "2026-10-21"}


async def streamed(client: AsyncAnthropic, **changes: Any) -> Any:
    """The final message of a streamed request."""
    asked: dict[str, Any] = {"model": MODEL, "max_tokens": 1000, "messages": HELLO, **changes}
    async with client.messages.stream(**asked) as stream:
        return await stream.get_final_message()


async def test_streams_text_and_parallel_calls(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """The SDK assembles texts and tool inputs from the fragments exactly as the brain said them."""
    arguments = {"query": "naïve ☃ café", "lines": [1, 2, 3]}
    said = [text("Zwei Fälle: ☃ und é. " * 5), tool_use("look", arguments), tool_use("look")]
    api.script([Reply(said)])
    message = await streamed(client, tools=TOOLS)
    assert message.stop_reason == "tool_use"
    assert message.content[0].text == said[0]["text"]
    assert [block.input for block in message.content[1:]] == [arguments, {}]
    assert len({block.id for block in message.content[1:]}) == 2
    assert message.usage.output_tokens == api.ledger[0].output > 1


@pytest.mark.parametrize("size", [1, 10, 30])
async def test_split_writes_are_reassembled(clock: ManualClock, size: int) -> None:
    """Bodies cut in the middle of lines and of UTF-8 characters still arrive whole."""
    async with (
        MessagesApiSimulator(clock=clock, chunking="split") as api,
        AsyncAnthropic(base_url=api.url, api_key=api.api_key, max_retries=0) as client,
    ):
        api.script(lambda _: "☃é𝄞" * size)
        message = await streamed(client)
        assert message.content[0].text == "☃é𝄞" * size


async def test_events_come_in_order_with_pings_and_an_unknown_event(
    api: MessagesApiSimulator,
) -> None:
    """A stream opens with message_start, ends with message_stop, and every third one holds an unknown event."""
    api.script(lambda _: Reply([text("word " * 80)]))
    names: list[list[str]] = []
    async with aiohttp.ClientSession(api.url, headers=HEADERS) as http:
        for _ in range(3):
            body = {"model": MODEL, "max_tokens": 500, "messages": HELLO, "stream": True}
            async with http.post("/v1/messages", json=body) as response:
                assert response.headers["content-type"].startswith("text/event-stream")
                raw = await response.text()
            names.append([line[7:] for line in raw.splitlines() if line.startswith("event: ")])
    for sent in names:
        known = [name for name in sent if name not in ("ping", "progress_note")]
        assert known[:2] == ["message_start", "content_block_start"]
        assert known[-3:] == ["content_block_stop", "message_delta", "message_stop"]
        assert sent.count("ping") > 1
    assert ["progress_note" in sent for sent in names] == [False, False, True]


async def test_answers_without_streaming(api: MessagesApiSimulator, client: AsyncAnthropic) -> None:
    """A request without `stream` gets one JSON message with the same usage."""
    api.script(["plain answer"])
    message = await client.messages.create(model=MODEL, max_tokens=100, messages=HELLO)
    assert message.content[0].type == "text"
    assert message.content[0].text == "plain answer"
    assert message.stop_reason == "end_turn"
    assert message.usage.service_tier == "standard"


async def test_takes_bearer_and_x_api_key(api: MessagesApiSimulator) -> None:
    """Both ways to send the key work, x-api-key wins over the bearer token, and a bad key is 401."""
    body = {"model": MODEL, "max_tokens": 10, "messages": HELLO}
    bearer = {"authorization": "Bearer sk-ant-simulated"}
    cases = [
        ({"x-api-key": "sk-ant-simulated"}, 200),
        (bearer, 200),
        ({**bearer, "x-api-key": "wrong"}, 401),
        ({}, 401),
    ]
    async with aiohttp.ClientSession(api.url) as http:
        for headers, expected in cases:
            sent = {"anthropic-version": "2023-06-01", **headers}
            async with http.post("/v1/messages", json=body, headers=sent) as response:
                assert response.status == expected
                assert response.headers["request-id"].startswith("req_")
                if expected == 401:
                    told = await response.json()
                    assert told["error"] == {
                        "type": "authentication_error",
                        "message": "invalid x-api-key",
                    }


async def test_every_answer_names_organisation_workspace_and_limits(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """Responses carry the ids of the caller and the remaining allowance."""
    raw = await client.messages.with_raw_response.create(model=MODEL, max_tokens=10, messages=HELLO)
    owner = Workspace()
    assert raw.headers["anthropic-organization-id"] == owner.organization
    assert raw.headers["anthropic-workspace-id"] == owner.workspace
    assert raw.headers["anthropic-ratelimit-requests-limit"] == "1000"
    assert raw.headers["anthropic-ratelimit-input-tokens-remaining"].isdecimal()


async def test_cut_at_max_tokens_and_at_stop_sequences(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """A text ends at the limit or at the stop sequence, a call breaks off in the middle of its input."""
    api.script(
        ["one two three four five six", "left END right", [tool_use("look", {"q": "x " * 200})]]
    )
    short = await streamed(client, max_tokens=3)
    assert short.stop_reason == "max_tokens"
    assert 0 < len(short.content[0].text) < 20
    assert short.usage.output_tokens == 3
    stopped = await streamed(client, stop_sequences=["END"])
    assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", "END")
    assert stopped.content[0].text == "left "
    broken = await streamed(client, max_tokens=40, tools=TOOLS)
    assert broken.stop_reason == "max_tokens"
    assert len(str(broken.content[0].input)) < 150


async def test_thinking_is_signed_and_must_come_back_unchanged(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """Echoed thinking passes; altered or dropped thinking of the latest turn is refused."""
    hidden = {"type": "redacted_thinking", "data": "x"}
    api.script([[thinking("let me see"), hidden, tool_use("look")], "fine"])
    first = await streamed(client, tools=TOOLS)
    echoed = [block.model_dump(exclude_none=True) for block in first.content]
    result = {"type": "tool_result", "tool_use_id": echoed[2]["id"], "content": "seen"}

    def history(content: list[Any]) -> list[Any]:
        return [
            *HELLO,
            {"role": "assistant", "content": content},
            {"role": "user", "content": [result]},
        ]

    altered = {**echoed[0], "thinking": "let me not"}
    for content in ([altered, *echoed[1:]], echoed[1:], [echoed[0], echoed[2]]):
        with pytest.raises(anthropic.BadRequestError, match="cannot be modified"):
            await streamed(client, tools=TOOLS, messages=history(content))
    assert (await streamed(client, tools=TOOLS, messages=history(echoed))).content[0].text == "fine"
    assert first.usage.output_tokens_details.thinking_tokens > 0


async def test_script_that_ran_out_fails_without_retry(api: MessagesApiSimulator) -> None:
    """One request too many is a 500 that the SDK does not repeat."""
    api.script([])
    async with AsyncAnthropic(base_url=api.url, api_key=api.api_key) as client:
        with pytest.raises(anthropic.InternalServerError, match="no reply left"):
            await streamed(client)
    assert len(api.requests) == 1


async def test_counts_tokens_like_usage(api: MessagesApiSimulator, client: AsyncAnthropic) -> None:
    """Counting gives what the request is then billed for, and refuses the same bodies."""
    system = "You watch production systems."
    counted = await client.messages.count_tokens(
        model=MODEL, messages=HELLO, system=system, tools=TOOLS
    )
    message = await streamed(client, system=system, tools=TOOLS)
    assert counted.input_tokens == message.usage.input_tokens
    with pytest.raises(anthropic.BadRequestError, match="not supported for this model"):
        await client.messages.count_tokens(
            model=MODEL, messages=HELLO, tools=TOOLS, tool_choice={"type": "any"}
        )
    assert [request.path for request in api.requests].count("/v1/messages/count_tokens") == 2


async def test_lists_models(api: MessagesApiSimulator, client: AsyncAnthropic) -> None:
    """Models are listed with their capabilities; unknown ones are 404."""
    listed = [model async for model in client.models.list(limit=2)]
    assert MODEL in [model.id for model in listed]
    info = await client.models.retrieve("claude-opus-5-5")
    assert info.capabilities is not None
    assert not info.capabilities.thinking.types.disabled.supported
    with pytest.raises(anthropic.NotFoundError, match="model: claude-nothing"):
        await client.models.retrieve("claude-nothing")


async def test_stand_in_answers_by_default_and_says_so(clock: ManualClock) -> None:
    """Without a brain the stand-in answers, labelled in the header and in the model list."""
    async with (
        MessagesApiSimulator(clock=clock) as api,
        AsyncAnthropic(base_url=api.url, api_key=api.api_key) as client,
    ):
        raw = await client.messages.with_raw_response.create(
            model=MODEL, max_tokens=1000, messages=HELLO
        )
        assert raw.headers["x-tocsin-stand-in"] == "1"
        assert (await client.models.retrieve(MODEL)).display_name == "Stand-in (not Claude)"
        assert (await raw.parse()).model == MODEL


async def test_records_exact_bytes(api: MessagesApiSimulator, client: AsyncAnthropic) -> None:
    """Every request body is kept byte for byte, parsed, with its headers."""
    await streamed(client)
    record = api.requests[0]
    assert record.path == "/v1/messages"
    assert record.body["messages"] == HELLO
    assert b'"max_tokens":1000' in record.raw
    assert record.headers["anthropic-version"] == "2026-10-21"


@pytest.mark.parametrize(
    ("written", "at"),
    [
        (r'{"a": "\ud83d"}', 7),
        (r'{"a": "\\\\ \ude00"}', 12),
        (r'{"a": "\ud83d\u0041"}', 7),
    ],
)
async def test_half_a_character_is_no_json(
    api: MessagesApiSimulator, written: str, at: int
) -> None:
    """The API says where it stands; whole pairs and escaped backslashes are none of its business."""
    whole = {
        "model": MODEL,
        "max_tokens": 9,
        "messages": [{"role": "user", "content": r"\ud83d \u 😀"}],
    }
    async with aiohttp.ClientSession(api.url, headers=HEADERS) as http:
        async with http.post("/v1/messages", data=written) as response:
            told = (await response.json())["error"]["message"]
        assert told == (
            "The request body is not valid JSON: no low surrogate in string: "
            f"line 1 column {at + 1} (char {at})"
        )
        async with http.post("/v1/messages", json=whole) as response:
            assert response.status == 200


async def test_sdk_tool_runners_go_on_without_a_thread(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """Threads are refused as the API refuses them, so the SDK sends the whole history instead."""

    @anthropic.beta_async_tool
    async def look(at: str) -> str:
        """Look somewhere."""
        return f"saw {at}"

    api.script([tool_use("look", {"at": "pods"}), "done"])
    runner = client.beta.messages.tool_runner(
        model=MODEL, max_tokens=100, messages=HELLO, tools=[look]
    )
    last: Any = await runner.until_done()
    assert last.content[0].text == "done"
    assert "saw pods" in str(api.requests[-1].body["messages"])


async def test_the_context_window_ends_an_answer(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """Where the prompt and `max_tokens` together are more than the model can hold, the window is the limit."""
    api.script([text("#" * 90_000)])
    full: list[Any] = [{"role": "user", "content": "#" * 250_000}]
    message = await streamed(client, model="claude-haiku-4-5", max_tokens=60_000, messages=full)
    assert message.stop_reason == "model_context_window_exceeded"
    assert message.usage.input_tokens + message.usage.output_tokens == 200_000


async def test_refuses_bad_bodies(api: MessagesApiSimulator) -> None:
    """A body that is no JSON is 400, one over 32 MB is 413."""
    async with aiohttp.ClientSession(api.url, headers=HEADERS) as http:
        async with http.post("/v1/messages", data=b"{nope") as response:
            assert response.status == 400
        async with http.post(
            "/v1/messages", data=io.BytesIO(bytes(32 * 1024 * 1024 + 1))
        ) as response:
            assert response.status == 413
            assert (await response.json())["error"]["type"] == "request_too_large"


async def test_unknown_paths_and_methods(api: MessagesApiSimulator) -> None:
    """What the API does not have is 404, and a known path with another method 405, both in its own form."""
    async with aiohttp.ClientSession(api.url, headers=HEADERS) as http:
        for path, status in (("/v1/nothing", 404), ("/v1/messages", 405)):
            async with http.get(path) as response:
                assert response.status == status
                assert (await response.json())["type"] == "error"
