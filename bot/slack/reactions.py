"""Reactions as signs: seen, done, failed. A sign that cannot be set never stops the work it is about."""

from __future__ import annotations

import logging

from bot.errors import TemporaryError
from bot.slack.api import Api, SlackBusy, SlackRefused
from bot.slack.clock import Clock
from bot.slack.pacer import Buckets, Pacer, Rate

LONGEST_PAUSE = 60.0
"""Seconds of Retry-After that a sign is worth."""

_log = logging.getLogger(__name__)
_ALREADY_SO = frozenset({"already_reacted", "no_reaction"})
_ADD = "reactions.add"
_REMOVE = "reactions.remove"
RATES = {_ADD: Rate(per_second=0.8, burst=10), _REMOVE: Rate(per_second=0.3, burst=4)}
"""Slack allows fifty and twenty a minute in a workspace."""


class Reactions:
    """Adds and removes this bot's emoji on messages, best effort.

    `tries` is how often a call is made while Slack limits them; with 1 nothing is waited for, with more also the turn
    that `buckets` give. `urgent` signs go first.
    """

    def __init__(self, api: Api, clock: Clock, buckets: Buckets) -> None:
        self._api = api
        self._clock = clock
        self._pacers = {
            method: Pacer(clock, buckets, rate, "react") for method, rate in RATES.items()
        }

    async def add(
        self, channel: str, ts: str, name: str, *, tries: int = 1, urgent: bool = True
    ) -> None:
        """Harmless when it is there already."""
        await self._call(_ADD, channel, ts, name, tries, urgent=urgent)

    async def remove(self, channel: str, ts: str, name: str, *, tries: int = 1) -> None:
        """Harmless when it is not there."""
        await self._call(_REMOVE, channel, ts, name, tries, urgent=False)

    async def _call(
        self, method: str, channel: str, ts: str, name: str, tries: int, *, urgent: bool
    ) -> None:
        try:
            for _ in range(tries - 1):
                await self._pacers[method].turn(method, urgent=urgent)
                try:
                    await self._api.call(method, channel=channel, timestamp=ts, name=name)
                except SlackBusy as busy:
                    await self._wait(method, busy)
                else:
                    return
            await self._api.call(method, channel=channel, timestamp=ts, name=name)
        except SlackRefused as refused:
            if refused.code not in _ALREADY_SO:
                _log.warning("%s %s on %s: %s", method, name, ts, refused.code)
        except TemporaryError as error:
            _log.warning("%s %s on %s: %s", method, name, ts, error)

    async def _wait(self, method: str, busy: SlackBusy) -> None:
        pause = busy.retry_after or 1.0
        if pause > LONGEST_PAUSE:
            raise busy
        await self._pacers[method].hold(method, pause)
        await self._clock.sleep(pause)
