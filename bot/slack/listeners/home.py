"""The app's own page in Slack, and news about the app itself: invited, removed, its tokens revoked."""

from __future__ import annotations

import logging

from bot.errors import PermanentError, TemporaryError
from bot.incidents.incident import Incident
from bot.incidents.store import IncidentStore
from bot.slack.api import Api
from bot.slack.directory import Directory
from bot.slack.listeners.requests import Body, team_of
from bot.slack.markdown import Element, escaped, shorten
from bot.slack.wording import HELP, counted

MAX_INCIDENTS = 20
_log = logging.getLogger(__name__)


class Home:
    """Open incidents and how to use the bot; and a log line for whoever runs it."""

    def __init__(self, api: Api, directory: Directory, store: IncidentStore, bot_user: str) -> None:
        self._api = api
        self._directory = directory
        self._store = store
        self._bot_user = bot_user

    async def opened(self, body: Body) -> None:
        """Publish the page anew each time somebody looks at it."""
        event = body["event"]
        if event.get("tab") != "home":
            return
        user = str(event["user"])
        refusal = await self._directory.refusal(team_of(body), user)
        incidents = [] if refusal else await self._store.list_open()
        try:
            await self._api.call("views.publish", user_id=user, view=_view(incidents, refusal))
        except (PermanentError, TemporaryError) as error:
            _log.info("the home page was not shown: %s", error)

    async def joined(self, body: Body) -> None:
        """Somebody came into a channel; when it was the bot, what is known of the channel is out of date."""
        event = body["event"]
        if event.get("user") != self._bot_user:
            return
        channel = str(event["channel"])
        self._directory.forget(channel)
        listens = await self._directory.is_incidents(channel)
        _log.info(
            "invited to %s; alarms there are %sinvestigated", channel, "" if listens else "not "
        )

    async def removed(self, body: Body) -> None:
        """The app was uninstalled or its tokens were revoked: nothing can be said in Slack any more."""
        kind = body["event"].get("type")
        _log.error("Slack says %s: install the app again and set its new tokens", kind)


def _view(incidents: list[Incident], refusal: str | None) -> Element:
    title = refusal or (
        f"{counted(len(incidents), 'open incident')}" if incidents else "Nothing is open"
    )
    blocks: list[Element] = [
        {"type": "header", "text": {"type": "plain_text", "text": title[:150]}}
    ]
    blocks += [_mrkdwn(_line(incident)) for incident in incidents[:MAX_INCIDENTS]]
    return {"type": "home", "blocks": [*blocks, {"type": "divider"}, _mrkdwn(HELP)]}


def _line(incident: Incident) -> str:
    alarm = incident.alarm
    name = escaped(shorten(alarm.name, 150))
    times = f" ×{incident.occurrences}" if incident.occurrences > 1 else ""
    where = f"<#{incident.origin.channel}>"
    return (
        f"*{name}*{times}\n{alarm.severity} · {where} · since {incident.opened_at:%d %b %H:%M} UTC"
    )


def _mrkdwn(text: str) -> Element:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
