"""Reactions as signs: seen, done, failed. A sign that cannot be set never stops the work it is about."""

from __future__ import annotations

import logging

from bot.errors import TemporaryError
from bot.slack.api import Api, SlackRefused

_log = logging.getLogger(__name__)
_ALREADY_SO = frozenset({"already_reacted", "no_reaction"})


class Reactions:
    """Adds and removes this bot's emoji on messages, best effort."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def add(self, channel: str, ts: str, name: str) -> None:
        """Harmless when it is there already."""
        await self._call("reactions.add", channel, ts, name)

    async def remove(self, channel: str, ts: str, name: str) -> None:
        """Harmless when it is not there."""
        await self._call("reactions.remove", channel, ts, name)

    async def _call(self, method: str, channel: str, ts: str, name: str) -> None:
        try:
            await self._api.call(method, channel=channel, timestamp=ts, name=name)
        except SlackRefused as refused:
            if refused.code not in _ALREADY_SO:
                _log.warning("%s %s on %s: %s", method, name, ts, refused.code)
        except TemporaryError as error:
            _log.warning("%s %s on %s: %s", method, name, ts, error)
