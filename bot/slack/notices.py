"""Short notices in an incident's thread: it fires again, it is over.

A storm is one message edited in place, not many: `Still firing ×3, last 14:02 UTC`. Edits of one thread are
coalesced, so that the latest count is shown and Slack's limits are kept.
"""

from __future__ import annotations

import asyncio
import logging

from bot.errors import PermanentError, TemporaryError
from bot.incidents.incident import Incident
from bot.slack.clock import Clock
from bot.slack.letterbox import Letterbox, PostOffice
from bot.slack.live import INTERVAL
from bot.slack.message import Message
from bot.slack.wording import counted

_log = logging.getLogger(__name__)


class Notices:
    """Tells threads what became of their alarm. A notice that Slack refuses is logged and dropped."""

    def __init__(self, office: PostOffice, clock: Clock) -> None:
        self._office = office
        self._clock = clock
        self._latest: dict[str, Incident] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._resting: set[str] = set()
        self._closing = False

    def repeated(self, incident: Incident) -> None:
        """Show soon that the incident's alarm fired again. A task per busy thread; `close` awaits them."""
        self._latest[incident.id] = incident
        if incident.id not in self._tasks:
            task = asyncio.create_task(self._keep_showing(incident.id), name="slack notice")
            self._tasks[incident.id] = task

    async def resolved(self, incident: Incident) -> None:
        """Say that it is over: a new message, because people want to hear of it. Raises TemporaryError."""
        text = f"🟢 Resolved at {incident.last_seen_at:%H:%M} UTC"
        if incident.occurrences > 1:
            text += f", after {counted(incident.occurrences, 'occurrence')}"
        try:
            await self._box(incident).post("resolved", _notice(text))
        except PermanentError as error:
            _log.warning("no notice in the thread of %s: %s", incident.id, error)

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
        try:
            while incident := self._latest.pop(incident_id, None):
                pause = await self._show(incident)
                if self._closing:
                    return
                self._resting.add(incident_id)
                await self._clock.sleep(pause)
                self._resting.discard(incident_id)
        finally:
            self._resting.discard(incident_id)
            self._tasks.pop(incident_id, None)

    async def _show(self, incident: Incident) -> float:
        """Seconds until the next edit may follow. What Slack does not take now is shown then, unless newer is known."""
        try:
            await self._show_count(incident)
        except TemporaryError as error:
            self._latest.setdefault(incident.id, incident)
            return max(INTERVAL, error.retry_after or 0.0)
        except PermanentError as error:
            _log.warning("no notice in the thread of %s: %s", incident.id, error)
        return INTERVAL

    async def _show_count(self, incident: Incident) -> str:
        last = f"last {incident.last_seen_at:%H:%M} UTC"
        message = _notice(f"🔁 Still firing ×{incident.occurrences}, {last}")
        box = self._box(incident)
        known = await box.posted("repeats")
        if known is None:
            return await box.post("repeats", message)
        await box.edit(known, message)
        return known

    def _box(self, incident: Incident) -> Letterbox:
        return self._office.letterbox(incident.id, incident.origin)


def _notice(text: str) -> Message:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return Message(text=text, blocks=[{"type": "rich_text", "elements": [section]}])
