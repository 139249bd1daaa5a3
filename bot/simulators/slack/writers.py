"""Those who write into channels without the app under test: people, and other companies' monitoring apps."""

from __future__ import annotations

import copy
import re
from typing import Any

from bot.simulators.slack.blockkit.rules import with_ids
from bot.simulators.slack.errors import CommandError
from bot.simulators.slack.messages import Entry, Message
from bot.simulators.slack.methods.content import author
from bot.simulators.slack.people import App, Channel
from bot.simulators.slack.world import World

_TOKEN = re.compile(
    r"<(?:@(?P<user>[UW][A-Z0-9]+)(?:\|[^>]*)?|#(?P<channel>C[A-Z0-9]+)(?:\|[^>]*)?"
    r"|(?P<url>(?:https?|mailto):[^|>]+)(?:\|(?P<label>[^>]*))?)>"
)
_SET_BY_SLACK = ("ts", "event_ts", "channel", "channel_type", "thread_ts", "team", "type")


def rich_text(text: str) -> dict[str, Any]:
    """The `rich_text` block that Slack adds to what a person typed."""
    elements: list[dict[str, Any]] = []
    position = 0
    for token in _TOKEN.finditer(text):
        _add_text(elements, text[position : token.start()])
        if token["user"]:
            elements.append({"type": "user", "user_id": token["user"]})
        elif token["channel"]:
            elements.append({"type": "channel", "channel_id": token["channel"]})
        else:
            link = {"type": "link", "url": token["url"]}
            elements.append({**link, "text": token["label"]} if token["label"] else link)
        position = token.end()
    _add_text(elements, text[position:])
    section = {"type": "rich_text_section", "elements": elements}
    return {"type": "rich_text", "elements": [section]}


def _add_text(elements: list[dict[str, Any]], text: str) -> None:
    if text:
        plain = text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        elements.append({"type": "text", "text": plain})


def _require_shape(message: Message) -> None:
    """Raises CommandError for what no Slack message can be, however odd its author."""
    for name in ("text", "username", "thread_ts", "subtype"):
        if not isinstance(message.get(name) or "", str):
            raise CommandError(f"`{name}` of a message has to be a text")
    for name in ("blocks", "attachments"):
        listed = message.get(name) or []
        if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
            raise CommandError(f"`{name}` of a message has to be a list of objects")


class Writers:
    """Posts, edits and reactions by people and monitoring apps."""

    def __init__(self, world: World) -> None:
        self._world = world

    def post_as_user(
        self, channel: str, text: str, user: str, thread_ts: str | None, broadcast: bool = False
    ) -> Entry:
        """`text` is in Slack's format (`<@U…>`, `&amp;`); `<@BOT>` stands for the app under test."""
        where, person = self._world.workspace.channel(channel), self._world.workspace.user(user)
        if where.is_archived:
            raise CommandError(f"{where.name or where.id} is archived")
        if person.id not in where.members:
            raise CommandError(f"{person.name} is not in {where.name or where.id}")
        written = text.replace("<@BOT>", f"<@{self._world.app.bot_user_id}>")
        message: Message = {
            "user": person.id,
            "client_msg_id": self._world.ids.envelope(),
            "text": written,
            "blocks": with_ids([rich_text(written)], self._world.ids),
        }
        if person.is_stranger:
            team = person.team_id
            message |= {"team": team, "user_team": team, "source_team": team}
        return self._world.posting.post(where, message, thread_ts=thread_ts, broadcast=broadcast)

    def post_as_app(self, channel: str, message: Message, app: str) -> Entry:
        """Raw message JSON, as captured or documented; an app of an unknown name is installed first.

        Slack would not let it in: so blocks and attachments may be what they like, as long as each is an object.
        Raises CommandError.
        """
        _require_shape(message)
        where, poster = self._world.workspace.channel(channel), self._app(app)
        if where.is_archived:
            raise CommandError(f"{where.name or where.id} is archived")
        thread_ts = message.get("thread_ts")
        self._world.invite(where, poster.bot_user_id)
        return self._world.posting.post(
            where, self._content(poster, message), app_id=poster.id, thread_ts=thread_ts
        )

    def edit_as_app(self, channel: str, ts: str, message: Message) -> Entry:
        """A monitoring app edits its message: the fields given replace those of the stored one. Raises CommandError."""
        _require_shape(message)
        entry = self._entry(channel, ts)
        poster = self._world.workspace.apps.get(entry.app_id or "")
        if poster is None:
            raise CommandError("the message was not posted by an app")
        content = self._content(poster, {**entry.message, **message})
        with self._world.posting.edit(entry) as stored:
            stored.update(content)
        return entry

    def edit_as_user(self, channel: str, ts: str, text: str) -> Entry:
        entry = self._entry(channel, ts)
        user = entry.message.get("user", "")
        with self._world.posting.edit(entry) as stored:
            stored["text"] = text
            stored["blocks"] = with_ids([rich_text(text)], self._world.ids)
            stored["edited"] = {"user": user, "ts": self._world.messages.next_ts()}
        return entry

    def delete(self, channel: str, ts: str) -> None:
        self._world.posting.delete(self._entry(channel, ts))

    def react(self, channel: str, ts: str, name: str, user: str, *, remove: bool = False) -> None:
        """Raises SlackError already_reacted, no_reaction."""
        entry, person = self._entry(channel, ts), self._world.workspace.user(user)
        act = self._world.posting.unreact if remove else self._world.posting.react
        act(entry, person.id, name.strip(":"))

    def _app(self, name: str) -> App:
        found = self._world.workspace.find_app(name)
        return found or self._world.workspace.add_app(name)

    def _content(self, poster: App, message: Message) -> Message:
        content = {key: value for key, value in message.items() if key not in _SET_BY_SLACK}
        if content.get("username"):
            content.setdefault("subtype", "bot_message")
        if content.get("subtype") == "bot_message":
            content = {"bot_id": poster.bot_id, "app_id": poster.id, **content}
            content.pop("user", None)
        else:
            content = {**author(poster), **content}
        content["text"] = content.get("text") or ""
        if content.get("blocks"):
            content["blocks"] = with_ids(content["blocks"], self._world.ids)
        content["attachments"] = [
            {"id": number, **copy.deepcopy(item)}
            for number, item in enumerate(content.get("attachments") or [], start=1)
        ]
        if not content["attachments"]:
            del content["attachments"]
        return content

    def _entry(self, channel: str, ts: str) -> Entry:
        where: Channel = self._world.workspace.channel(channel)
        entry = self._world.messages.find(where.id, ts)
        if entry is None:
            raise CommandError(f"no message {ts!r} in {channel}")
        return entry
