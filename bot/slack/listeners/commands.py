"""`/diagnose` and the message shortcut: a person starts an investigation by hand, or asks what there is.

Slack gives a command no thread, so a public message is posted first and the investigation lives in its thread. All
other answers are for the person alone.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from bot.alarms.catalog import ServiceCatalog
from bot.alarms.kubernetes_names import is_object_name
from bot.errors import TemporaryError
from bot.incidents.incident import Incident, Origin
from bot.incidents.store import IncidentStore
from bot.slack.api import SlackRefused
from bot.slack.directory import Directory
from bot.slack.letterbox import PostOffice
from bot.slack.listeners.requests import Body, request_id, team_of
from bot.slack.markdown import Element, escaped, section, shorten, styled
from bot.slack.message import Message, notification
from bot.slack.permalinks import Permalinks
from bot.slack.reactions import Reactions
from bot.slack.reception import MAX_QUESTION, Reception
from bot.slack.scopes import COMMAND
from bot.slack.whispers import Whispers
from bot.slack.wording import HELP, REACTION_SEEN, counted

Tools = Callable[[], Awaitable[Sequence[str]]]
"""Gives the names of the tools that investigations may use."""
Ack = Callable[[str], Awaitable[object]]
"""Acknowledges a command; the text (mrkdwn) is shown to the person alone."""

_PERMALINK = re.compile(
    r"<?https://[\w.-]+/archives/([CDG][A-Z0-9]+)/p(\d{10})(\d{6})(?:[?|][^>]*)?>?"
)
_MAX_LISTED = 40
_NOT_HERE = "I am not in this channel. Invite me with `/invite`, then ask again."


class Commands:
    """Answers `/diagnose` and the shortcut. `tools` names what investigations may use."""

    def __init__(
        self,
        directory: Directory,
        reception: Reception,
        store: IncidentStore,
        catalog: ServiceCatalog,
        office: PostOffice,
        reactions: Reactions,
        whispers: Whispers,
        permalinks: Permalinks,
        tools: Tools,
    ) -> None:
        self._directory = directory
        self._reception = reception
        self._store = store
        self._catalog = catalog
        self._office = office
        self._reactions = reactions
        self._whispers = whispers
        self._permalinks = permalinks
        self._tools = tools
        self._words: dict[str, Callable[[Body], Awaitable[str]]] = {
            "": self._help,
            "help": self._help,
            "h": self._help,
            "status": self._status,
            "stop": self._stop,
            "list": self._list,
            "tools": self._list_tools,
        }

    async def command(self, body: Body, ack: Ack) -> None:
        """`/diagnose …`: acknowledged at once with what the person is to know."""
        refusal = await self._directory.refusal(
            team_of(body), str(body["user_id"]), str(body["channel_id"])
        )
        if refusal is not None:
            await ack(refusal)
            return
        text = str(body.get("text") or "").strip()[:MAX_QUESTION]
        word = self._words.get(text.lower().strip(" -.!?"))
        if word is not None:
            await ack(await word(body))
        elif link := _PERMALINK.fullmatch(text):
            await ack("Looking at that message…")
            await self._link(body, link[1], f"{link[2]}.{link[3]}")
        elif unknown := self._unknown(text):
            await ack(unknown)
        elif not await self._is_here(str(body["channel_id"])):
            await ack(_NOT_HERE)
        else:
            await ack("On it: follow the thread below.")
            await self._diagnose(body, text)

    async def shortcut(self, body: Body, ack: Callable[[], Awaitable[object]]) -> None:
        """The message shortcut: this message is to be investigated, in its own thread."""
        await ack()
        message, channel = body["message"], str(body["channel"]["id"])
        user = str(body["user"]["id"])
        team = str(body["user"].get("team_id") or team_of(body))
        if refusal := await self._directory.refusal(team, user, channel):
            await self._whispers.respond(str(body["response_url"]), refusal)
            return
        await self._point(body, {**message, "channel": channel}, user)

    async def _link(self, body: Body, channel: str, ts: str) -> None:
        """Only messages that the bot can read, in channels where it may speak."""
        message = None
        if not await self._directory.is_barred(channel):
            message = await self._reception.message(channel, ts)
        if message is None:
            await self._whispers.respond(
                str(body["response_url"]), "I cannot read that message: invite me to its channel."
            )
            return
        await self._point(body, {**message, "channel": channel}, str(body["user_id"]))

    async def _point(self, body: Body, message: Body, user: str) -> None:
        channel, ts = str(message["channel"]), str(message["ts"])
        if not await self._is_here(channel):
            await self._whispers.respond(str(body["response_url"]), _NOT_HERE)
            return
        thread_ts = str(message.get("thread_ts") or ts)
        origin = Origin(team=team_of(body), channel=channel, thread_ts=thread_ts, requester=user)
        known = await self._reception.known(origin)
        incident = known or (await self._reception.pointed_at(message, origin)).incident
        if incident is not None and incident.origin.thread_ts == thread_ts and known is None:
            await self._reactions.add(channel, ts, REACTION_SEEN)
            return
        await self._whispers.respond(str(body["response_url"]), self._already(incident))

    def _already(self, incident: Incident | None) -> str:
        if incident is None:
            return "There is nothing to investigate in this message."
        url = self._permalinks.of(incident.origin)
        thread = f"<{url}|its thread>" if url else "its thread"
        return f"This is known already: see {thread}, and reply there to ask more."

    async def _diagnose(self, body: Body, text: str) -> None:
        service = self._catalog.find(text)
        name = service.name if service else text if is_object_name(text) else ""
        user, channel = str(body["user_id"]), str(body["channel_id"])
        place = Origin(team=team_of(body), channel=channel, thread_ts="", requester=user)
        box = self._office.letterbox(f"command-{request_id(body)}", place)
        try:
            ts = await box.post("root", _root(user, name or text), urgent=True)
        except SlackRefused as refused:
            if refused.code not in {"not_in_channel", "channel_not_found"}:
                raise
            await self._whispers.respond(str(body["response_url"]), _NOT_HERE)
            return
        except TemporaryError:
            await self._whispers.respond(
                str(body["response_url"]), "Slack does not take my message; I keep trying."
            )
            raise
        question = f"What is wrong with {name}?" if name else text
        origin = place.model_copy(update={"thread_ts": ts})
        await self._reception.ask(question, name, origin)
        await self._reactions.add(channel, ts, REACTION_SEEN)

    async def _is_here(self, channel: str) -> bool:
        """Whether the bot is in the channel; a no is asked about again, for the person is about to change it."""
        here = await self._directory.is_member(channel)
        if not here:
            self._directory.forget(channel)
        return here

    def _unknown(self, text: str) -> str | None:
        """What to say about a single word that names no service; None when it may be investigated."""
        if " " in text or not self._catalog.services or self._catalog.find(text):
            return None
        nearest = self._catalog.nearest(text)
        said = f"I know no service called `{escaped(shorten(text, 80))}`."
        if nearest:
            said += f" Did you mean {', '.join(f'`{escaped(name)}`' for name in nearest)}?"
        return f"{said} `{COMMAND} list` shows all; a question of several words is taken as it is."

    async def _help(self, _body: Body) -> str:
        return HELP

    async def _status(self, _body: Body) -> str:
        incidents = await self._store.current()
        if not incidents:
            return "Nothing is open."
        lines = [self._line(*each) for each in incidents[:_MAX_LISTED]]
        return "\n".join([f"*{counted(len(incidents), 'open incident')}*", *lines])

    def _line(self, incident: Incident, running: bool) -> str:
        state = "being investigated" if running else "waiting for a resolve"
        name = escaped(shorten(incident.alarm.name, 120)).replace("|", "/")
        url = self._permalinks.of(incident.origin)
        name = f"<{url}|{name}>" if url else name
        since = f"{incident.opened_at:%H:%M} UTC"
        return f"• {name} in <#{incident.origin.channel}> since {since}, {state}"

    async def _stop(self, body: Body) -> str:
        channel = str(body["channel_id"])
        here = [each for each in await self._store.list_open() if each.origin.channel == channel]
        stopped = [await self._reception.stop(each, str(body["user_id"])) for each in here]
        count = sum(stopped)
        return (
            f"Stopping {counted(count, 'investigation')}."
            if count
            else "Nothing runs in this channel."
        )

    async def _list(self, _body: Body) -> str:
        names = sorted(service.name for service in self._catalog.services)
        if not names:
            return "No services are configured: any name is taken at its word."
        more = f" … and {len(names) - _MAX_LISTED} more" if len(names) > _MAX_LISTED else ""
        return (
            f"*{counted(len(names), 'service')}*: "
            + ", ".join(f"`{escaped(name)}`" for name in names[:_MAX_LISTED])
            + more
        )

    async def _list_tools(self, _body: Body) -> str:
        names = sorted(await self._tools())
        if not names:
            return "No tools are known yet: no worker has connected to its servers."
        listed = "\n".join(f"• `{escaped(name)}`" for name in names)
        return shorten(f"*{counted(len(names), 'tool')}*\n{listed}", 3_900)


def _root(user: str, subject: str) -> Message:
    asked: list[Element] = [
        styled("🔎 "),
        {"type": "user", "user_id": user},
        styled(" asked: "),
        styled(shorten(subject, 500), bold=True),
    ]
    return Message(
        text=notification(f"Looking into: {shorten(subject, 500)}"),
        blocks=[{"type": "rich_text", "elements": [section(*asked)]}],
    )
