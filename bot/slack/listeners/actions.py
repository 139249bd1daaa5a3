"""A person pressed a button: Stop, Keep going, Right or Wrong, or Slack's own Stop."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from pydantic import ValidationError

from bot.errors import PermanentError, TemporaryError
from bot.incidents.incident import Incident, Origin
from bot.incidents.store import IncidentStore
from bot.queue import Queue
from bot.slack.api import Api
from bot.slack.ballot import Ballot
from bot.slack.controls import GO_ON_BLOCK, Run, Vote, opinion_view, private_vote, said_in
from bot.slack.directory import Directory
from bot.slack.listeners.requests import Body, team_of
from bot.slack.markdown import Element, section, styled
from bot.slack.reception import Reception
from bot.slack.whispers import Whispers

Ack = Callable[[], Awaitable[object]]
Pressed = TypeVar("Pressed", bound=Run)
_GONE = "This incident is no longer remembered."
_log = logging.getLogger(__name__)


class Actions:
    """Every click is checked anew: who, where, and whether the incident still lives in that channel."""

    def __init__(
        self,
        api: Api,
        directory: Directory,
        reception: Reception,
        store: IncidentStore,
        queue: Queue,
        ballot: Ballot,
        whispers: Whispers,
    ) -> None:
        self._api = api
        self._directory = directory
        self._reception = reception
        self._store = store
        self._queue = queue
        self._ballot = ballot
        self._whispers = whispers

    async def stop(self, body: Body, ack: Ack) -> None:
        """The Stop button of a progress card."""
        await ack()
        pressed = await self._pressed(body, Run)
        if pressed is None:
            return
        run, incident = pressed
        if await self._store.outcome(incident.id, run.slot) is not None:
            await self._tell(body, incident, "This investigation has ended already.")
            return
        await self._store.request_stop(incident.id, run.slot, _user(body))
        await self._tell(body, incident, "Stopping: what is known by now is posted in a moment.")

    async def keep_going(self, body: Body, ack: Ack) -> None:
        """One more run after the one the button belongs to; twice pressed, still one."""
        await ack()
        pressed = await self._pressed(body, Run)
        if pressed is None or not pressed[0].slot.startswith("run:"):
            return
        run, incident = pressed
        try:
            number = await self._store.request_run(incident.id, run.number)
        except PermanentError as error:
            await self._tell(body, incident, str(error))
            return
        await self._queue.investigate(incident.id, number)
        await self._without_button(body)

    async def feedback(self, body: Body, ack: Ack) -> None:
        """Right is counted; Wrong is counted, and asked about: what was it really?"""
        await ack()
        pressed = await self._pressed(body, Vote)
        if pressed is None:
            return
        vote, incident = pressed
        await self._ballot.cast(vote, _user(body))
        if vote.vote == "right":
            await self._tell(body, incident, "Thank you: noted as right.")
            return
        try:
            await self._api.call(
                "views.open", trigger_id=body["trigger_id"], view=opinion_view(vote)
            )
        except (PermanentError, TemporaryError) as error:
            _log.info("could not ask what it really was: %s", error)
            await self._tell(body, incident, "Thank you: noted as wrong.")

    async def explained(self, body: Body, ack: Ack) -> None:
        """The answer to "what was it really?"."""
        await ack()
        vote = private_vote(body["view"])
        refusal = await self._directory.refusal(_author_team(body), _user(body))
        if vote is not None and refusal is None:
            await self._ballot.cast(vote, _user(body), said_in(body["view"]))

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

    async def _pressed(self, body: Body, kind: type[Pressed]) -> tuple[Pressed, Incident] | None:
        """What the button stands for, when this person may press it in this channel."""
        try:
            value = kind.model_validate_json(str(body["actions"][0].get("value")))
        except ValidationError:
            _log.warning("a button with a value that is not ours was pressed")
            return None
        channel = _channel(body)
        refusal = await self._directory.refusal(_author_team(body), _user(body), channel)
        incident = await self._store.get(value.incident)
        if refusal is None and incident is not None and incident.origin.channel == channel:
            return value, incident
        place = Origin(team=team_of(body), channel=channel, thread_ts=_thread(body))
        await self._whispers.tell(place, _user(body), refusal or _GONE)
        return None

    async def _tell(self, body: Body, incident: Incident, text: str) -> None:
        await self._whispers.tell(incident.origin, _user(body), text)

    async def _without_button(self, body: Body) -> None:
        """Take the pressed button away and say who pressed it. Best effort: pressing again does no harm."""
        message = body.get("message") or {}
        kept = [
            block for block in message.get("blocks", []) if block.get("block_id") != GO_ON_BLOCK
        ]
        by: Element = section(
            {"type": "user", "user_id": _user(body)}, styled(" asked to keep going.")
        )
        try:
            await self._api.call(
                "chat.update",
                channel=_channel(body),
                ts=str(message.get("ts")),
                text=message.get("text") or "Keep going",
                blocks=[*kept, {"type": "rich_text", "elements": [by]}],
            )
        except (PermanentError, TemporaryError) as error:
            _log.info("the pressed button stays: %s", error)


def _user(body: Body) -> str:
    return str(body["user"]["id"])


def _author_team(body: Body) -> str:
    return str(body["user"].get("team_id") or team_of(body))


def _channel(body: Body) -> str:
    return str((body.get("channel") or {}).get("id") or body["container"]["channel_id"])


def _thread(body: Body) -> str:
    message = body.get("message") or {}
    return str(message.get("thread_ts") or message.get("ts") or "")
