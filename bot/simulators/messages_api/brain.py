"""Who answers: a brain reads a request and says what the model would say.

The simulator adds what the API adds: ids, signatures on thinking, the cut at `max_tokens`, usage.
"""

from __future__ import annotations

import copy
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from bot.simulators.messages_api.errors import ApiError


@dataclass(frozen=True, slots=True)
class Reply:
    """Content blocks and, when it is not the natural one, why the model stopped.

    Blocks: `text`, `thinking`, `redacted_thinking`, `tool_use` (its `id` is added when it has none). Without a
    `stop_reason` it is `tool_use` when there is a call, else `end_turn`.
    """

    content: Sequence[Mapping[str, Any]]
    stop_reason: str | None = None
    stop_details: Mapping[str, Any] | None = None
    output_tokens: int | None = None
    """The output to bill, when it should not be counted from the content."""


class Brain(Protocol):
    """Answers requests."""

    async def reply(self, request: dict[str, Any]) -> Reply:
        """The answer to a request body that passed validation."""


@runtime_checkable
class Labelled(Protocol):
    """A brain that must not be mistaken for the real model: shown in the model list and in response headers."""

    display_name: str
    headers: Mapping[str, str]


def text(content: str) -> dict[str, Any]:
    """A text block."""
    return {"type": "text", "text": content}


def tool_use(
    name: str, arguments: Mapping[str, Any] | None = None, call_id: str = ""
) -> dict[str, Any]:
    """A tool call; without an id it gets one like the API's."""
    block: dict[str, Any] = {"type": "tool_use", "name": name, "input": dict(arguments or {})}
    return {**block, "id": call_id} if call_id else block


def thinking(content: str) -> dict[str, Any]:
    """A thinking block; the simulator signs it."""
    return {"type": "thinking", "thinking": content}


Scripted = Reply | str | Mapping[str, Any] | Sequence[Mapping[str, Any]] | ApiError
"""One scripted answer: a whole reply, a text, one block, several blocks, or an error of the API."""
ScriptFunction = Callable[[dict[str, Any]], Scripted | Awaitable[Scripted]]


def as_reply(scripted: Scripted) -> Reply:
    """A scripted answer as a reply. Raises the ApiError when it is one."""
    if isinstance(scripted, ApiError):
        raise scripted
    if isinstance(scripted, Reply):
        return scripted
    if isinstance(scripted, str):
        return Reply([text(scripted)])
    if isinstance(scripted, Mapping):
        return Reply([scripted])
    return Reply(list(scripted))


@dataclass(slots=True)
class ScriptedBrain:
    """Says what it was told to say: a list in order, or a function of the request.

    When the list is used up it answers 500 with `x-should-retry: false`, so that a test that asks too often fails.
    """

    script: Iterable[Scripted] | ScriptFunction
    _queue: list[Scripted] = field(default_factory=list)

    def __post_init__(self) -> None:
        if not callable(self.script):
            self.script = list(self.script)
            self.rewind()

    def rewind(self) -> None:
        """Begin the list again."""
        if not callable(self.script):
            self._queue = list(self.script)

    @property
    def left(self) -> int:
        """Replies not yet given."""
        return len(self._queue)

    async def reply(self, request: dict[str, Any]) -> Reply:
        """The next reply of the list, or what the function returns."""
        if callable(self.script):
            answer = self.script(copy.deepcopy(request))
            return as_reply(await answer if inspect.isawaitable(answer) else answer)
        if not self._queue:
            raise ApiError(500, "The script has no reply left", headers={"x-should-retry": "false"})
        return as_reply(self._queue.pop(0))


@dataclass(frozen=True, slots=True)
class Rule:
    """Answer so, whenever the last message contains a text (any message for an empty text)."""

    contains: str
    reply: Scripted


@dataclass(frozen=True, slots=True)
class RuleBrain:
    """Takes the first rule that fits; answers 500 when none does."""

    rules: tuple[Rule, ...]

    async def reply(self, request: dict[str, Any]) -> Reply:
        """The reply of the first rule whose text occurs in the last message."""
        last = _words(request["messages"][-1]["content"])
        for rule in self.rules:
            if rule.contains in last:
                return as_reply(rule.reply)
        raise ApiError(500, "No rule fits the last message", headers={"x-should-retry": "false"})


def _words(content: Any) -> str:
    """The texts of a message, those of tool results too."""
    if isinstance(content, str):
        return content
    texts = (block.get("text") or _words(block.get("content") or []) for block in content)
    return "\n".join(texts)


def replay(messages: Iterable[Mapping[str, Any]]) -> ScriptedBrain:
    """A brain that gives the assistant messages of a recorded conversation again, in order."""
    recorded = [message["content"] for message in messages if message["role"] == "assistant"]
    return ScriptedBrain(
        [content if isinstance(content, str) else _unsigned(content) for content in recorded]
    )


def _unsigned(content: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in block.items() if key not in ("signature", "cache_control")}
        for block in content
    ]
