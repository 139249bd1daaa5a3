"""Runs that wait because all workers are busy: their card says so at once, with their place in the line.

The card is the one that the worker goes on with. What the front forgets when it stops is no loss: the worker edits the
card when it begins.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from bot.errors import PermanentError, TemporaryError
from bot.incidents.incident import Incident, slot_key
from bot.incidents.store import IncidentStore
from bot.slack.card import queued
from bot.slack.clock import Clock
from bot.slack.controls import Run
from bot.slack.letterbox import PostOffice
from bot.slack.live import Edits
from bot.slack.live_card import card_slot

EVERY = 2.0
"""Seconds between two looks at the line."""
PATIENCE = 3.0
"""Seconds in which a worker that is free has begun."""

_log = logging.getLogger(__name__)


@dataclass
class _Waiting:
    incident: Incident
    run: Run
    since: float
    shown: int = 0
    shown_at: float = 0.0
    live: bool = False


class Waiting:
    """Watches runs from the moment they are asked for until a worker begins them."""

    def __init__(self, store: IncidentStore, office: PostOffice, clock: Clock) -> None:
        self._store = store
        self._office = office
        self._clock = clock
        self._edits = Edits()
        self._watched: dict[tuple[str, int], _Waiting] = {}

    def watch(self, incident: Incident, number: int) -> None:
        """Show this run's place in the line, if it has to wait."""
        run = Run(incident=incident.id, slot=slot_key(number))
        self._watched.setdefault((incident.id, number), _Waiting(incident, run, self._clock.time()))

    async def look(self) -> None:
        """Look at the line once and show what changed. Raises TemporaryError when Redis is away."""
        if not self._watched:
            return
        line = await self._store.line()
        for key in [key for key in self._watched if key not in line]:
            if self._watched.pop(key).live:
                self._edits.end()
        for key, waiting in list(self._watched.items()):
            if self._is_due(waiting, line.index(key) + 1):
                await self._show(key, waiting)

    def _is_due(self, waiting: _Waiting, position: int) -> bool:
        now = self._clock.time()
        if not waiting.shown:
            return now - waiting.since >= PATIENCE
        return position != waiting.shown and now - waiting.shown_at >= self._edits.interval

    async def _show(self, key: tuple[str, int], waiting: _Waiting) -> None:
        """The line is looked at again right before Slack is told: a worker may have begun meanwhile."""
        box = self._office.letterbox(waiting.incident.id, waiting.incident.origin)
        slot = card_slot(waiting.run)
        try:
            posted = await box.posted(slot)
            if posted is None:
                await box.turn()
            line = await self._store.line()
            if key not in line:
                return
            position = line.index(key) + 1
            message = queued(waiting.incident.alarm.name, position, waiting.run)
            if posted is None:
                await box.post(slot, message, paced=False)
            else:
                await box.edit(posted, lambda: message)
        except TemporaryError as error:
            _log.info("the place of %s is shown later: %s", waiting.run.incident, error)
            return
        except PermanentError as error:
            _log.warning("the place of %s cannot be shown: %s", waiting.run.incident, error)
            position = 0
        if not waiting.live:
            self._edits.begin()
        waiting.live, waiting.shown, waiting.shown_at = True, position or -1, self._clock.time()
