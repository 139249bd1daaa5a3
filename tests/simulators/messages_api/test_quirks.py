"""Servers that differ from the API, as the real SDK and a plain client see them."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import anthropic
import pytest
from anthropic import AsyncAnthropic

from bot.simulators.messages_api import MessagesApiSimulator, thinking, tool_use
from bot.simulators.messages_api import text as says
from bot.simulators.messages_api.quirks import NAMES

MARK = {"type": "ephemeral", "ttl": "1h"}
TOOL: dict[str, Any] = {
    "name": "look",
    "input_schema": {"type": "object", "properties": {}, "additionalProperties": False},
}
PLAIN: dict[str, Any] = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 4000,
    "messages": [{"role": "user", "content": "hello"}],
    "tools": [TOOL],
}
CALLED: list[dict[str, Any]] = [
    {"role": "user", "content": "hello"},
    {
        "role": "assistant",
        "content": [
            {"type": "redacted_thinking", "data": "x"},
            {"type": "tool_use", "id": "a", "name": "look", "input": {}},
        ],
    },
    {
        "role": "user",
        "content": [
            {
                "type": "tool_result",
                "tool_use_id": "a",
                "is_error": True,
                "content": [{"type": "text", "text": "no"}],
            }
        ],
    },
]
REFUSED: dict[str, dict[str, Any]] = {
    "no_cache_control": {"tools": [{**TOOL, "cache_control": MARK}]},
    "no_cache_ttl": {"tools": [{**TOOL, "cache_control": MARK}]},
    "no_thinking": {"thinking": {"type": "adaptive"}},
    "no_effort": {"output_config": {"effort": "low"}},
    "no_strict": {"tools": [{**TOOL, "strict": True}]},
    "no_tool_choice": {"tool_choice": {"type": "auto"}},
    "no_redacted_thinking": {"messages": CALLED},
    "no_thinking_history": {"messages": CALLED},
    "no_error_marks": {"messages": CALLED},
    "no_repeated_roles": {"messages": [PLAIN["messages"][0]] * 2},
    "string_system": {"system": [{"type": "text", "text": "s"}]},
    "string_results": {"messages": CALLED},
    "small_output": {"max_tokens": 9000},
}


async def events(api: MessagesApiSimulator, **changes: Any) -> list[dict[str, Any]]:
    """The events of a streamed answer, as they stand on the wire."""
    headers = {"x-api-key": api.api_key, "anthropic-version": "2026-10-21"}
    body = {**PLAIN, "stream": True, **changes}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{api.url}/v1/messages", json=body) as response,
    ):
        lines = (await response.text()).splitlines()
    return [json.loads(line[5:]) for line in lines if line.startswith("data:")]


def written(told: list[dict[str, Any]]) -> str:
    """The arguments of a call, put together."""
    deltas = [event["delta"] for event in told if event["type"] == "content_block_delta"]
    return "".join(delta.get("partial_json", "") for delta in deltas)


@pytest.mark.parametrize("quirk", REFUSED)
async def test_a_feature_is_refused_with_the_quirk_only(
    api: MessagesApiSimulator, client: AsyncAnthropic, quirk: str
) -> None:
    """The same request is answered by the API itself; a plain one is answered with the quirk."""
    body = {**PLAIN, **REFUSED[quirk]}
    await client.messages.create(**body)
    api.quirks = [quirk]
    with pytest.raises(anthropic.BadRequestError):
        await client.messages.create(**body)
    await client.messages.create(**PLAIN)


async def test_refusals_may_have_the_form_of_validation_errors(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """Status 422 and a list of places, as FastAPI answers."""
    api.quirks = ["no_thinking", "validation_errors"]
    with pytest.raises(anthropic.UnprocessableEntityError) as refused:
        await client.messages.create(**PLAIN, thinking={"type": "adaptive"})
    assert refused.value.body == {
        "detail": [
            {
                "loc": ["body", "thinking"],
                "msg": "Extra inputs are not permitted",
                "type": "value_error",
            }
        ]
    }


async def test_endpoints_may_be_missing(api: MessagesApiSimulator, client: AsyncAnthropic) -> None:
    """Neither counted nor listed; messages are answered."""
    api.quirks = ["no_token_counting", "no_model_list"]
    with pytest.raises(anthropic.NotFoundError):
        await client.messages.count_tokens(model=PLAIN["model"], messages=PLAIN["messages"])
    with pytest.raises(anthropic.NotFoundError):
        await client.models.retrieve(PLAIN["model"])
    assert (await client.messages.create(**PLAIN)).content


async def test_any_model_answers_under_the_name_it_was_asked_by(api: MessagesApiSimulator) -> None:
    """Without the quirk it is unknown."""
    assert "error" in str(await _plain_error(api))
    api.quirks = ["any_model"]
    told = await events(api, model="llama-4")
    assert told[0]["message"]["model"] == "llama-4"


async def _plain_error(api: MessagesApiSimulator) -> Any:
    headers = {"x-api-key": api.api_key, "anthropic-version": "2026-10-21"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{api.url}/v1/messages", json={**PLAIN, "model": "llama-4"}) as response,
    ):
        return await response.json()


async def test_ids_may_repeat(api: MessagesApiSimulator) -> None:
    """The same in every reply, with characters that the API refuses."""
    api.quirks = ["repeated_ids"]
    api.script([[says("a"), tool_use("look")]] * 2)
    for _ in range(2):
        blocks = [
            e["content_block"] for e in await events(api) if e["type"] == "content_block_start"
        ]
        assert blocks[1]["id"] == "functions.look:1"


@pytest.mark.parametrize(
    ("quirk", "usage"),
    [
        ("no_usage", None),
        ("no_cache_usage", {"input_tokens", "output_tokens"}),
        ("null_usage", {"input_tokens", "output_tokens"}),
    ],
)
async def test_counts_may_be_missing(
    api: MessagesApiSimulator, quirk: str, usage: set[str] | None
) -> None:
    """At the start and at the end of the stream alike."""
    api.quirks = [quirk]
    told = await events(api)
    for holder in (told[0]["message"], told[-2]):
        counts = holder.get("usage")
        if usage is None or counts is None:
            assert counts is usage is None
        else:
            known = {key for key, value in counts.items() if isinstance(value, int)}
            assert known == usage
            assert counts["input_tokens"] > 0


async def test_a_stop_reason_may_be_a_foreign_word(api: MessagesApiSimulator) -> None:
    """Whatever the real one was."""
    api.quirks = ["foreign_stop_reason"]
    assert (await events(api))[-2]["delta"]["stop_reason"] == "stop"


async def test_thinking_may_be_unsigned_and_comes_back_so(api: MessagesApiSimulator) -> None:
    """No signature in the stream, and none is asked for."""
    api.quirks = ["unsigned_thinking"]
    api.script([[thinking("hm"), tool_use("look", {}, "a")], "done"])
    told = await events(api)
    assert "signature" not in json.dumps(told)
    history = [*CALLED]
    history[1] = {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "hm"}, CALLED[1]["content"][1]],
    }
    assert (await events(api, messages=history))[-2]["delta"]["stop_reason"] == "end_turn"


async def test_arguments_may_be_broken_or_quoted(api: MessagesApiSimulator) -> None:
    """Broken until an error was told; quoted always."""
    api.script(lambda _: tool_use("look", {"a": 'b"'}))
    api.quirks = ["broken_input"]
    with pytest.raises(json.JSONDecodeError):
        json.loads(written(await events(api)))
    assert json.loads(written(await events(api, messages=CALLED))) == {"a": 'b"'}
    api.quirks = ["quoted_input"]
    assert json.loads(json.loads(written(await events(api)))) == {"a": 'b"'}


def test_every_name_is_known_and_no_other() -> None:
    """A typing error would make a test of nothing."""
    assert set(REFUSED) <= NAMES
    with pytest.raises(ValueError, match="no such quirk: no_cache"):
        MessagesApiSimulator(quirks=["no_cache"])
