"""The shape of a request body, as pydantic models.

The API reports the first violation as `path: message` in pydantic's own words, union tags included in the path
(`messages.1.content.0.tool_use.id: String should match pattern …`), so models of the same shape give the same texts.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
)

from bot.simulators.messages_api.errors import ApiError, invalid
from bot.simulators.messages_api.validation.content import (
    TOOL_NAME,
    CacheControl,
    Message,
    Open,
    Shape,
    Text,
    as_blocks,
)


class CustomTool(Shape):
    type: Literal["custom"]
    name: Annotated[StrictStr, Field(pattern=TOOL_NAME)]
    input_schema: dict[str, Any]
    description: StrictStr | None = None
    cache_control: CacheControl | None = None
    defer_loading: StrictBool | None = None
    strict: StrictBool | None = None
    allowed_callers: list[StrictStr] | None = None
    eager_input_streaming: StrictBool | None = None
    input_examples: list[dict[str, Any]] | None = None


class ServerTool(Open):
    """One of the API's own tools, known by its dated type."""

    type: Literal[
        "bash_20250124",
        "code_execution_20250522",
        "code_execution_20250825",
        "code_execution_20260120",
        "code_execution_20260521",
        "memory_20250818",
        "text_editor_20250124",
        "text_editor_20250429",
        "text_editor_20250728",
        "tool_search_tool_bm25_20251119",
        "tool_search_tool_regex_20251119",
        "web_fetch_20250910",
        "web_fetch_20260209",
        "web_fetch_20260309",
        "web_fetch_20260318",
        "web_search_20250305",
        "web_search_20260209",
        "web_search_20260318",
    ]
    name: StrictStr
    cache_control: CacheControl | None = None


def _with_type(tools: Any) -> Any:
    if not isinstance(tools, list):
        return tools
    return [
        {**tool, "type": "custom"} if isinstance(tool, dict) and not tool.get("type") else tool
        for tool in tools
    ]


_Tool = Annotated[CustomTool | ServerTool, Field(discriminator="type")]


class _Auto(Shape):
    type: Literal["auto"]
    disable_parallel_tool_use: StrictBool | None = None


class _Any(Shape):
    type: Literal["any"]
    disable_parallel_tool_use: StrictBool | None = None


class _One(Shape):
    type: Literal["tool"]
    name: StrictStr
    disable_parallel_tool_use: StrictBool | None = None


class _None(Shape):
    type: Literal["none"]


class _Adaptive(Shape):
    type: Literal["adaptive"]
    display: Literal["summarized", "omitted"] | None = None


class _Enabled(Shape):
    type: Literal["enabled"]
    budget_tokens: Annotated[StrictInt, Field(ge=1024)]
    display: Literal["summarized", "omitted"] | None = None


class _Disabled(Shape):
    type: Literal["disabled"]


class _BetweenTools(Shape):
    type: Literal["between_tools"]


class _OutputConfig(Shape):
    effort: Literal["low", "medium", "high", "xhigh", "max"] | None = None
    format: dict[str, Any] | None = None


class _Diagnostics(Shape):
    previous_message_id: StrictStr | None = None


class Prompt(Shape):
    """What counting tokens and creating a message have in common."""

    model: StrictStr
    messages: list[Message]
    system: Annotated[list[Text] | None, BeforeValidator(as_blocks)] = None
    tools: Annotated[list[_Tool] | None, BeforeValidator(_with_type)] = None
    tool_choice: Annotated[_Auto | _Any | _One | _None, Field(discriminator="type")] | None = None
    thinking: (
        Annotated[_Adaptive | _Enabled | _Disabled | _BetweenTools, Field(discriminator="type")]
        | None
    ) = None
    output_config: _OutputConfig | None = None
    cache_control: CacheControl | None = None
    speed: Literal["standard", "fast"] | None = None
    workspace_id: StrictStr | None = None
    user_profile_id: StrictStr | None = None
    mcp_servers: list[dict[str, Any]] | None = None
    context_management: dict[str, Any] | None = None


class Creation(Prompt):
    """The body of `POST /v1/messages`."""

    max_tokens: Annotated[StrictInt, Field(ge=0)]
    stream: StrictBool | None = None
    metadata: dict[str, Any] | None = None
    stop_sequences: list[StrictStr] | None = None
    diagnostics: _Diagnostics | None = None
    service_tier: Literal["auto", "standard_only"] | None = None
    container: Any = None
    inference_geo: StrictStr | None = None
    thread: dict[str, Any] | None = None
    temperature: StrictFloat | StrictInt | None = None
    top_p: StrictFloat | StrictInt | None = None
    top_k: StrictInt | None = None


def check_shape(body: dict[str, Any], *, counting: bool) -> None:
    """Raises ApiError 400 with the first violation."""
    try:
        (Prompt if counting else Creation).model_validate(body)
    except ValidationError as error:
        raise _translated(error) from None


def _translated(error: ValidationError) -> ApiError:
    first = error.errors(include_url=False, include_input=False)[0]
    path = ".".join(str(part) for part in first["loc"])
    return invalid(f"{path}: {first['msg']}")
