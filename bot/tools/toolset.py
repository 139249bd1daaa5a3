"""What the agent sees of the world: tools by name, and calls that never raise.

`Pool` (MCP servers) is the innermost toolset; every further concern is a wrapper around it: `Allowed`, `Guarded`,
`Compressed`, `Submission`. A failing tool is news for the model, so `call` answers with `is_error` instead of raising.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from bot.tools.lean_schema import lean


class Tool(BaseModel):
    """A tool's definition as the model sees it, and where it comes from."""

    model_config = ConfigDict(frozen=True)

    name: str
    description: str
    input_schema: dict[str, Any]
    """JSON Schema of the arguments, `type: object`."""
    server: str = ""
    """Name of its MCP server in servers.json; empty for the bot's own tools."""
    remote_name: str = ""
    """What the server itself calls it."""
    read_only: bool = False
    destructive: bool = False
    """Its server says that it may destroy something."""
    said: str = Field(default="", repr=False)
    """All that its server says of it, as canonical JSON: what is pinned. Empty for the bot's own tools."""
    strict: bool = False
    """Ask the API to enforce the schema while the arguments are written."""

    def definition(self) -> dict[str, Any]:
        """The form the Messages API takes; only an enforced schema is sent as it is."""
        definition: dict[str, Any] = {
            "name": self.name,
            "description": self.description,
            "input_schema": self.input_schema if self.strict else lean(self.input_schema),
        }
        if self.strict:
            definition["strict"] = True
        return definition


class ToolCall(BaseModel):
    """One request of the model to use a tool."""

    model_config = ConfigDict(frozen=True)

    id: str
    """The API's `tool_use` id."""
    label: str
    """Short id within the conversation (`c1`, `c2`, …): evidence refers to it."""
    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class ToolResult(BaseModel):
    """What a call gave."""

    model_config = ConfigDict(frozen=True)

    call: ToolCall
    text: str
    """What the model is shown."""
    full: str = ""
    """What the tool really returned, redacted but not compressed: quotes are checked against it. Empty: `text` is it."""
    is_error: bool = False
    gap: str = ""
    """What could not be seen because of this, in words for the thread; empty when nothing is missing."""
    data: Any = None
    """Structured content as the server gave it, for code that reads points instead of words: never for a prompt, not
    redacted, and absent where there is none."""
    ends: bool = False
    """True when this result ends the run (an accepted `submit_diagnosis`)."""

    @property
    def whole(self) -> str:
        """The text that quotes are checked against."""
        return self.full or self.text


class Toolset(Protocol):
    """Some tools and a way to call them."""

    async def tools(self) -> Sequence[Tool]:
        """The tools, in any order; the prompt sorts them by name."""

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        """Run one call within `within` seconds. Never raises for what a tool did; errors are results."""
