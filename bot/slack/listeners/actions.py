"""A person pressed a button: Stop, Keep going, Investigate now, Check, Right or Wrong, or Slack's own Stop."""

from __future__ import annotations

import logging

from bot.errors import PermanentError, TemporaryError
from bot.incidents.incident import Incident, Origin
from bot.incidents.store import IncidentStore
from bot.slack.ballot import Ballot
from bot.slack.cases import Cases
from bot.slack.controls import (
    CHECK_BLOCK,
    GO_ON_BLOCK,
    INVESTIGATE_BLOCK,
    Run,
    Vote,
    opinion_view,
    said_in,
)
from bot.slack.directory import Directory
from bot.slack.listeners.requests import Body, team_of
from bot.slack.pressing import Ack, Pressing, message_ts, user_of
from bot.slack.reception import Reception

CHECK_QUESTION = (
    "The alarm was resolved. Is the cause really gone, or only the symptom? Look again at what proved the cause, compare "
    "it with the present state, and say what is different now and what may bring it back."
)

_log = logging.getLogger(__name__)


class Actions:
    """What the buttons below a message do to the investigation."""

    def __init__(
        self,
        pressing: Pressing,
        directory: Directory,
        reception: Reception,
        store: IncidentStore,
        ballot: Ballot,
        cases: Cases,
    ) -> None:
        self._pressing = pressing
        self._directory = directory
        self._reception = reception
        self._store = store
        self._ballot = ballot
        self._cases = cases

    async def stop(self, body: Body, ack: Ack) -> None:
        """The Stop button of a progress card."""
        await ack()
        pressed = await self._pressing.pressed(body, Run)
        if pressed is None:
            return
        run, incident = pressed
        if await self._store.outcome(incident.id, run.slot) is not None:
            await self._pressing.tell(body, incident, "This investigation has ended already.")
            return
        await self._store.request_stop(incident.id, run.slot, user_of(body))
        said = "Stopping: what is known by now is posted in a moment."
        await self._pressing.tell(body, incident, said)

    async def keep_going(self, body: Body, ack: Ack) -> None:
        """One more run after the one the button belongs to; twice pressed, still one."""
        await ack()
        pressed = await self._pressing.pressed(body, Run)
        if pressed is None or not pressed[0].slot.startswith("run:"):
            return
        run, incident = pressed
        if await self._store.saved_report(incident.id, run.slot) is None:
            await self._pressing.tell(body, incident, "This investigation has not ended.")
            return
        try:
            number = await self._store.request_run(incident.id, run.number)
        except PermanentError as error:
            await self._pressing.tell(body, incident, str(error))
            return
        await self._reception.investigate(incident, number)
        await self._pressing.without_button(body, GO_ON_BLOCK, "asked to keep going.")

    async def investigate(self, body: Body, ack: Ack) -> None:
        """A flapping alarm is looked into although its pause is not over."""
        await ack()
        pressed = await self._pressing.pressed(body, Run)
        if pressed is None:
            return
        _, incident = pressed
        try:
            number = await self._store.request_next_run(incident.id)
        except PermanentError as error:
            await self._pressing.tell(body, incident, str(error))
            return
        await self._reception.investigate(incident, number)
        await self._pressing.without_button(body, INVESTIGATE_BLOCK, "asked to look into it now.")

    async def check(self, body: Body, ack: Ack) -> None:
        """After a resolve: a question to the same conversation, asked once per run."""
        await ack()
        pressed = await self._pressing.pressed(body, Run)
        if pressed is None:
            return
        run, incident = pressed
        name, ts = f"check-{run.number}", message_ts(body)
        try:
            await self._reception.put(incident, name, user_of(body), CHECK_QUESTION, ts)
        except PermanentError as error:
            await self._pressing.tell(body, incident, str(error))
            return
        words = "asked to check that the cause is gone."
        await self._pressing.without_button(body, CHECK_BLOCK, words)

    async def feedback(self, body: Body, ack: Ack) -> None:
        """Right is counted; Wrong is counted, and asked about: what was it really?"""
        await ack()
        pressed = await self._pressing.pressed(body, Vote)
        if pressed is None:
            return
        vote, incident = pressed
        await self._ballot.cast(vote, user_of(body))
        if vote.vote == "right":
            await self._pressing.tell(body, incident, "Thank you: noted as right.")
        elif not await self._pressing.open_view(body, opinion_view(vote)):
            await self._pressing.tell(body, incident, "Thank you: noted as wrong.")
        await self._keep(vote, incident)

    async def explained(self, body: Body, ack: Ack) -> None:
        """The answer to "what was it really?"."""
        await ack()
        submitted = await self._pressing.submitted(body, Vote)
        if submitted is not None:
            vote, incident = submitted
            await self._ballot.cast(vote, user_of(body), said_in(body["view"]))
            await self._pressing.tell(body, incident, "Thank you: noted as wrong, with your words.")

    async def _keep(self, vote: Vote, incident: Incident) -> None:
        """What the judged diagnosis rested on becomes an evaluation case. A vote counts without it."""
        post = None
        try:
            if not incident.question:
                place = incident.origin
                post = await self._reception.message(place.channel, place.thread_ts)
            await self._cases.keep(vote, incident, post)
        except (PermanentError, TemporaryError) as error:
            _log.warning("no evaluation case is kept of %s: %s", incident.id, error)

    async def session_stopped(self, body: Body) -> None:
        """Slack's own Stop, over the thread."""
        event = body["event"]
        origin = Origin(
            team=team_of(body),
            channel=str(event["channel"]),
            thread_ts=str(event.get("thread_ts") or ""),
        )
        incident = await self._reception.known(origin)
        user = str(event.get("user") or "")
        if incident is None:
            return
        if await self._directory.refusal(origin.team, user, origin.channel) is None:
            await self._reception.stop(incident, user)
