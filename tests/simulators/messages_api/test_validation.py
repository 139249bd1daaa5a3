"""Which requests are refused, and in which words."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.simulators.messages_api import (
    MessagesApiSimulator,
    PromptCache,
    RateLimits,
    StandIn,
    Workspace,
)
from bot.simulators.messages_api.api import MessagesApi
from bot.simulators.messages_api.errors import ApiError
from bot.simulators.messages_api.quirks import NAMES, Quirks
from bot.simulators.messages_api.rate_limits import RateLimiter
from tests.simulators.messages_api.bodies import (
    HOUR,
    SHORT,
    TOOL,
    USER,
    asked,
    body,
    call,
    marked,
    post,
    result,
    said,
    words,
)

REFUSED: list[Any] = [
    pytest.param(body(max_tokens=None), "max_tokens: Field required", id="no max_tokens"),
    pytest.param(body(model=None), "model: Field required", id="no model"),
    pytest.param(body(messages=None), "messages: Field required", id="no messages"),
    pytest.param(
        body(messages="hi"), "messages: Input should be a valid list", id="messages no list"
    ),
    pytest.param(
        body(max_tokens="9"), "max_tokens: Input should be a valid integer", id="max_tokens text"
    ),
    pytest.param(
        body(model="claude-opus-5", max_tokens=128001),
        "max_tokens: 128001 > 128000, which is the maximum allowed number of output tokens for claude-opus-5",
        id="max_tokens above cap",
    ),
    pytest.param(body(nonsense=1), "nonsense: Extra inputs are not permitted", id="unknown field"),
    pytest.param(
        body(temperature=1), "temperature: Extra inputs are not permitted", id="temperature"
    ),
    pytest.param(
        body(context_management={"edits": []}),
        "context_management: Extra inputs are not permitted",
        id="beta field without header",
    ),
    pytest.param(body(messages=[]), "messages: at least one message is required", id="empty"),
    pytest.param(
        body(messages=[said(words("hi"))]),
        'messages: first message must use the "user" role',
        id="assistant first",
    ),
    pytest.param(
        body(messages=[USER, {"role": "system", "content": "now"}]),
        "messages.1.role: Input should be 'user' or 'assistant'",
        id="system message",
    ),
    pytest.param(
        body(messages=[USER, said(words("I think"))]),
        "This model does not support assistant message prefill. The conversation must end with a user message.",
        id="prefill",
    ),
    pytest.param(
        body(messages=[USER, said(), USER]),
        "messages.1: all messages must have non-empty content except for the optional final assistant message",
        id="empty message",
    ),
    pytest.param(
        body(messages=[asked(words(""))]),
        "messages: text content blocks must be non-empty",
        id="empty text",
    ),
    pytest.param(
        body(messages=[asked(words("a"), words("", cache_control=SHORT))]),
        "messages.0.content.1.text: cache_control cannot be set for empty text blocks",
        id="marker on empty text",
    ),
    pytest.param(
        body(messages=[USER, said(call("t1")), USER], tools=[TOOL]),
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: t1. "
        "Each `tool_use` block must have a corresponding `tool_result` block in the next message.",
        id="call without result",
    ),
    pytest.param(
        body(messages=[USER, said(call("t1")), asked(words("so"), result("t1"))], tools=[TOOL]),
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: t1.",
        id="text before the result",
    ),
    pytest.param(
        body(
            messages=[USER, said(call("t1"), call("t2")), asked(result("t1"))],
            tools=[TOOL],
        ),
        "messages.1: `tool_use` ids were found without `tool_result` blocks immediately after: t2.",
        id="one of two results missing",
    ),
    pytest.param(
        body(messages=[USER, said(words("a")), asked(result("t9"))], tools=[TOOL]),
        "messages.2.content.0: unexpected `tool_use_id` found in `tool_result` blocks: t9. Each `tool_result` "
        "block must have a corresponding `tool_use` block in the previous message.",
        id="orphan result",
    ),
    pytest.param(
        body(messages=[USER, said(call("t1")), asked(result("t1"), result("t1"))], tools=[TOOL]),
        "messages.2.content.1: each tool_use must have a single result. Found multiple `tool_result` blocks with id: t1",
        id="two results",
    ),
    pytest.param(
        body(messages=[USER, said(call("t1"), call("t1")), asked(result("t1"))], tools=[TOOL]),
        "messages.1.content.1: `tool_use` ids must be unique",
        id="same id twice",
    ),
    pytest.param(
        body(messages=[USER, said(call("bad id")), asked(result("t1"))], tools=[TOOL]),
        "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'",
        id="bad id",
    ),
    pytest.param(
        body(tools=[{**TOOL, "name": "a b"}]),
        "tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
        id="bad tool name",
    ),
]


@pytest.mark.parametrize(("sent", "expected"), REFUSED)
async def test_refuses_in_the_api_s_words(
    api: MessagesApiSimulator, sent: dict[str, Any], expected: str
) -> None:
    """A broken rule is 400 invalid_request_error with the documented text, and nothing is billed."""
    status, told = await post(api, sent, "2026-10-21", beta="something-else-2025-01-01")
    assert (status, told["type"], told["error"]["type"]) == (400, "error", "invalid_request_error")
    assert told["error"]["message"].startswith(expected)
    assert told["request_id"].startswith("req_")
    assert api.ledger == []


ACCEPTED: list[Any] = [
    pytest.param(
        body(messages=[USER, USER, said(words("a")), said(words("b")), USER]), id="same role twice"
    ),
    pytest.param(
        body(
            messages=[USER, said(call("t1"), call("t2")), asked(result("t1")), asked(result("t2"))],
            tools=[TOOL],
        ),
        id="results in two user messages",
    ),
    pytest.param(
        body(messages=[asked(*marked(3), words("d", cache_control=SHORT))], cache_control=SHORT),
        id="automatic on a marked block",
    ),
    pytest.param(
        body(model="claude-opus-5-5", messages=[USER, {"role": "system", "content": "now"}]),
        id="system message where supported",
    ),
    pytest.param(body(thinking={"type": "between_tools"}), id="between tools"),
    pytest.param(
        body(model="claude-haiku-4-5", messages=[USER, said(words("I think"))]), id="old prefill"
    ),
    pytest.param(body(output_config={"effort": "medium"}, metadata={"user_id": "u"}), id="effort"),
    pytest.param(body(max_tokens=0), id="warming"),
    pytest.param(body(workspace_id="w", user_profile_id="u", inference_geo="us"), id="owner"),
]


@pytest.mark.parametrize("sent", ACCEPTED)
async def test_accepts_what_the_api_accepts(
    api: MessagesApiSimulator, sent: dict[str, Any]
) -> None:
    """Unusual but valid bodies pass."""
    status, told = await post(api, sent, "2026-10-21")
    assert (status, told["type"]) == (200, "message"), json.dumps(told)


async def test_versions_differ(api: MessagesApiSimulator) -> None:
    """Sampling settings pass under the old version on old models only; a missing version is refused."""
    old = body(model="claude-sonnet-4-5", temperature=0.2)
    new_model = body(temperature=0.2)
    assert (await post(api, old, "2023-06-01"))[0] == 200
    assert (await post(api, old, "2026-10-21"))[0] == 400
    assert (await post(api, new_model, "2023-06-01"))[0] == 400
    assert (await post(api, body(temperature=1), "2023-06-01"))[0] == 200
    _, told = await post(api, body(), None)
    assert told["error"]["message"] == "anthropic-version: header is required"
    cited = asked(words("a", citations=[{"type": "char_location"}]))
    assert (await post(api, body(messages=[cited]), "2023-06-01"))[0] == 200
    assert (await post(api, body(messages=[cited]), "2026-10-21"))[0] == 400


async def test_beta_fields_need_their_header(api: MessagesApiSimulator) -> None:
    """A beta field passes with its beta header."""
    sent = body(context_management={"edits": []})
    beta = "a-2025-01-01, context-management-2025-06-27"
    assert (await post(api, sent, "2026-10-21", beta=beta))[0] == 200


async def test_unknown_model_is_not_found(api: MessagesApiSimulator) -> None:
    """An unknown model is 404 with its name."""
    status, told = await post(api, body(model="claude-x"), "2026-10-21")
    assert (status, told["error"]) == (
        404,
        {"type": "not_found_error", "message": "model: claude-x"},
    )


JUNK: list[Any] = [
    *(None, 0, -1, 1.5, True, "", " ", "x", [], {}, [None], [{}], [[]], 10**30),
    *({"type": "x"}, {"type": None}, {"type": "text"}, {"type": "text", "text": None}),
    *({"type": "tool_use"}, {"type": "object"}, "object"),
]
RICH: dict[str, Any] = body(
    model="claude-opus-5-5",
    system=[words("s", cache_control=SHORT)],
    tools=[{**TOOL, "cache_control": HOUR}, {"type": "web_search_20250305", "name": "web_search"}],
    messages=[
        USER,
        said({"type": "thinking", "thinking": "t", "signature": "z"}, words("hm"), call("t1")),
        asked(
            result("t1", [words("seen"), {"type": "image", "source": {"type": "base64"}}]),
            {"type": "document", "source": {"type": "text"}, "citations": {"enabled": True}},
        ),
    ],
    thinking={"type": "adaptive"},
    output_config={"effort": "low", "format": {"type": "json_schema", "schema": {}}},
    tool_choice={"type": "auto"},
    diagnostics={"previous_message_id": None},
    cache_control=SHORT,
)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a body: its container and its key."""
    for key in value if isinstance(value, dict) else range(len(value)):
        yield value, key
        if isinstance(value[key], dict | list):
            yield from places(value[key])


