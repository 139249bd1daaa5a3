"""Monitoring posted something in a channel whose alarms are investigated."""

from __future__ import annotations

import logging

from bot.incidents.incident import Incident, Origin
from bot.incidents.store import ClaimKind
from bot.slack.directory import Directory
from bot.slack.errands import Errands
from bot.slack.inbound import changes_content, is_bot_post, is_edit, is_top_level, unwrap
from bot.slack.inbox import Inbox
from bot.slack.listeners.requests import Body, request_id, team_of
from bot.slack.notices import Notices
from bot.slack.pauses import Pauses
from bot.slack.reactions import Reactions
from bot.slack.reception import Reception
from bot.slack.wording import REACTION_SEEN

REACTION_AGAIN = "repeat"
"""On a post whose alarm is being looked at already, in the thread of an earlier post."""
REACTION_JOINED = "link"
"""On a post whose alarm became part of an incident, in the thread of another alarm."""
REACTION_PAUSED = "double_vertical_bar"
"""On a post that is left alone because an admin paused the channel."""
MAX_MARKED = 5
"""Repeats that are marked one by one; in a storm Slack's limit on reactions is kept for new alarms."""
MAX_JOINED_MARKED = 20
MARK_TRIES = 5

_log = logging.getLogger(__name__)


class Alarms:
    """Admits alarm posts: by bots, at the top level, in the configured channels."""

    def __init__(
        self,
        inbox: Inbox,
        directory: Directory,
        reception: Reception,
        reactions: Reactions,
        notices: Notices,
        pauses: Pauses,
        errands: Errands,
    ) -> None:
        self._inbox = inbox
        self._directory = directory
        self._reception = reception
        self._reactions = reactions
        self._notices = notices
        self._pauses = pauses
        self._errands = errands

    @staticmethod
    async def concerns(event: Body) -> bool:
        """Whether this message event may be an alarm: anything a bot put at the top level, and edits of that."""
        return is_bot_post(event) and is_top_level(event)

    async def posted(self, body: Body) -> None:
        """A message event. The same post acts once, whatever event brings it; an edit acts when the alarm changed."""
        event = body["event"]
        if not await self._directory.is_incidents(str(event["channel"])):
            return
        if is_edit(event):
            await self._edited(body)
            return
        origin = _own_thread(body, event)
        if await self._inbox.claim(origin.team, origin.channel, origin.thread_ts, request_id(body)):
            await self._admit(event, origin)

    async def _edited(self, body: Body) -> None:
        """Senders edit their post when the state changes; Slack edits it for link previews. Only the first counts."""
        event = body["event"]
        if not changes_content(event):
            return
        before = self._reception.alarm_in(event.get("previous_message") or {})
        after = self._reception.alarm_in(unwrap(event))
        if after is None or (
            before is not None
            and (before.fingerprint, before.state) == (after.fingerprint, after.state)
        ):
            return
        at = str(event.get("ts") or event.get("event_ts") or "")
        await self._admit(unwrap(event), _own_thread(body, unwrap(event)), at)

    async def _admit(self, message: Body, origin: Origin, at: str = "") -> None:
        alarm = self._reception.alarm_in(message)
        if alarm is None:
            _log.info("no alarm: %s in %s", origin.thread_ts, origin.channel)
            return
        if alarm.state == "firing" and await self._pauses.by(origin.channel) is not None:
            _log.warning("left alone, the channel is paused: %s", origin.thread_ts)
            self._mark(origin, REACTION_PAUSED)
            return
        admission = await self._reception.admit(alarm, origin, at)
        if admission.incident is not None:
            await self._tell(admission.kind, admission.incident, admission.run, origin)

    async def _tell(self, kind: ClaimKind, incident: Incident, run: int, origin: Origin) -> None:
        """The post and the incident's thread show what became of it."""
        if sign := _sign(kind, incident, origin):
            self._mark(origin, sign)
        if kind in ("repeated", "joined", "eased"):
            self._notices.changed(incident)
        elif kind == "reopened" and run:
            await self._notices.reopened(incident)
        elif kind == "reopened":
            self._notices.changed(incident)
        elif kind == "resolved":
            await self._notices.resolved(incident)

    def _mark(self, origin: Origin, reaction: str) -> None:
        urgent = reaction == REACTION_SEEN
        marking = self._reactions.add(
            origin.channel, origin.thread_ts, reaction, tries=MARK_TRIES, urgent=urgent
        )
        self._errands.run(marking)


def _sign(kind: ClaimKind, incident: Incident, origin: Origin) -> str:
    """The reaction for a post; empty for none."""
    if kind == "new":
        return REACTION_SEEN
    if origin.thread_ts == incident.origin.thread_ts:
        return ""
    if kind == "joined":
        return REACTION_JOINED if len(incident.members) <= MAX_JOINED_MARKED else ""
    if kind == "reopened":
        return REACTION_AGAIN
    posts = incident.occurrences + sum(member.occurrences for member in incident.members)
    return REACTION_AGAIN if kind == "repeated" and posts <= MAX_MARKED else ""


def _own_thread(body: Body, message: Body) -> Origin:
    return Origin(team=team_of(body), channel=str(message["channel"]), thread_ts=str(message["ts"]))
