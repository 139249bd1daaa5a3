"""Rules about the tools: names, schemas, deferred loading, and which choice may be forced on which model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from bot.simulators.messages_api.errors import invalid
from bot.simulators.messages_api.models import Model
from bot.simulators.messages_api.validation.messages import blocks_of

_BAD_SCHEMA = (
    "JSON schema is invalid. It must match JSON Schema draft 2020-12 "
    "(https://json-schema.org/draft/2020-12). Learn more about tool use at "
    "https://docs.claude.com/en/docs/tool-use."
)
_UNSUPPORTED_IF_STRICT = {
    "number": ("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf"),
    "integer": ("maximum", "minimum", "exclusiveMaximum", "exclusiveMinimum", "multipleOf"),
    "string": ("maxLength", "minLength"),
    "array": ("maxItems", "uniqueItems"),
}


def check_tools(body: dict[str, Any], model: Model) -> None:
    """Raises ApiError 400 for the first rule that the tools or the tool choice break."""
    tools: list[dict[str, Any]] = body.get("tools") or []
    names = [tool["name"] for tool in tools]
    if len(set(names)) != len(names):
        raise invalid("tools: Tool names must be unique.")
    for number, tool in enumerate(tools):
        if tool.get("type") in (None, "custom"):
            _check_custom(tool, f"tools.{number}.custom")
    if tools and all(tool.get("defer_loading") for tool in tools):
        raise invalid(
            "At least one tool must have defer_loading=false. All tools cannot be deferred."
        )
    _check_uses(body, names)
    _check_choice(body.get("tool_choice"), names, model)


def _check_custom(tool: dict[str, Any], path: str) -> None:
    schema = tool["input_schema"]
    if "type" not in schema:
        raise invalid(f"{path}.input_schema.type: Field required")
    if schema["type"] != "object":
        raise invalid(f"{path}.input_schema.type: Input should be 'object'")
    if not _is_schema(json.dumps(schema)):
        raise invalid(f"{path}.input_schema: {_BAD_SCHEMA}")
    if tool.get("strict"):
        for part in _parts(schema):
            _check_strict(part, path)
    if tool.get("defer_loading") and tool.get("cache_control"):
        raise invalid(
            f"{path}: Tool '{tool['name']}' cannot have both defer_loading=true and cache_control set. "
            "Tools with defer_loading cannot use prompt caching."
        )


@lru_cache(maxsize=1024)
def _is_schema(text: str) -> bool:
    """Cached by text: the same definitions come with every turn, and checking one takes milliseconds."""
    try:
        Draft202012Validator.check_schema(json.loads(text))
    except SchemaError:
        return False
    return True


def _parts(schema: Any) -> Iterator[dict[str, Any]]:
    """A schema and the schemas inside it."""
    if not isinstance(schema, dict):
        return
    yield schema
    for keyword in ("properties", "$defs"):
        for inner in (schema.get(keyword) or {}).values():
            yield from _parts(inner)
    yield from _parts(schema.get("items"))
    for keyword in ("anyOf", "allOf"):
        for inner in schema.get(keyword) or ():
            yield from _parts(inner)


def _check_strict(part: dict[str, Any], path: str) -> None:
    kind = part.get("type")
    if kind == "object" and part.get("additionalProperties") is not False:
        raise invalid(
            f"{path}: For 'object' type, 'additionalProperties' must be explicitly set to false"
        )
    unsupported = _UNSUPPORTED_IF_STRICT.get(kind, ()) if isinstance(kind, str) else ()
    found = [keyword for keyword in unsupported if keyword in part]
    if found:
        raise invalid(f"{path}: For '{kind}' type, properties {', '.join(found)} are not supported")


def _check_uses(body: dict[str, Any], names: list[str]) -> None:
    for message in body["messages"]:
        for block in blocks_of(message["content"]):
            if block["type"] in ("tool_use", "tool_result") and not names:
                raise invalid(
                    "Requests which include `tool_use` or `tool_result` blocks must define tools."
                )
            if block["type"] == "tool_result":
                _check_references(block, names)


def _check_references(result: dict[str, Any], names: list[str]) -> None:
    for block in blocks_of(result.get("content")):
        if block["type"] == "tool_reference" and block["tool_name"] not in names:
            raise invalid(f"Tool reference '{block['tool_name']}' not found in available tools")


def _check_choice(choice: dict[str, Any] | None, names: list[str], model: Model) -> None:
    if choice is None:
        return
    if choice["type"] in ("any", "tool") and not model.forced_tool_choice:
        raise invalid('tool_choice: type "tool" and "any" are not supported for this model.')
    if not names and choice["type"] != "none":
        raise invalid("tool_choice: tool_choice may only be specified while providing tools.")
    if choice["type"] == "tool" and choice["name"] not in names:
        raise invalid(f"Tool '{choice['name']}' not found in provided tools")
