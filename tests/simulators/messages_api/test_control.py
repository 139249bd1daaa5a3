"""Steering from another program: everything over HTTP, every mistake named, nothing half done."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import anthropic
import pytest
from anthropic import AsyncAnthropic

from bot.simulators.messages_api import MessagesApiSimulator, text

MODEL = "claude-sonnet-5-5"
HELLO: list[Any] = [{"role": "user", "content": "Hello"}]
TOOL: Any = {"name": "look", "input_schema": {"type": "object"}}
RECORDED: list[Any] = [
    *HELLO,
    {
        "role": "assistant",
        "content": [
            {"type": "thinking", "thinking": "hm", "signature": "s"},
            {"type": "text", "text": "I look.", "citations": None},
            {"type": "tool_use", "id": "toolu_9", "name": "look", "input": {"at": 1}},
        ],
    },
    {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_9"}]},
    {"role": "assistant", "content": "as recorded"},
]


class Outside:
    """Another program."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def post(self, path: str, body: Any) -> tuple[int, Any]:
        """Status and answer."""
        async with self._http.post(f"/_sim/{path}", json=body) as response:
            return response.status, await response.json()

    async def get(self, path: str) -> Any:
        """The answer."""
        async with self._http.get(f"/_sim/{path}") as response:
            return await response.json()


@pytest.fixture
async def outside(api: MessagesApiSimulator) -> AsyncIterator[Outside]:
    """A client without a key."""
    async with aiohttp.ClientSession(api.url) as http:
        yield Outside(http)


async def said(client: AsyncAnthropic, content: Any = "Hello") -> Any:
    """The first block of the answer."""
    message = await client.messages.create(
        model=MODEL, max_tokens=99, messages=[{"role": "user", "content": content}], tools=[TOOL]
    )
    block: Any = message.content[0]
    return getattr(block, "text", block)


async def test_replies_come_in_order_errors_too(outside: Outside, client: AsyncAnthropic) -> None:
    """Text, a block, a whole reply, an error of the API; then there is nothing left."""
    replies: list[Any] = [
        "scripted",
        {"type": "tool_use", "name": "look"},
        {"content": [text("second")], "stop_reason": "pause_turn"},
        {"error": {"status": 529, "headers": {"x-should-retry": "false"}}},
    ]
    assert await outside.post("script", {"replies": replies}) == (200, {"ok": True})
    assert await said(client) == "scripted"
    called = await said(client)
    assert (called.name, called.input) == ("look", {})
    assert called.id.startswith("toolu_")
    assert await said(client) == "second"
    with pytest.raises(anthropic.InternalServerError, match="overloaded_error"):
        await said(client)
    with pytest.raises(anthropic.InternalServerError, match="no reply left"):
        await said(client)


async def test_rules_look_at_the_last_message(outside: Outside, client: AsyncAnthropic) -> None:
    """At its texts, wherever they stand in it; a rule without a text takes the rest."""
    rules = [{"contains": 'a "quote"', "reply": "quoted"}, {"reply": "anything"}]
    await outside.post("script", {"rules": rules})
    assert await said(client, [text("x"), text('a "quote" here')]) == "quoted"
    assert await said(client) == "anything"


async def test_a_recorded_conversation_is_played_again(
    outside: Outside, client: AsyncAnthropic
) -> None:
    """Signatures are the simulator's own."""
    await outside.post("script", {"trajectory": {"messages": RECORDED}})
    message = await client.messages.create(model=MODEL, max_tokens=99, messages=HELLO, tools=[TOOL])
    thought: Any = message.content[0]
    assert [block.type for block in message.content] == ["thinking", "text", "tool_use"]
    assert len(thought.signature) > 1
    assert await said(client) == "as recorded"


