"""Requests with cache markers, and what each of them read and wrote."""

from __future__ import annotations

from typing import Any

from anthropic import AsyncAnthropic

MODEL = "claude-sonnet-5-5"
SHORT: dict[str, Any] = {"type": "ephemeral"}
HOUR: dict[str, Any] = {"type": "ephemeral", "ttl": "1h"}
LONG = "production incident evidence line " * 200


def words(content: str, control: dict[str, Any] | None = None) -> dict[str, Any]:
    """A text block, marked or not."""
    block: dict[str, Any] = {"type": "text", "text": content}
    return {**block, "cache_control": control} if control else block


def tool(name: str, control: dict[str, Any] | None = None) -> dict[str, Any]:
    """A tool with a long description."""
    made: dict[str, Any] = {"name": name, "description": LONG, "input_schema": {"type": "object"}}
    return {**made, "cache_control": control} if control else made


def user(*blocks: Any) -> dict[str, Any]:
    """A user message."""
    return {"role": "user", "content": list(blocks)}


class Used:
    """What a request read and wrote."""

    def __init__(self, usage: Any) -> None:
        self.read: int = usage.cache_read_input_tokens
        self.short: int = usage.cache_creation.ephemeral_5m_input_tokens
        self.hour: int = usage.cache_creation.ephemeral_1h_input_tokens
        self.fresh: int = usage.input_tokens
        self.total = self.read + self.short + self.hour + self.fresh


async def ask(client: AsyncAnthropic, *messages: Any, **changes: Any) -> Used:
    """Send messages and say what the cache did."""
    asked: dict[str, Any] = {"model": MODEL, "max_tokens": 50, "messages": list(messages)}
    async with client.messages.stream(**{**asked, **changes}) as stream:
        return Used((await stream.get_final_message()).usage)
