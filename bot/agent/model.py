"""The model as the loop sees it: a prompt in, a reply out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from bot.agent.messages import Prompt, Reply
from bot.costs.usage import Usage

Notice = Callable[[str], Awaitable[None]]
"""Told when a reply is delayed (overload, rate limit), in words for the thread."""
Lost = Callable[[str, Usage], None]
"""Told of a reply that is billed but not given: model id and tokens. It broke off, was given up, or is asked for again."""


class Model(Protocol):
    """Something that answers prompts."""

    async def reply(self, prompt: Prompt, *, within: float, notice: Notice) -> Reply:
        """Answer within so many seconds, retrying what can be retried.

        Raises TimeoutError when the time is over, TemporaryError when the API could not be reached in that time, and
        PermanentError when it refuses for a reason that will not pass (key, credit, request).
        """


class Billed(Protocol):
    """A Model that says what was paid for nothing."""

    async def reply(self, prompt: Prompt, *, within: float, notice: Notice, lost: Lost) -> Reply:
        """Like `Model.reply`; `lost` may be told before it returns, raises, or is cancelled."""


def unheard(model: str, usage: Usage) -> None:
    """A `Lost` for callers who do not ask."""
