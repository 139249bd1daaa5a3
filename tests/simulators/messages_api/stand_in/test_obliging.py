"""Programs that are not Tocsin get what they force, in the form they ask for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bot.simulators.messages_api import StandIn
from bot.simulators.messages_api.stand_in.example import example

WEATHER: dict[str, Any] = {
    "name": "get_weather",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}, "days": {}},
        "required": ["city", "unit"],
    },
}
READ: dict[str, Any] = {
    "name": "read_file",
    "input_schema": {
        "type": "object",
        "properties": {"path": {"type": "string"}},
        "required": ["path"],
    },
}


async def reply(**changes: Any) -> list[Any]:
    """The blocks of the answer to a stranger's question."""
    messages = [{"role": "user", "content": "Rain?"}]
    answer = await StandIn().reply({"messages": messages, "tools": [READ, WEATHER], **changes})
    return list(answer.content)


async def test_a_forced_tool_is_called_with_arguments_of_its_schema() -> None:
    """Also one whose name the investigator knows from elsewhere."""
    for tool in (WEATHER, READ):
        (called,) = await reply(tool_choice={"type": "tool", "name": tool["name"]})
        assert called["name"] == tool["name"]
        Draft202012Validator(tool["input_schema"]).validate(called["input"])


async def test_any_is_a_call_and_none_is_none() -> None:
    """Whichever; the first, when there is no better reason."""
    (called,) = await reply(tools=[WEATHER], tool_choice={"type": "any"})
    assert called["name"] == "get_weather"
    said = await reply(tool_choice={"type": "none"})
    assert {block["type"] for block in said} == {"text"}


async def test_a_format_is_kept_to() -> None:
    """JSON that the schema takes, and nothing else."""
    schema = {"type": "object", "properties": {"rain": {"type": "boolean"}}, "required": ["rain"]}
    (said,) = await reply(output_config={"format": {"type": "json_schema", "schema": schema}})
    assert json.loads(said["text"]) == {"rain": False}


async def test_who_asks_for_something_else_is_told_what_this_is() -> None:
    """And how to make it answer."""
    (said,) = await reply(tools=[])
    assert "/_sim/script" in said["text"]


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": 9, "maxLength": 12},
        {"type": "string", "maxLength": 3},
        {"type": "string", "format": "date-time"},
        {"type": ["integer", "null"], "minimum": 4},
        {"type": "number", "exclusiveMinimum": 1.5},
        {"type": "integer", "maximum": -3},
        {"type": "array", "items": {"const": 3}, "minItems": 2},
        {"anyOf": [{"type": "boolean"}, {"type": "string"}]},
        {
            "$defs": {"a": {"enum": ["x"]}},
            "type": "object",
            "properties": {"a": {"$ref": "#/$defs/a"}},
            "required": ["a"],
        },
        {"type": "object", "properties": {"a": {"default": "d"}}, "required": ["a"]},
        {"type": "null"},
        {},
    ],
    ids=str,
)
def test_examples_are_valid(schema: dict[str, Any]) -> None:
    """As far as the keywords go that are followed."""
    Draft202012Validator(schema).validate(example(schema))


def test_a_schema_that_refers_to_itself_ends() -> None:
    """It has no smallest example, and no answer is better than none."""
    endless: dict[str, Any] = {"$ref": "#"}
    tree = {"type": "object", "properties": {"next": {"$ref": "#"}}, "required": ["next"]}
    assert example(endless) is None
    assert isinstance(example(tree), dict)
