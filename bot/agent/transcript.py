"""The conversation as the loop sees it: an append-only list of messages that is saved after every turn."""

from __future__ import annotations

from typing import Protocol

from bot.agent.messages import Message, Prompt, Spend, Turn


class Transcript(Protocol):
    """A conversation that goes on."""

    @property
    def spend(self) -> Spend:
        """What the conversation has used so far."""

    def prompt(self) -> Prompt:
        """The next request."""

    def label(self, ahead: int) -> str:
        """The short id of the call that is `ahead` places after the last one saved (`c8` for 0 after `c7`)."""

    async def add(self, turn: Turn, spend: Spend) -> None:
        """Append a turn and save it."""

    async def say(self, message: Message) -> None:
        """Append a user message (a nudge, the last-reply notice) and save it."""
