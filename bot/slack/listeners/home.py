"""The app's own page in Slack, and news about the app itself: invited, removed, its tokens revoked."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from datetime import UTC, datetime

from pydantic import ValidationError

from bot.costs.store import DailyLedger
from bot.errors import PermanentError, TemporaryError
from bot.incidents.store import IncidentStore
from bot.incidents.work.recent import Reported
from bot.investigation.diagnosis import Report
from bot.slack.api import Api
from bot.slack.ballot import Ballot
from bot.slack.directory import Directory
from bot.slack.home_page import (
    MAX_REPORTS,
    Channel,
    Found,
    Open,
    Page,
    refused,
    view,
)
from bot.slack.listeners.requests import Body, team_of
from bot.slack.pauses import Pauses
from bot.slack.permalinks import Permalinks
from bot.slack.pressing import Ack, author_team, user_of
from bot.tools.server_board import ServerBoard

_log = logging.getLogger(__name__)


class Home:
    """What is open, what was found, what it cost; for admins (user ids), which channels are paused."""

    def __init__(
        self,
        api: Api,
        directory: Directory,
        store: IncidentStore,
        ballot: Ballot,
        ledger: DailyLedger,
        board: ServerBoard,
        pauses: Pauses,
        permalinks: Permalinks,
        admins: Collection[str],
        bot_user: str,
    ) -> None:
        self._api = api
        self._directory = directory
        self._store = store
        self._ballot = ballot
        self._ledger = ledger
        self._board = board
        self._pauses = pauses
        self._permalinks = permalinks
        self._admins = frozenset(admins)
        self._bot_user = bot_user

    async def opened(self, body: Body) -> None:
        """Publish the page anew each time somebody looks at it."""
        event = body["event"]
        if event.get("tab") == "home":
            await self._publish(team_of(body), str(event["user"]))

    async def paused(self, body: Body, ack: Ack) -> None:
        """An admin's button: leave a channel's alarms alone, or investigate them again."""
        await ack()
        user, action = user_of(body), body["actions"][0]
        channel = str(action.get("value") or "")
        refusal = await self._directory.refusal(author_team(body), user)
        if refusal is not None or user not in self._admins:
            _log.warning("%s may not pause or resume channels", user)
        elif not await self._directory.is_incidents(channel):
            _log.warning("a channel that is not watched was to be paused: %s", channel)
        elif await self._pauses.by(channel) is None:
            await self._pauses.pause(channel, user)
            _log.warning("%s paused alarms in %s", user, channel)
        else:
            await self._pauses.resume(channel)
            _log.warning("%s resumed alarms in %s", user, channel)
        await self._publish(author_team(body), user)

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

    async def shared(self, body: Body) -> None:
        """A channel was shared with another organisation, or is no longer: what is known of it is out of date."""
        self._directory.forget(str(body["event"]["channel"]))

    async def removed(self, body: Body) -> None:
        """The app was uninstalled or its tokens were revoked: nothing can be said in Slack any more."""
        kind = body["event"].get("type")
        _log.error("Slack says %s: install the app again and set its new tokens", kind)

    async def _publish(self, team: str, user: str) -> None:
        refusal = await self._directory.refusal(team, user)
        shown = refused(refusal) if refusal else view(await self._page(user), self._permalinks)
        try:
            await self._api.call("views.publish", user_id=user, view=shown)
        except (PermanentError, TemporaryError) as error:
            _log.info("the home page was not shown: %s", error)

    async def _page(self, user: str) -> Page:
        incidents = await self._store.current()
        latest = await self._store.latest_reports(MAX_REPORTS)
        found = await asyncio.gather(*(self._found(each) for each in latest))
        return Page(
            open=[Open(*each) for each in incidents],
            found=[each for each in found if each is not None],
            today=await self._ledger.day(),
            caps=self._ledger.caps,
            servers=await self._board.read(),
            channels=await self._channels(),
            is_admin=user in self._admins,
        )

    async def _found(self, reported: Reported) -> Found | None:
        """None when it is forgotten, or written by another version."""
        incident = await self._store.get(reported.incident_id)
        saved = await self._store.saved_report(reported.incident_id, reported.slot)
        if incident is None or saved is None:
            return None
        try:
            report = Report.model_validate_json(saved)
        except ValidationError:
            return None
        votes = [
            each.vote.vote
            for each in await self._ballot.opinions(incident.id)
            if each.vote.slot == reported.slot
        ]
        at = datetime.fromtimestamp(reported.at, UTC)
        is_answer = not reported.slot.startswith("run:")
        return Found(incident, report, at, votes.count("right"), votes.count("wrong"), is_answer)

    async def _channels(self) -> list[Channel]:
        try:
            watched = await self._directory.watched()
        except (PermanentError, TemporaryError) as error:
            _log.info("the channels are not listed: %s", error)
            return []
        return [Channel(channel, await self._pauses.by(channel)) for channel in watched]
