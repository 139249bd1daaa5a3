"""The model as the loop sees it: a prompt in, a reply out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.agent.messages import Prompt, Reply

Notice = Callable[[str], Awaitable[None]]
"""Told when a reply is delayed (overload, rate limit), in words for the thread."""


class Model(Protocol):
    """Something that answers prompts."""

    async def reply(self, prompt: Prompt, *, within: float, notice: Notice) -> Reply:
        """Answer within so many seconds, retrying what can be retried.

        Raises TimeoutError when the time is over, TemporaryError when the API could not be reached in that time, and
        PermanentError when it refuses for a reason that will not pass (key, credit, request).
        """