@settings(max_examples=150)
@given(st.data(), st.booleans(), st.lists(st.sampled_from(sorted(NAMES)), max_size=2))
async def test_no_body_is_a_bug(data: st.DataObject, signs: bool, quirks: list[str]) -> None:
    """Whatever stands wherever: an answer, or a refusal in the API's form; from a server with quirks, too."""
    sent = copy.deepcopy(RICH)
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(list(places(sent))))
        container[key] = copy.deepcopy(data.draw(st.sampled_from(JUNK)))
    server, headers = Quirks(quirks), {"anthropic-version": "2026-10-21"}
    api = MessagesApi(PromptCache(), RateLimiter(RateLimits()))
    with contextlib.suppress(ApiError):
        server.check(sent)
        answer = await api.create(
            server.understood(sent),
            headers,
            Workspace(),
            StandIn(),
            request_id="r",
            started=0.0,
            signs=signs,
        )
        api.begin(answer)


async def test_warming_answers_without_content(api: MessagesApiSimulator) -> None:
    """max_tokens 0 writes the cache and bills no output."""
    sent = body(max_tokens=0, messages=[asked(words("word " * 900, cache_control=SHORT))])
    _, told = await post(api, sent, "2026-10-21")
    assert (told["content"], told["stop_reason"]) == ([], "max_tokens")
    assert told["usage"]["output_tokens"] == 0
    assert told["usage"]["cache_creation_input_tokens"] > 900