@pytest.mark.parametrize(
    ("path", "body", "told"),
    [
        ("script", {"answers": []}, "one of replies, rules, trajectory"),
        ("script", {"replies": [], "rules": []}, "one of replies, rules, trajectory"),
        ("script", {"replies": 5}, "replies must be a list"),
        ("script", {"replies": [{"type": "tool_use"}]}, "content.0.tool_use.name: Field required"),
        ("script", {"replies": [{"type": "txt"}]}, "content.0: Input tag 'txt'"),
        ("script", {"replies": [{"nonsense": 1}]}, "content: Field required"),
        ("script", {"replies": [None]}, "a reply: Input should be"),
        ("script", {"replies": [{"error": {"status": 418}}]}, "status must be one of 400, 401"),
        ("script", {"rules": [{"contains": "a"}]}, "a rule has `reply`"),
        ("script", {"trajectory": {"messages": [{"role": "assistant"}]}}, "a reply: "),
        ("script", {"trajectory": []}, "trajectory must be an object"),
        ("script", [], "must be a JSON object"),
        ("faults", {}, "faults: a list is required"),
        ("faults", {"faults": [{"kind": "nothing"}]}, "`kind` must be one of rate_limited"),
        ("faults", {"faults": [{"kind": "refused", "status": 418}]}, "status must be one of"),
        ("faults", {"faults": [{"kind": "slow", "delay": "x"}]}, "'delay' cannot be 'x'"),
        ("faults", {"faults": [{"kind": "stall", "after": -1}]}, "'after' must not be negative"),
        ("faults", {"faults": [{"kind": "slow"}]}, "missing 1 required positional argument"),
        ("faults", {"faults": [{"kind": "overloaded", "after": 1}]}, "unexpected keyword"),
        ("clock", {}, "a number of seconds"),
        ("quirks", {"quirks": ["no_such"]}, "no such quirk: no_such"),
        ("quirks", {"quirks": "no_usage"}, "a list of names"),
    ],
)
async def test_mistakes_are_named_and_change_nothing(
    api: MessagesApiSimulator,
    outside: Outside,
    client: AsyncAnthropic,
    path: str,
    body: Any,
    told: str,
) -> None:
    """When the request comes, not when the model is asked."""
    status, answer = await outside.post(path, body)
    assert status == 400
    assert told in answer["error"]
    assert len(api.faults) == 0
    assert await said(client) == "ok"


async def test_one_wrong_fault_queues_none(api: MessagesApiSimulator, outside: Outside) -> None:
    """Also those before it."""
    given = [{"kind": "overloaded"}, {"kind": "nothing"}]
    assert (await outside.post("faults", {"faults": given}))[0] == 400
    assert len(api.faults) == 0


async def test_faults_clock_and_quirks(
    api: MessagesApiSimulator, outside: Outside, client: AsyncAnthropic
) -> None:
    """Everything that can be set in Python can be set from outside."""
    limited = {"kind": "rate_limited", "retry_after": None, "skip": 1}
    assert await outside.post("faults", {"faults": [limited]}) == (200, {"waiting": 1})
    await said(client)
    with pytest.raises(anthropic.RateLimitError) as refused:
        await said(client)
    assert "retry-after" not in refused.value.response.headers
    before = api.clock.now()
    assert (await outside.post("clock", {"advance": 300}))[1]["now"] == before + 300
    assert (await outside.post("quirks", {"quirks": ["no_tool_choice"]}))[1]["quirks"] == [
        "no_tool_choice"
    ]
    with pytest.raises(anthropic.BadRequestError):
        await client.messages.create(
            model=MODEL, max_tokens=9, messages=HELLO, tools=[TOOL], tool_choice={"type": "auto"}
        )


async def test_what_was_used_and_sent_can_be_read(outside: Outside, client: AsyncAnthropic) -> None:
    """The bill and the requests, without anybody's key; a reset forgets both and takes no body."""
    await said(client)
    usage, received = await outside.get("usage"), await outside.get("requests")
    assert usage["totals"]["requests"] == len(usage["entries"]) == 1
    (request,) = received["requests"]
    assert request["body"]["messages"][0]["content"] == "Hello"
    assert request["headers"]["anthropic-version"] == "2026-10-21"
    assert not {"authorization", "x-api-key"} & set(request["headers"])
    assert request["request_id"] == usage["entries"][0]["request_id"]
    await outside.post("reset", {})
    assert (await outside.get("usage"))["entries"] == []
    assert (await outside.get("requests"))["requests"] == []


async def test_a_reset_may_come_without_a_body_and_not_with_rubbish(
    api: MessagesApiSimulator,
) -> None:
    """`curl -X POST` is enough."""
    async with aiohttp.ClientSession(api.url) as http:
        for body, status in ((b"", 200), (b"{nope", 400)):
            async with http.post("/_sim/reset", data=body) as response:
                assert response.status == status
