"""Requests and parts of them, as plain JSON, and a client that sends whatever it is given."""

from __future__ import annotations

from typing import Any

import aiohttp

from bot.simulators.messages_api import MessagesApiSimulator

USER: dict[str, Any] = {"role": "user", "content": "Hello"}
SCHEMA: dict[str, Any] = {"type": "object", "properties": {}}
TOOL: dict[str, Any] = {"name": "look", "input_schema": SCHEMA}
SHORT: dict[str, Any] = {"type": "ephemeral"}
HOUR: dict[str, Any] = {"type": "ephemeral", "ttl": "1h"}


def call(call_id: str, name: str = "look") -> dict[str, Any]:
    """A tool call."""
    return {"type": "tool_use", "id": call_id, "name": name, "input": {}}


def result(call_id: str, content: Any = "seen") -> dict[str, Any]:
    """A tool result."""
    return {"type": "tool_result", "tool_use_id": call_id, "content": content}


def words(content: str, **more: Any) -> dict[str, Any]:
    """A text block."""
    return {"type": "text", "text": content, **more}


def said(*blocks: dict[str, Any]) -> dict[str, Any]:
    """An assistant message."""
    return {"role": "assistant", "content": list(blocks)}


def asked(*blocks: dict[str, Any]) -> dict[str, Any]:
    """A user message."""
    return {"role": "user", "content": list(blocks)}


async def post(
    api: MessagesApiSimulator, body: dict[str, Any], version: str | None, beta: str = ""
) -> tuple[int, dict[str, Any]]:
    """Status and parsed body."""
    headers = {"x-api-key": api.api_key}
    if version is not None:
        headers["anthropic-version"] = version
    if beta:
        headers["anthropic-beta"] = beta
    async with (
        aiohttp.ClientSession(api.url, headers=headers) as http,
        http.post("/v1/messages?beta=true", json=body) as response,
    ):
        return response.status, await response.json()


def body(**changes: Any) -> dict[str, Any]:
    """A valid body with changes; None removes a field."""
    whole = {"model": "claude-sonnet-5-5", "max_tokens": 100, "messages": [USER], **changes}
    return {key: value for key, value in whole.items() if value is not None}


def marked(count: int, control: dict[str, Any] = SHORT) -> list[dict[str, Any]]:
    """Text blocks, each with a marker."""
    return [words(f"part {n}", cache_control=control) for n in range(count)]
