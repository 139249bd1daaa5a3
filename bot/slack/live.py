"""A message that is edited while something goes on: at most every few seconds, always with the latest content.

Edits that come faster are coalesced, so a burst of steps costs one call; an edit that fails is made again with the
next content, after the pause Slack asks for. Nothing here can fail the work that is being shown.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from bot.errors import TemporaryError, TocsinError
from bot.slack.clock import Clock

INTERVAL = 3.0
"""Seconds between two edits of one message: Slack's own guidance for agents."""
TICK = 15.0
"""Seconds after which the message is edited although nothing new happened, so that its elapsed time moves."""
SHARE = 1.5
"""Seconds of Slack's limit on edits (about fifty a minute for the whole app) that each live message takes up."""

_log = logging.getLogger(__name__)


class Edits:
    """How often each live message may be edited: more slowly the more of them there are in this process."""

    def __init__(self) -> None:
        self._live = 0

    @property
    def interval(self) -> float:
        """Seconds between two edits of one message."""
        return max(INTERVAL, SHARE * self._live)

    def begin(self) -> None:
        self._live += 1

    def end(self) -> None:
        self._live -= 1


class LiveMessage:
    """Calls `show` (which renders and edits) no more often than Slack wants."""

    def __init__(self, show: Callable[[], Awaitable[None]], clock: Clock, edits: Edits) -> None:
        self._show = show
        self._clock = clock
        self._edits = edits
        self._changed = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to edit. A task of its own, because the caller's work has no task group to put it in."""
        if self._task is None:
            self._edits.begin()
            self._task = asyncio.create_task(self._edit(), name="slack card")

    def changed(self) -> None:
        """There is something new to show."""
        self._changed = True

    async def stop(self) -> None:
        """Edit no more; returns when no edit is under way."""
        task, self._task = self._task, None
        if task is None:
            return
        self._edits.end()
        task.cancel()
        await asyncio.wait([task])
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("the progress card stopped moving", exc_info=error)

    async def _edit(self) -> None:
        shown_at = self._clock.time()
        pause = 0.0
        while True:
            await self._clock.sleep(max(self._edits.interval, pause))
            pause = 0.0
            if not self._changed and self._clock.time() - shown_at < TICK:
                continue
            self._changed = False
            shown_at = self._clock.time()
            try:
                await self._show()
            except TemporaryError as error:
                self._changed = True
                pause = error.retry_after or 0.0
                _log.info("the progress card could not be edited yet: %s", error)
            except TocsinError as error:
                _log.warning("the progress card cannot be edited: %s", error)
                return
