"""Where the cache breakpoints go.

The prompt is a growing prefix: tools, system, messages. An API stores it at breakpoints and finds it again by walking
back from the next request's breakpoints, at most twenty positions. Four are allowed, and four are used: the last tool
and the system block (shared by all investigations), the tail of this request, and the tail of the previous one, which
survives when the new turn is longer than the walk. Breakpoints are put on copies: the history itself never changes.

Source: platform.claude.com, build-with-claude/prompt-caching (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from bot.agent.messages import Message, Prompt

Ttl = Literal["5m", "1h"]


def request(prompt: Prompt, *, shared_ttl: Ttl = "5m") -> dict[str, Any]:
    """`tools`, `system` and `messages` of a request, with breakpoints. `shared_ttl` is for tools and system."""
    shared = _control(shared_ttl)
    tools = [*prompt.tools[:-1], *({**tool, "cache_control": shared} for tool in prompt.tools[-1:])]
    messages = merged(prompt.messages)
    for index in _anchors(messages):
        messages[index] = _marked(messages[index], _control("5m"))
    return {
        "tools": tools,
        "system": [{"type": "text", "text": prompt.system, "cache_control": shared}],
        "messages": messages,
    }


def merged(messages: Sequence[Message]) -> list[Message]:
    """Neighbours of the same role as one message: some servers reject what the API merges by itself."""
    joined: list[Message] = []
    for message in messages:
        if joined and joined[-1]["role"] == message["role"]:
            content = [*joined[-1]["content"], *message["content"]]
            joined[-1] = {"role": message["role"], "content": content}
        else:
            joined.append(dict(message))
    return joined


def _anchors(messages: Sequence[Message]) -> list[int]:
    """The last user message and the one before it: the tails of this request and of the previous one."""
    return [index for index, message in enumerate(messages) if message["role"] == "user"][-2:]


def _marked(message: Message, control: dict[str, str]) -> Message:
    *before, last = message["content"]
    return {"role": message["role"], "content": [*before, {**last, "cache_control": control}]}


def _control(ttl: Ttl) -> dict[str, str]:
    return {"type": "ephemeral"} if ttl == "5m" else {"type": "ephemeral", "ttl": ttl}
