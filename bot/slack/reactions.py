"""Reactions as signs: seen, done, failed. A sign that cannot be set never stops the work it is about."""

from __future__ import annotations

import logging

from bot.errors import TemporaryError
from bot.slack.api import Api, SlackBusy, SlackRefused
from bot.slack.clock import Clock

LONGEST_PAUSE = 60.0
"""Seconds of Retry-After that a sign is worth."""

_log = logging.getLogger(__name__)
_ALREADY_SO = frozenset({"already_reacted", "no_reaction"})


class Reactions:
    """Adds and removes this bot's emoji on messages, best effort.

    `tries` is how often a call is made while Slack limits them; with 1 nothing is waited for.
    """

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def add(self, channel: str, ts: str, name: str, *, tries: int = 1) -> None:
        """Harmless when it is there already."""
        await self._call("reactions.add", channel, ts, name, tries)

    async def remove(self, channel: str, ts: str, name: str, *, tries: int = 1) -> None:
        """Harmless when it is not there."""
        await self._call("reactions.remove", channel, ts, name, tries)

    async def _call(self, method: str, channel: str, ts: str, name: str, tries: int) -> None:
        try:
            await self._patiently(method, channel, ts, name, tries)
        except SlackRefused as refused:
            if refused.code not in _ALREADY_SO:
                _log.warning("%s %s on %s: %s", method, name, ts, refused.code)
        except TemporaryError as error:
            _log.warning("%s %s on %s: %s", method, name, ts, error)

    async def _patiently(self, method: str, channel: str, ts: str, name: str, tries: int) -> None:
        for _ in range(tries - 1):
            try:
                await self._api.call(method, channel=channel, timestamp=ts, name=name)
            except SlackBusy as busy:
                pause = busy.retry_after or 1.0
                if pause > LONGEST_PAUSE:
                    raise
                await self._clock.sleep(pause)
            else:
                return
        await self._api.call(method, channel=channel, timestamp=ts, name=name)
