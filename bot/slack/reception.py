"""What people and monitoring want, handed over: to the intake, to an incident's questions, to the queue.

The listeners translate Slack's requests and call this; nothing here decides what is wrong with a service. Every
method may be called again for the same post and then changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from bot.alarms.alarm import Alarm
from bot.alarms.catalog import ServiceCatalog
from bot.alarms.recognise import recognise
from bot.incidents.incident import Incident, Origin, Question
from bot.incidents.intake import Admission, Intake
from bot.incidents.store import IncidentStore
from bot.queue import Queue
from bot.slack.api import Api, SlackRefused
from bot.slack.inbound import is_bot_post, normalise
from bot.slack.inbound_text import Scan

MAX_QUESTION = 4_000
"""Characters of a question; Slack takes about as much in one message."""

_MENTION = "<@{user}>"
_SPACES = re.compile(r"[ \t]+")
_STOP = re.compile(
    r"\s*(?:please\s+)?(?:stop|cancel|abort)(?:\s+(?:it|please))?[\s.!]*", re.IGNORECASE
)


class Reception:
    """One per front."""

    def __init__(
        self,
        api: Api,
        intake: Intake,
        store: IncidentStore,
        queue: Queue,
        catalog: ServiceCatalog,
        bot_user: str,
        asked: Callable[[Incident, int], None] = lambda _incident, _run: None,
    ) -> None:
        """`asked` hears of every run that is put into the queue."""
        self._api = api
        self._intake = intake
        self._store = store
        self._queue = queue
        self._catalog = catalog
        self._bot_user = bot_user
        self._asked = asked

    def alarm_in(self, message: dict[str, Any]) -> Alarm | None:
        """The alarm that a post reports; None when it is plainly none."""
        return recognise(normalise(message), self._catalog)

    def words_of(self, message: dict[str, Any]) -> str:
        """What a person wrote, readable, without the mention of the bot."""
        raw = str(message.get("text") or "").replace(_MENTION.format(user=self._bot_user), " ")
        return _SPACES.sub(" ", Scan().mrkdwn(raw)).strip()[:MAX_QUESTION]

    def is_for_others(self, message: dict[str, Any]) -> bool:
        """Whether a reply speaks to somebody else: it mentions people, and not the bot."""
        text = str(message.get("text") or "")
        return "<@" in text and _MENTION.format(user=self._bot_user) not in text

    async def admit(self, alarm: Alarm, origin: Origin, at: str = "") -> Admission:
        """An alarm came in, by a post or by its edit `at`; the run it asks for is put into the queue."""
        admission = await self._intake.alarm(alarm, origin, at)
        await self._enqueue(admission)
        return admission

    async def ask(self, text: str, service: str, origin: Origin) -> Admission:
        """A person asks outside of a known thread; put into the queue. `service` may be empty."""
        named = service or self._mentioned(text)
        admission = await self._intake.question(text, named, origin)
        await self._enqueue(admission)
        return admission

    async def known(self, origin: Origin) -> Incident | None:
        """The incident that lives in this thread."""
        return await self._store.by_thread(origin.team, origin.channel, origin.thread_ts)

    async def follow_up(self, incident: Incident, user: str, text: str, ts: str) -> None:
        """A question in an incident's thread; `stop` alone stops what runs there."""
        if _STOP.fullmatch(text):
            await self.stop(incident, user)
            return
        await self.put(incident, ts, user, text, ts)

    async def put(self, incident: Incident, name: str, user: str, text: str, ts: str) -> None:
        """Put a question to an incident; `name` says which it is, `ts` which message shows it.

        Raises PermanentError when the incident is forgotten.
        """
        await self._store.push(incident.id, Question(id=name, user=user, text=text, ts=ts))
        await self._queue.answer(incident.id, name)

    async def stop(self, incident: Incident, user: str) -> bool:
        """Stop what runs, or else waits first, in this incident; False when there is nothing."""
        slot = await self._store.running(incident.id)
        if slot is None:
            pending = await self._store.pending(incident.id)
            if not pending.runs:
                return False
            slot = f"run:{pending.runs[0]}"
        await self._store.request_stop(incident.id, slot, user)
        return True

    async def pointed_at(self, message: dict[str, Any], origin: Origin) -> Admission:
        """Somebody wants this message investigated: as the alarm it reports, else as a question in their words."""
        alarm = self.alarm_in(message)
        if alarm is not None and alarm.state == "firing" and is_bot_post(message):
            return await self.admit(alarm, origin)
        text = normalise(message).full_text[:MAX_QUESTION]
        return await self.ask(text or "What is wrong here?", "", origin)

    async def message(self, channel: str, ts: str) -> dict[str, Any] | None:
        """A message by its place; None when it is not there or may not be read."""
        try:
            page = await self._api.call(
                "conversations.replies", channel=channel, ts=ts, limit=1, inclusive=True
            )
        except SlackRefused:
            return None
        found = [item for item in page.get("messages", []) if item.get("ts") == ts]
        return found[0] if found else None

    def _mentioned(self, text: str) -> str:
        service = self._catalog.mentioned(text)
        return service.name if service else ""

    async def investigate(self, incident: Incident, run: int) -> None:
        """Put a run that waits in the incident into the queue."""
        await self._queue.investigate(incident.id, run)
        self._asked(incident, run)

    async def _enqueue(self, admission: Admission) -> None:
        if admission.run and admission.incident is not None:
            await self.investigate(admission.incident, admission.run)
