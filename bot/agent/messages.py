"""Prompts and replies in the JSON form of the Messages API.

Content stays plain JSON, exactly as received: assistant blocks are echoed verbatim (thinking signatures break
otherwise) and typed models of an SDK are kept out of the history.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.costs.usage import Usage
from bot.tools.toolset import ToolResult

Block = dict[str, Any]
Message = dict[str, Any]
"""`{"role": "user" | "assistant", "content": [blocks]}`."""


def user(*blocks: Block) -> Message:
    """A user message of these blocks."""
    return {"role": "user", "content": list(blocks)}


def text(words: str) -> Block:
    """A text block."""
    return {"type": "text", "text": words}


def tool_result(result: ToolResult) -> Block:
    """A result as the model sees it: its short label and tool first, so that evidence can name it."""
    block: Block = {
        "type": "tool_result",
        "tool_use_id": result.call.id,
        "content": [text(f"[{result.call.label}] {result.call.name}\n{result.text}")],
    }
    if result.is_error:
        block["is_error"] = True
    return block


class Prompt(BaseModel):
    """What one request is made of; system and tools are frozen per conversation."""

    model_config = ConfigDict(frozen=True)

    system: str
    tools: list[dict[str, Any]]
    messages: list[Message]
    model: str = ""
    """Model id the conversation is held with; empty for the client's own."""
    max_output: int | None = None
    """Output tokens that can be paid for; None for as many as the client grants. No part of the cached prefix."""


class ToolUse(BaseModel):
    """A tool_use block of a reply. `input` is None when the arguments were cut off or no JSON object."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    input: dict[str, Any] | None


class Reply(BaseModel):
    """One reply of a model."""

    model_config = ConfigDict(frozen=True)

    content: list[Block]
    stop_reason: str
    """As the API names it; backends may have words of their own."""
    usage: Usage = Usage()
    model: str = ""
    stand_in: bool = False
    """True when the answer came from the stand-in, not from a real model."""
    unreadable: tuple[str, ...] = ()
    """Ids of the calls whose arguments were no JSON object; in `content` they are empty."""

    @property
    def cut(self) -> bool:
        """Whether a length limit ended it in the middle."""
        return self.stop_reason in ("max_tokens", "model_context_window_exceeded")

    @property
    def uses(self) -> list[ToolUse]:
        """The tool calls it asks for, in order."""
        cut = self.content[-1] if self.cut and self.content else None
        return [
            ToolUse(
                id=str(block["id"]),
                name=str(block["name"]),
                input=None
                if block is cut or block["id"] in self.unreadable
                else _object(block.get("input")),
            )
            for block in self.content
            if block.get("type") == "tool_use"
        ]

    @property
    def words(self) -> str:
        """What it says outside tool calls."""
        return "\n".join(b["text"] for b in self.content if b.get("type") == "text").strip()

    @property
    def thinking(self) -> str:
        """Its summarised thinking, where the model shows it."""
        return "\n".join(
            b.get("thinking", "") for b in self.content if b.get("type") == "thinking"
        ).strip()

    def message(self) -> Message:
        """The assistant message to append."""
        return {"role": "assistant", "content": self.content}


def _object(value: Any) -> dict[str, Any] | None:
    return value if isinstance(value, dict) else None


class Spend(BaseModel):
    """What a run has used so far; saved with the conversation, so that a restart does not spend twice."""

    model_config = ConfigDict(frozen=True)

    usage: Usage = Usage()
    usd: float = 0.0
    usd_uncached: float = 0.0
    turns: int = 0
    tool_calls: int = 0
    next_usd: float = 0.0
    """What the next reply costs, about."""
    next_tokens: int = 0
    least_usd: float = 0.0
    """What it costs with no more output than a conclusion needs."""
    least_tokens: int = 0
    model: str = ""
    stand_in: bool = False


StopReason = Literal[
    "concluded",
    "ended",
    "out_of_time",
    "out_of_turns",
    "out_of_tokens",
    "out_of_money",
    "stuck",
    "refused",
    "model_unavailable",
]
"""`concluded`: a tool ended the run. `ended`: the model stopped calling tools. `stuck`: its calls brought nothing new.
The rest are limits and failures."""


class Turn(BaseModel):
    """A reply together with the results of all its calls: a run cut between turns can always go on."""

    reply: Reply
    results: list[ToolResult] = Field(default_factory=list)

    @property
    def ends(self) -> bool:
        """Whether one of the results ends the run."""
        return any(result.ends for result in self.results)

    def messages(self) -> list[Message]:
        """What it adds to the history; nothing for an empty reply, which no API takes back."""
        added = [self.reply.message()] if self.reply.content else []
        if self.results:
            added.append(user(*map(tool_result, self.results)))
        return added
