"""Which tools, cache markers and generation settings are refused, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from bot.simulators.messages_api import MessagesApiSimulator
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

NOT_WHILE_WARMING: dict[str, dict[str, Any]] = {
    "a stream": {"stream": True},
    "thinking": {"thinking": {"type": "enabled", "budget_tokens": 2000}},
    "a format": {"output_config": {"format": {"type": "json_schema", "schema": {}}}},
    "a forced tool": {"tool_choice": {"type": "any"}},
}
REFUSED: list[Any] = [
    pytest.param(body(tools=[TOOL, TOOL]), "tools: Tool names must be unique.", id="same tool"),
    pytest.param(
        body(tools=[{**TOOL, "input_schema": {"type": "object", "required": "x"}}]),
        "tools.0.custom.input_schema: JSON schema is invalid. It must match JSON Schema draft 2020-12",
        id="bad schema",
    ),
    pytest.param(
        body(tools=[{**TOOL, "input_schema": {"type": "array"}}]),
        "tools.0.custom.input_schema.type: Input should be 'object'",
        id="schema of no object",
    ),
    pytest.param(
        body(tools=[{**TOOL, "strict": True}]),
        "tools.0.custom: For 'object' type, 'additionalProperties' must be explicitly set to false",
        id="strict and open",
    ),
    pytest.param(
        body(messages=[USER, said(call("t1")), asked(result("t1"))]),
        "Requests which include `tool_use` or `tool_result` blocks must define tools.",
        id="calls without tools",
    ),
    pytest.param(
        body(tools=[{**TOOL, "defer_loading": True}]),
        "At least one tool must have defer_loading=false. All tools cannot be deferred.",
        id="all deferred",
    ),
    pytest.param(
        body(
            messages=[
                USER,
                said(call("t1")),
                asked(result("t1", [{"type": "tool_reference", "tool_name": "x"}])),
            ],
            tools=[TOOL],
        ),
        "Tool reference 'x' not found in available tools",
        id="unknown reference",
    ),
    pytest.param(
        body(tools=[TOOL], tool_choice={"type": "tool", "name": "look"}),
        'tool_choice: type "tool" and "any" are not supported for this model.',
        id="forced choice",
    ),
    pytest.param(
        body(thinking={"type": "enabled", "budget_tokens": 2000}, max_tokens=4000),
        '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort"',
        id="thinking enabled",
    ),
    pytest.param(
        body(model="claude-opus-5-5", thinking={"type": "disabled"}),
        '"thinking.type.disabled" is not supported for this model.',
        id="thinking disabled",
    ),
    pytest.param(
        body(model="claude-haiku-4-5", thinking={"type": "adaptive"}),
        "adaptive thinking is not supported on this model",
        id="adaptive on an old model",
    ),
    pytest.param(
        body(messages=[asked(*marked(5))]),
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
        id="five markers",
    ),
    pytest.param(
        body(
            messages=[
                USER,
                said(call("t1")),
                asked(result("t1", marked(4)), words("a", cache_control=SHORT)),
            ],
            tools=[TOOL],
        ),
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
        id="five markers, four nested",
    ),
    pytest.param(
        body(messages=[asked(*marked(4), words("tail"))], cache_control=SHORT),
        "A maximum of 4 blocks with cache_control may be provided. Found 5.",
        id="four markers and automatic",
    ),
    pytest.param(
        body(messages=[asked(*marked(1))], cache_control=HOUR),
        "cache_control: ",
        id="automatic with another lifetime",
    ),
    pytest.param(
        body(messages=[asked(*marked(1), *marked(1, HOUR))]),
        "messages.0.content.1.cache_control.ttl: a ttl='1h' cache_control block must not come after a ttl='5m' "
        "cache_control block",
        id="lifetimes out of order",
    ),
    pytest.param(
        body(
            tools=[{**TOOL, "defer_loading": True, "cache_control": SHORT}, {**TOOL, "name": "b"}]
        ),
        "tools.0.custom: Tool 'look' cannot have both defer_loading=true and cache_control set.",
        id="deferred and marked",
    ),
    pytest.param(
        body(messages=[asked(words("a", cache_control={"type": "ephemeral", "ttl": "2h"}))]),
        "messages.0.content.0.text.cache_control.ttl: Input should be '5m' or '1h'",
        id="unknown lifetime",
    ),
    *(
        pytest.param(
            body(model="claude-haiku-4-5", max_tokens=0, tools=[TOOL], **changes),
            "max_tokens: 0 is not supported together with",
            id=f"warming with {name}",
        )
        for name, changes in NOT_WHILE_WARMING.items()
    ),
    pytest.param(
        body(thread={"type": "create"}), "thread: Extra inputs are not permitted", id="thread"
    ),
    pytest.param(
        body(model="claude-haiku-4-5", messages=[asked(words("#" * 330_000))]),
        "prompt is too long: ",
        id="too long",
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
