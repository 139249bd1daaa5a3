"""Scripts as JSON: what the model shall say, for programs that steer the simulator over HTTP or with a file.

{"replies": [REPLY, …]}                            in order; when they are used up: 500
{"rules": [{"contains": TEXT, "reply": REPLY}, …]}  the first whose text stands in the last message
{"trajectory": {"messages": [MESSAGE, …]}}          the assistant messages of a recorded conversation, in order
{}                                                  the brain that the simulator began with

REPLY is a text, a block, a list of blocks, `{"content": [BLOCK, …], "stop_reason", "stop_details", "output_tokens"}`, or
`{"error": {"status", "message", "details", "headers"}}`. BLOCK is `{"type": "text", "text"}`, `{"type": "thinking",
"thinking"}`, `{"type": "redacted_thinking", "data"}` or `{"type": "tool_use", "name", "input"}` (`id` if it matters).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.simulators.messages_api.brain import (
    Brain,
    Reply,
    Rule,
    RuleBrain,
    Scripted,
    ScriptedBrain,
)
from bot.simulators.messages_api.errors import error_of

KINDS = ("replies", "rules", "trajectory")


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Text(_Shape):
    type: Literal["text"]
    text: str


class _Thinking(_Shape):
    type: Literal["thinking"]
    thinking: str


class _Redacted(_Shape):
    type: Literal["redacted_thinking"]
    data: str


class _ToolUse(_Shape):
    type: Literal["tool_use"]
    name: str
    input: dict[str, Any] = {}
    id: str = Field(default="", pattern=r"^[a-zA-Z0-9_-]*$")


_Block = Annotated[_Text | _Thinking | _Redacted | _ToolUse, Field(discriminator="type")]


class _Whole(_Shape):
    content: list[_Block]
    stop_reason: str | None = None
    stop_details: dict[str, Any] | None = None
    output_tokens: int | None = Field(default=None, ge=0)


class _Error(_Shape):
    status: int
    message: str = ""
    details: dict[str, Any] | None = None
    headers: dict[str, str] = {}


_SAID = frozenset({"type", "text", "thinking", "data", "name", "input", "id"})
_WHOLE = TypeAdapter(_Whole)
_ERROR = TypeAdapter(_Error)


def brain_of(script: Any) -> Brain | None:
    """The brain that follows the script; None for an empty one. Raises ValueError, in one line, for anything else."""
    given = _object(script, "a script")
    if not given:
        return None
    kind = next((kind for kind in KINDS if kind in given), "")
    if not kind or len(given) > 1:
        raise ValueError(f"a script is an object with one of {', '.join(KINDS)}, or empty")
    match kind:
        case "replies":
            return ScriptedBrain([_reply(item) for item in _list(given[kind], kind)])
        case "rules":
            return RuleBrain(tuple(_rule(item) for item in _list(given[kind], kind)))
        case _:
            return _recorded(_object(given[kind], kind))


def _rule(item: Any) -> Rule:
    given = _object(item, "a rule")
    if "reply" not in given or set(given) - {"contains", "reply"}:
        raise ValueError("a rule has `reply` and may have `contains`")
    return Rule(str(given.get("contains", "")), _reply(given["reply"]))


def _recorded(given: Mapping[str, Any]) -> Brain:
    messages = [_object(item, "a message") for item in _list(given.get("messages"), "messages")]
    said = [each.get("content") for each in messages if each.get("role") == "assistant"]
    return ScriptedBrain([_reply(_unsigned(content)) for content in said])


def _unsigned(content: Any) -> Any:
    """Recorded blocks without what a script does not say: signatures, cache markers, citations."""
    if not isinstance(content, list):
        return content
    return [
        {key: value for key, value in block.items() if key in _SAID}
        if isinstance(block, Mapping)
        else block
        for block in content
    ]


def _reply(item: Any) -> Scripted:
    """A reply of a script, checked."""
    if isinstance(item, str):
        return Reply([{"type": "text", "text": item}])
    if isinstance(item, Mapping) and "error" in item:
        error = _checked(_ERROR, item["error"])
        return error_of(error.status, error.message, details=error.details, headers=error.headers)
    if isinstance(item, Mapping) and "type" in item:
        item = [item]
    given = {"content": list(item)} if isinstance(item, Sequence) else item
    whole = _checked(_WHOLE, given)
    return Reply(
        [_block(block) for block in whole.content],
        whole.stop_reason,
        whole.stop_details,
        whole.output_tokens,
    )


def _block(block: BaseModel) -> dict[str, Any]:
    """An empty id is none: the simulator gives one."""
    return {key: value for key, value in block.model_dump().items() if (key, value) != ("id", "")}


def _checked(shape: TypeAdapter[Any], given: Any) -> Any:
    try:
        return shape.validate_python(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where or 'a reply'}: {first['msg']}") from None


def _object(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ValueError(f"{what} must be an object")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError(f"{what} must be a list")
    return value
