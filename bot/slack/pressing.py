"""A pressed button: who pressed it, where, what for, and whether they may. Checked anew with every click."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from pydantic import ValidationError

from bot.errors import PermanentError, TemporaryError
from bot.incidents.incident import Incident, Origin
from bot.incidents.store import IncidentStore
from bot.slack.api import Api
from bot.slack.controls import Run
from bot.slack.directory import Directory
from bot.slack.listeners.requests import Body, team_of
from bot.slack.markdown import Element, section, styled
from bot.slack.whispers import Whispers

Ack = Callable[[], Awaitable[object]]
Pressed = TypeVar("Pressed", bound=Run)
_GONE = "This incident is no longer remembered."
_log = logging.getLogger(__name__)


class Pressing:
    """Reads clicks and submitted forms."""

    def __init__(
        self, api: Api, directory: Directory, store: IncidentStore, whispers: Whispers
    ) -> None:
        self._api = api
        self._directory = directory
        self._store = store
        self._whispers = whispers

    async def pressed(self, body: Body, kind: type[Pressed]) -> tuple[Pressed, Incident] | None:
        """What the button stands for, when this person may press it in this channel and the incident lives there."""
        try:
            value = kind.model_validate_json(str(body["actions"][0].get("value")))
        except ValidationError:
            _log.warning("a button with a value that is not ours was pressed")
            return None
        channel = channel_of(body)
        refusal = await self._directory.refusal(author_team(body), user_of(body), channel)
        incident = await self._store.get(value.incident)
        if refusal is None and incident is not None and incident.origin.channel == channel:
            return value, incident
        place = Origin(team=team_of(body), channel=channel, thread_ts=_thread(body))
        await self._whispers.tell(place, user_of(body), refusal or _GONE)
        return None

    async def submitted(self, body: Body, kind: type[Pressed]) -> tuple[Pressed, Incident] | None:
        """What a submitted form is about, when this person may use it in the incident's channel."""
        value = private(body["view"], kind)
        incident = await self._store.get(value.incident) if value else None
        if value is None or incident is None:
            return None
        refusal = await self._directory.refusal(
            author_team(body), user_of(body), incident.origin.channel
        )
        if refusal is not None:
            await self.tell(body, incident, refusal)
            return None
        return value, incident

    async def tell(self, body: Body, incident: Incident, text: str) -> None:
        """Say something to the person who pressed, in the incident's thread."""
        await self._whispers.tell(incident.origin, user_of(body), text)

    async def open_view(self, body: Body, view: Element) -> bool:
        """Show a form; False when Slack would not."""
        try:
            await self._api.call("views.open", trigger_id=body["trigger_id"], view=view)
        except (PermanentError, TemporaryError) as error:
            _log.info("a form could not be shown: %s", error)
            return False
        return True

    async def without_button(self, body: Body, block_id: str, words: str) -> None:
        """Take the pressed button away and say who pressed it. Best effort: pressing again does no harm."""
        message = body.get("message") or {}
        kept = [block for block in message.get("blocks", []) if block.get("block_id") != block_id]
        by: Element = section(
            {"type": "user", "user_id": user_of(body)}, styled(f" {words.strip()}")
        )
        try:
            await self._api.call(
                "chat.update",
                channel=channel_of(body),
                ts=str(message.get("ts")),
                text=message.get("text") or words,
                blocks=[*kept, {"type": "rich_text", "elements": [by]}],
            )
        except (PermanentError, TemporaryError) as error:
            _log.info("the pressed button stays: %s", error)


def private(view: dict[str, Any], kind: type[Pressed]) -> Pressed | None:
    """What a form was opened for."""
    with contextlib.suppress(ValidationError):
        return kind.model_validate_json(str(view.get("private_metadata")))
    return None


def user_of(body: Body) -> str:
    """Id of the person who pressed or submitted."""
    return str(body["user"]["id"])


def author_team(body: Body) -> str:
    """The workspace that person belongs to."""
    return str(body["user"].get("team_id") or team_of(body))


def channel_of(body: Body) -> str:
    """The channel the button is in."""
    return str((body.get("channel") or {}).get("id") or body["container"]["channel_id"])


def message_ts(body: Body) -> str:
    """`ts` of the message the button is on."""
    return str((body.get("message") or {}).get("ts") or "")


def _thread(body: Body) -> str:
    message = body.get("message") or {}
    return str(message.get("thread_ts") or message.get("ts") or "")
