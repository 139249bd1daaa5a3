"""A person speaks to the bot: a mention, a reply in a thread it knows, or a direct message."""

from __future__ import annotations

from bot.errors import PermanentError
from bot.incidents.incident import Incident, Origin
from bot.slack.directory import Directory
from bot.slack.inbound import is_bot_post
from bot.slack.inbox import Inbox
from bot.slack.listeners.requests import (
    Body,
    author_team,
    is_human,
    is_reply,
    request_id,
    thread_of,
)
from bot.slack.reactions import Reactions
from bot.slack.reception import Reception
from bot.slack.whispers import Whispers
from bot.slack.wording import REACTION_SEEN

_EMPTY = "Ask me about a service or an alarm, for example: `what is wrong with checkout?`"


class Questions:
    """Puts questions to the incident of their thread, or opens one for them."""

    def __init__(
        self,
        inbox: Inbox,
        directory: Directory,
        reception: Reception,
        reactions: Reactions,
        whispers: Whispers,
    ) -> None:
        self._inbox = inbox
        self._directory = directory
        self._reception = reception
        self._reactions = reactions
        self._whispers = whispers

    @staticmethod
    async def is_reply_of_a_person(event: Body) -> bool:
        """A message event in a thread, written by a human: bots in threads are never answered."""
        return is_human(event) and is_reply(event)

    @staticmethod
    async def is_direct(event: Body) -> bool:
        """A message event in a direct conversation with the bot, written by a human."""
        return is_human(event) and event.get("channel_type") == "im"

    async def mentioned(self, body: Body) -> None:
        """An app_mention event: answered anywhere, and everywhere refusals are said."""
        event = body["event"]
        if is_human(event) and await self._may(body, silently=False):
            await self._answer(body)

    async def written_directly(self, body: Body) -> None:
        """A direct message: as a mention."""
        if await self._may(body, silently=False):
            await self._answer(body)

    async def replied(self, body: Body) -> None:
        """A reply: only in threads the bot knows, and not when it speaks to somebody else."""
        event = body["event"]
        incident = await self._reception.known(thread_of(body, event))
        if incident is None or self._reception.is_for_others(event):
            return
        if await self._may(body, silently=True) and await self._claimed(body):
            await self._follow_up(incident, event)

    async def _answer(self, body: Body) -> None:
        event = body["event"]
        if not await self._claimed(body):
            return
        origin = thread_of(body, event, requester=str(event["user"]))
        incident = await self._reception.known(origin)
        if incident is None and is_reply(event):
            incident = await self._investigate_root(origin)
        text = self._reception.words_of(event)
        if incident is not None:
            await self._follow_up(incident, event)
        elif text:
            await self._reception.ask(text, "", origin)
            await self._reactions.add(origin.channel, str(event["ts"]), REACTION_SEEN)
        else:
            await self._whispers.tell(origin, origin.requester, _EMPTY)

    async def _investigate_root(self, origin: Origin) -> Incident | None:
        """A mention below an alarm that nobody has looked at: look at it. None when the root is no alarm."""
        root = await self._reception.message(origin.channel, origin.thread_ts)
        alarm = self._reception.alarm_in(root) if root and is_bot_post(root) else None
        if alarm is None or alarm.state != "firing":
            return None
        admission = await self._reception.admit(alarm, origin)
        if admission.kind != "new":
            return None
        await self._reactions.add(origin.channel, origin.thread_ts, REACTION_SEEN)
        return admission.incident

    async def _follow_up(self, incident: Incident, event: Body) -> None:
        text = self._reception.words_of(event)
        if not text:
            return
        user, ts = str(event["user"]), str(event["ts"])
        try:
            await self._reception.follow_up(incident, user, text, ts)
        except PermanentError as error:
            await self._whispers.tell(incident.origin, user, str(error))
            return
        await self._reactions.add(incident.origin.channel, ts, REACTION_SEEN)

    async def _claimed(self, body: Body) -> bool:
        event = body["event"]
        origin = thread_of(body, event)
        return await self._inbox.claim(
            origin.team, origin.channel, str(event["ts"]), request_id(body)
        )

    async def _may(self, body: Body, *, silently: bool) -> bool:
        event = body["event"]
        user, channel = str(event["user"]), str(event["channel"])
        refusal = await self._directory.refusal(author_team(body, event), user, channel)
        if refusal and not silently:
            await self._whispers.tell(thread_of(body, event), user, refusal)
        return refusal is None
