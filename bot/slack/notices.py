"""Short notices in an incident's thread: it fires again, others fire with it, it is over.

A storm is one message edited in place, not many: `Still firing ×3, last 14:02 UTC`. Edits of one thread are
coalesced, so that the latest state is shown and Slack's limits are kept. What people want to hear of (it is over, it
is looked into once more) is a message of its own.
"""

from __future__ import annotations

import asyncio
import logging

from bot.errors import PermanentError, TemporaryError
from bot.incidents.incident import Incident
from bot.slack.clock import Clock
from bot.slack.controls import Run, check_button
from bot.slack.letterbox import Letterbox, PostOffice
from bot.slack.live import Edits
from bot.slack.message import Message, notice
from bot.slack.permalinks import Permalinks
from bot.slack.standing import standing
from bot.slack.wording import counted

_log = logging.getLogger(__name__)


class Notices:
    """Tells threads what became of their alarm. A notice that Slack refuses is logged and dropped."""

    def __init__(
        self, office: PostOffice, clock: Clock, permalinks: Permalinks | None = None
    ) -> None:
        self._office = office
        self._clock = clock
        self._permalinks = permalinks or Permalinks()
        self._edits = Edits()
        self._latest: dict[str, Incident] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._resting: set[str] = set()
        self._closing = False

    def changed(self, incident: Incident) -> None:
        """Show soon how the incident stands. A task per busy thread; `close` awaits them."""
        self._latest[incident.id] = incident
        if incident.id not in self._tasks:
            task = asyncio.create_task(self._keep_showing(incident.id), name="slack notice")
            self._tasks[incident.id] = task

    async def resolved(self, incident: Incident) -> None:
        """Say that it is over: a new message, because people want to hear of it; while it flaps, only an edit.

        Raises TemporaryError.
        """
        if incident.flaps or incident.members or incident.occurrences > 1:
            self.changed(incident)
        if incident.flaps:
            return
        text = f"🟢 Resolved at {incident.last_seen_at:%H:%M} UTC"
        if incident.occurrences > 1:
            text += f", after {counted(incident.occurrences, 'occurrence')}"
        if incident.members:
            text += f", with {counted(len(incident.members), 'related alarm')}"
        button = check_button(Run(incident=incident.id, slot=f"run:{incident.run}"))
        await self._say(incident, f"resolved:{incident.run}", notice(text, button))

    async def reopened(self, incident: Incident) -> None:
        """Say that it began again and is looked into once more: a new message. Raises TemporaryError."""
        since = f"{incident.last_seen_at:%H:%M} UTC"
        text = f"🔥 Firing again since {since}: looking into it once more"
        await self._say(incident, f"again:{incident.run}", notice(text))

    async def close(self) -> None:
        """Show what is left to show, without waiting between edits. A post under way is waited for, never cut off:
        it would have to be looked for."""
        self._closing = True
        for incident_id in self._resting:
            self._tasks[incident_id].cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for incident in list(self._latest.values()):
            await self._show(incident)

    async def _keep_showing(self, incident_id: str) -> None:
        self._edits.begin()
        try:
            while incident := self._latest.pop(incident_id, None):
                pause = await self._show(incident)
                if self._closing:
                    return
                self._resting.add(incident_id)
                await self._clock.sleep(pause)
                self._resting.discard(incident_id)
        finally:
            self._edits.end()
            self._resting.discard(incident_id)
            self._tasks.pop(incident_id, None)

    async def _show(self, incident: Incident) -> float:
        """Seconds until the next edit may follow. What Slack does not take now is shown then, unless newer is known."""
        try:
            await self._show_standing(incident)
        except TemporaryError as error:
            self._latest.setdefault(incident.id, incident)
            return max(self._edits.interval, error.retry_after or 0.0)
        except PermanentError as error:
            _log.warning("no notice in the thread of %s: %s", incident.id, error)
        return self._edits.interval

    async def _show_standing(self, incident: Incident) -> None:
        message = standing(incident, self._permalinks)
        if message is None:
            return
        slot = f"standing:{incident.run}"
        box = self._box(incident)
        known = await box.posted(slot)
        if known is not None:
            await box.edit(known, lambda: message)
        elif incident.state == "open" or incident.flaps:
            await box.post(slot, message)

    async def _say(self, incident: Incident, slot: str, message: Message) -> None:
        try:
            await self._box(incident).post(slot, message)
        except PermanentError as error:
            _log.warning("no notice in the thread of %s: %s", incident.id, error)

    def _box(self, incident: Incident) -> Letterbox:
        return self._office.letterbox(incident.id, incident.origin)
