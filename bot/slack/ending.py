"""The terminal message of a run: sealed before it is posted, so that what is posted first is what is posted."""

from __future__ import annotations

import logging

from pydantic import TypeAdapter

from bot.slack.api import REFUSED_BLOCKS, SlackRefused
from bot.slack.letterbox import Letterbox
from bot.slack.message import Message
from bot.slack.plain import flat, plain

_MESSAGES = TypeAdapter(list[Message])
_log = logging.getLogger(__name__)


class Ending:
    """Posts the messages of one slot once, in order; plainly when Slack refuses their blocks."""

    def __init__(self, box: Letterbox, slot: str) -> None:
        self._box = box
        self._slot = slot

    async def sealed(self) -> list[Message] | None:
        """What an earlier delivery of the job began to post; None when none did."""
        stored = await self._box.noted(f"{self._slot}/final")
        return _MESSAGES.validate_json(stored) if stored else None

    async def post(self, messages: list[Message]) -> None:
        """Raises Superseded, TemporaryError, ThreadGone, and SlackRefused when Slack will not have it at all."""
        if await self.sealed() is None:
            await self._seal(messages)
        try:
            await self._post_all(messages)
        except SlackRefused as refused:
            await self._seal([])
            if refused.code not in REFUSED_BLOCKS:
                raise
            _log.warning(
                "Slack refuses the blocks of a diagnosis, posted in older ones: %s", refused
            )
            await self._post_older(messages)

    async def withhold(self, message: Message) -> None:
        """Post this in its place, where others than this workspace read it. Raises what `Letterbox.post` raises."""
        await self._seal([message])
        await self._box.post(f"{self._slot}/final/1", message, urgent=True, for_all=True)

    async def _post_older(self, messages: list[Message]) -> None:
        older = flat(messages)
        try:
            await self._post_all(older)
        except SlackRefused as refused:
            if refused.code not in REFUSED_BLOCKS:
                raise
            older = plain(messages)
            await self._post_all(older)
        await self._seal(older)

    async def _seal(self, messages: list[Message]) -> None:
        """Keep what is being posted; nothing, when Slack refused it and something else is to be posted."""
        kept = _MESSAGES.dump_json(messages).decode() if messages else ""
        await self._box.note(f"{self._slot}/final", kept)

    async def _post_all(self, messages: list[Message]) -> None:
        for number, message in enumerate(messages, start=1):
            await self._box.post(f"{self._slot}/final/{number}", message, urgent=True)
