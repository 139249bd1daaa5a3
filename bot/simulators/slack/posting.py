"""Every write to a channel: store it, tell the apps, tell the page. Nothing else touches stored messages."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bot.simulators.slack.changes import Changes
from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.events import Events
from bot.simulators.slack.messages import Entry, Message, Messages
from bot.simulators.slack.people import Channel
from bot.simulators.slack.workspace import Workspace


class Posting:
    """Posts, edits, deletes and reacts, with the events that follow."""

    def __init__(
        self, workspace: Workspace, messages: Messages, events: Events, changes: Changes
    ) -> None:
        self._workspace = workspace
        self._messages = messages
        self._events = events
        self._changes = changes
        self.ephemerals: list[Entry] = []
        """Messages only one person sees; never part of a channel's history."""

    def post(
        self,
        channel: Channel,
        content: Message,
        *,
        app_id: str | None = None,
        thread_ts: str | None = None,
        broadcast: bool = False,
        metadata: dict[str, Any] | None = None,
        options: dict[str, Any] | None = None,
    ) -> Entry:
        """Store a message and fan it out. A reply to a ts that is not there becomes a top-level message."""
        message: Message = {"type": "message", **content, "ts": self._messages.next_ts()}
        message.setdefault("team", self._workspace.team_id)
        root = self._messages.find(channel.id, thread_ts) if thread_ts else None
        if root is not None:
            self._make_reply(message, root, broadcast)
        entry = Entry(channel.id, message, app_id, options or {}, metadata)
        self._messages.add(entry)
        self._events.message_posted(entry)
        self._show(entry)
        if root is not None and (parent := self._messages.find(channel.id, entry.root_ts)):
            self._show(parent)
        return entry

    def _make_reply(self, message: Message, root: Entry, broadcast: bool) -> None:
        if root.message.get("subtype") == "tombstone":
            raise SlackError("cannot_reply_to_message")
        message["thread_ts"] = root.root_ts
        parent = self._messages.find(root.channel, root.root_ts) or root
        if author := parent.message.get("user"):
            message["parent_user_id"] = author
        if broadcast:
            message["subtype"] = "thread_broadcast"
            message["root"] = copy.deepcopy(parent.message)

    @contextmanager
    def edit(self, entry: Entry) -> Iterator[Message]:
        """Change `entry.message` inside the block; apps hear `message_changed` afterwards."""
        previous = copy.deepcopy(entry.message)
        yield entry.message
        self._events.message_changed(entry, previous)
        self._show(entry)

    def delete(self, entry: Entry) -> None:
        previous = copy.deepcopy(entry.message)
        parent = self._messages.find(entry.channel, entry.root_ts) if entry.is_reply else None
        self._messages.remove(entry)
        if entry.message.get("subtype") == "tombstone":
            self._events.message_changed(entry, previous)
            self._show(entry)
            return
        self._events.message_deleted(entry, previous)
        self._changes.publish("message_removed", channel=entry.channel, ts=entry.ts)
        if parent is None:
            return
        if self._messages.find(parent.channel, parent.ts) is None:
            self._changes.publish("message_removed", channel=parent.channel, ts=parent.ts)
        else:
            self._show(parent)

    def react(self, entry: Entry, user: str, name: str) -> None:
        """Raises SlackError already_reacted."""
        reactions: list[dict[str, Any]] = entry.message.setdefault("reactions", [])
        found = next((item for item in reactions if item["name"] == name), None)
        if found is None:
            found = {"name": name, "users": [], "count": 0}
            reactions.append(found)
        if user in found["users"]:
            raise SlackError("already_reacted")
        found["users"].append(user)
        found["count"] += 1
        self._events.reaction(True, user, name, entry)
        self._show(entry)

    def unreact(self, entry: Entry, user: str, name: str) -> None:
        """Raises SlackError no_reaction."""
        reactions: list[dict[str, Any]] = entry.message.get("reactions", [])
        found = next((item for item in reactions if item["name"] == name), None)
        if found is None or user not in found["users"]:
            raise SlackError("no_reaction")
        found["users"].remove(user)
        found["count"] -= 1
        if not found["users"]:
            reactions.remove(found)
        if not reactions:
            del entry.message["reactions"]
        self._events.reaction(False, user, name, entry)
        self._show(entry)

    def whisper(
        self,
        channel: Channel,
        content: Message,
        user: str,
        *,
        app_id: str | None = None,
        thread_ts: str | None = None,
    ) -> Entry:
        """A message only `user` sees."""
        message: Message = {"type": "message", **content, "ts": self._messages.next_ts()}
        message["is_ephemeral"] = True
        if thread_ts:
            message["thread_ts"] = thread_ts
        entry = Entry(channel.id, message, app_id, ephemeral_for=user)
        self.ephemerals.append(entry)
        self._show(entry)
        return entry

    def rewrite_whisper(self, entry: Entry, content: Message | None) -> None:
        """Replace what an ephemeral message says, or take it away (None)."""
        if content is None:
            if entry in self.ephemerals:
                self.ephemerals.remove(entry)
            self._changes.publish("message_removed", channel=entry.channel, ts=entry.ts)
            return
        kept: Message = {
            key: entry.message[key]
            for key in ("ts", "thread_ts", "is_ephemeral")
            if key in entry.message
        }
        entry.message.clear()
        entry.message.update({"type": "message", **content, **kept})
        self._show(entry)

    def find_whisper(self, channel: str, ts: str) -> Entry | None:
        return next(
            (item for item in self.ephemerals if (item.channel, item.ts) == (channel, ts)), None
        )

    def _show(self, entry: Entry) -> None:
        self._changes.publish(
            "message",
            channel=entry.channel,
            ephemeral_for=entry.ephemeral_for,
            message=copy.deepcopy(entry.message),
        )
