"""The shape of messages and of the blocks in them, as pydantic models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictStr

_ID = r"^[a-zA-Z0-9_-]+$"
TOOL_NAME = r"^[a-zA-Z0-9_-]{1,128}$"


class Shape(BaseModel):
    """Refuses fields that the API does not know."""

    model_config = ConfigDict(extra="forbid")


class Open(BaseModel):
    """Lets unknown fields pass."""

    model_config = ConfigDict(extra="allow")


class CacheControl(Shape):
    type: Literal["ephemeral"]
    ttl: Literal["5m", "1h"] | None = None


class Text(Shape):
    type: Literal["text"]
    text: StrictStr
    cache_control: CacheControl | None = None
    citations: list[Any] | None = None


class Image(Shape):
    type: Literal["image"]
    source: dict[str, Any]
    transformations: list[Any] | None = None
    cache_control: CacheControl | None = None


class Document(Shape):
    type: Literal["document"]
    source: dict[str, Any]
    title: StrictStr | None = None
    context: StrictStr | None = None
    citations: dict[str, Any] | None = None
    cache_control: CacheControl | None = None


class SearchResult(Shape):
    type: Literal["search_result"]
    source: StrictStr
    title: StrictStr
    content: list[Text]
    citations: dict[str, Any] | None = None
    cache_control: CacheControl | None = None


class ToolReference(Shape):
    type: Literal["tool_reference"]
    tool_name: StrictStr
    cache_control: CacheControl | None = None


class Thinking(Shape):
    type: Literal["thinking"]
    thinking: StrictStr
    signature: StrictStr


class RedactedThinking(Shape):
    type: Literal["redacted_thinking"]
    data: StrictStr


class ToolUse(Shape):
    type: Literal["tool_use"]
    id: Annotated[StrictStr, Field(pattern=_ID)]
    name: Annotated[StrictStr, Field(pattern=TOOL_NAME)]
    input: dict[str, Any]
    cache_control: CacheControl | None = None
    caller: dict[str, Any] | None = None
    toolset_name: StrictStr | None = None


def as_blocks(content: Any) -> Any:
    """A text stands for one text block."""
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


_ResultBlock = Annotated[
    Text | Image | Document | SearchResult | ToolReference, Field(discriminator="type")
]


class ToolResult(Shape):
    type: Literal["tool_result"]
    tool_use_id: Annotated[StrictStr, Field(pattern=_ID)]
    content: Annotated[list[_ResultBlock] | None, BeforeValidator(as_blocks)] = None
    is_error: StrictBool | None = None
    cache_control: CacheControl | None = None
    toolset_name: StrictStr | None = None


class ServerBlock(Open):
    """A block of one of the API's own tools: passed through."""

    type: Literal[
        "server_tool_use",
        "web_search_tool_result",
        "web_fetch_tool_result",
        "code_execution_tool_result",
        "bash_code_execution_tool_result",
        "text_editor_code_execution_tool_result",
        "tool_search_tool_result",
        "container_upload",
    ]


_Block = Annotated[
    Text
    | Image
    | Document
    | SearchResult
    | Thinking
    | RedactedThinking
    | ToolUse
    | ToolResult
    | ServerBlock,
    Field(discriminator="type"),
]


class Message(Shape):
    role: Literal["user", "assistant", "system"]
    content: Annotated[list[_Block], BeforeValidator(as_blocks)]
