"""Where other designs put their cache breakpoints: nowhere, or where the best known open-source peer puts them.

Everything else of a request is as `bot.agent.claude` sends it, so that only the breakpoints differ.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aiohttp

from bot.agent.messages import Prompt, Reply
from bot.agent.model import Notice
from bot.agent.window import merged
from bot.costs.usage import Usage
from bot.errors import PermanentError

Arrangement = Callable[[Prompt], dict[str, Any]]
"""From a prompt to `tools`, `system` and `messages` of a request."""

_CONTROL = {"type": "ephemeral"}
_MAX_TOKENS = 16_000
_VERSION = "2026-10-21"


def uncached(prompt: Prompt) -> dict[str, Any]:
    """No breakpoint at all."""
    return {
        "tools": prompt.tools,
        "system": [{"type": "text", "text": prompt.system}],
        "messages": merged(prompt.messages),
    }


def peer(prompt: Prompt) -> dict[str, Any]:
    """On the last tool, and on the last block of the last message as soon as there is more than one message."""
    plain = uncached(prompt)
    *tools, last_tool = plain["tools"]
    *messages, last = plain["messages"]
    if messages:
        *blocks, last_block = last["content"]
        marked = {**last_block, "cache_control": _CONTROL}
        last = {"role": last["role"], "content": [*blocks, marked]}
    return {
        **plain,
        "tools": [*tools, {**last_tool, "cache_control": _CONTROL}],
        "messages": [*messages, last],
    }


class PlacedModel:
    """A `bot.agent.model.Model` that arranges its requests in one of these ways."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        *,
        api_key: str,
        model: str,
        base_url: str,
        arrange: Arrangement,
    ) -> None:
        self._session = session
        self._url = f"{base_url}/v1/messages"
        self._headers = {"x-api-key": api_key, "anthropic-version": _VERSION}
        self._model = model
        self._arrange = arrange

    async def reply(self, prompt: Prompt, *, within: float, notice: Notice) -> Reply:
        """Ask once. Raises PermanentError when the API refuses."""
        body = {
            "model": self._model,
            "max_tokens": _MAX_TOKENS,
            "thinking": {"type": "adaptive", "display": "summarized"},
            "output_config": {"effort": "medium"},
            **self._arrange(prompt),
        }
        timeout = aiohttp.ClientTimeout(total=within)
        async with self._session.post(
            self._url, json=body, headers=self._headers, timeout=timeout
        ) as response:
            answer = await response.json()
        if response.status != 200:
            raise PermanentError(f"The simulator refuses the request: {answer}")
        return Reply(
            content=answer["content"],
            stop_reason=answer["stop_reason"],
            usage=_usage(answer["usage"]),
            model=answer["model"],
        )


def _usage(usage: dict[str, Any]) -> Usage:
    written = usage["cache_creation"]
    return Usage(
        input=usage["input_tokens"],
        cache_write_5m=written["ephemeral_5m_input_tokens"],
        cache_write_1h=written["ephemeral_1h_input_tokens"],
        cache_read=usage["cache_read_input_tokens"],
        output=usage["output_tokens"],
    )
