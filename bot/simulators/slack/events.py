"""Events API callbacks: which app hears of what, and the wrapper around it.

An app hears of a message when it subscribed to `message.<kind>`, holds the matching history scope and is a member of
the channel; its own messages are no exception.
"""

from __future__ import annotations

from typing import Any

from bot.simulators.slack.clock import Clock
from bot.simulators.slack.deliveries import Deliveries
from bot.simulators.slack.ids import Ids
from bot.simulators.slack.messages import Entry, Message, Messages
from bot.simulators.slack.people import App, Channel
from bot.simulators.slack.translation import stored
from bot.simulators.slack.workspace import Workspace

_KINDS = {
    "channel": ("message.channels", "channels:history"),
    "group": ("message.groups", "groups:history"),
    "im": ("message.im", "im:history"),
}
_SCOPES = {
    "app_mention": "app_mentions:read",
    "reaction_added": "reactions:read",
    "reaction_removed": "reactions:read",
    "channel_shared": "channels:read",
    "agent_session_stopped": "chat:write",
}


class Events:
    """Turns what happened into event callbacks for the apps concerned."""

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        workspace: Workspace,
        messages: Messages,
        deliveries: Deliveries,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._workspace = workspace
        self._messages = messages
        self._deliveries = deliveries

    def message_posted(self, entry: Entry) -> None:
        channel = self._workspace.channels[entry.channel]
        event = {
            **stored(entry.message),
            "channel": channel.id,
            "event_ts": entry.ts,
            "channel_type": channel.kind,
        }
        self._tell_about_message(channel, event)
        self._tell_mentioned(channel, entry)

    def message_changed(self, entry: Entry, previous: Message) -> None:
        """An edit: the new message inside `message`, the old one inside `previous_message`."""
        self._hidden(
            entry,
            "message_changed",
            message=stored(entry.message),
            previous_message=stored(previous),
        )

    def message_deleted(self, entry: Entry, previous: Message) -> None:
        self._hidden(
            entry, "message_deleted", deleted_ts=previous["ts"], previous_message=stored(previous)
        )

    def _hidden(self, entry: Entry, subtype: str, **content: Any) -> None:
        channel = self._workspace.channels[entry.channel]
        ts = self._messages.next_ts()
        event = {
            "type": "message",
            "subtype": subtype,
            **content,
            "hidden": True,
            "channel": channel.id,
            "ts": ts,
            "event_ts": ts,
            "channel_type": channel.kind,
        }
        self._tell_about_message(channel, event)

    def reaction(self, added: bool, user: str, name: str, entry: Entry) -> None:
        kind = "reaction_added" if added else "reaction_removed"
        event = {
            "type": kind,
            "user": user,
            "reaction": name,
            "item": {"type": "message", "channel": entry.channel, "ts": entry.ts},
            "item_user": entry.message.get("user", ""),
            "event_ts": self._messages.next_ts(),
        }
        for app in self._members(self._workspace.channels[entry.channel]):
            self.tell(app, event)

    def joined(self, channel: Channel, user: str, inviter: str = "") -> None:
        event = {
            "type": "member_joined_channel",
            "user": user,
            "channel": channel.id,
            "channel_type": "C" if channel.kind == "channel" else "G",
            "team": channel.team_id,
            "event_ts": self._messages.next_ts(),
        }
        if inviter:
            event["inviter"] = inviter
        scope = "channels:read" if channel.kind == "channel" else "groups:read"
        for app in self._members(channel):
            self.tell(app, event, scope=scope)

    def shared(self, channel: Channel) -> None:
        event = {
            "type": "channel_shared",
            "connected_team_id": self._ids.mint("T"),
            "channel": channel.id,
            "event_ts": self._messages.next_ts(),
        }
        for app in self._members(channel):
            self.tell(app, event)

    def tell(
        self, app: App, event: dict[str, Any], subscription: str = "", scope: str = ""
    ) -> None:
        """Deliver `event` if the app uses Socket Mode, subscribed to it and has the scope."""
        kind = str(event["type"])
        needed = scope or _SCOPES.get(kind, "")
        subscribed = (subscription or kind) in app.grants.events
        if app.app_token is None or app.revoked or not subscribed:
            return
        if needed and needed not in app.grants.scopes:
            return
        self._deliveries.send_event(app.id, self._wrap(app, event))

    def _tell_about_message(self, channel: Channel, event: dict[str, Any]) -> None:
        subscription, scope = _KINDS[channel.kind]
        for app in self._members(channel):
            self.tell(app, event, subscription, scope)

    def _tell_mentioned(self, channel: Channel, entry: Entry) -> None:
        if channel.kind == "im":
            return
        for app in self._members(channel):
            by_itself = entry.message.get("user") == app.bot_user_id
            if f"<@{app.bot_user_id}>" in entry.message.get("text", "") and not by_itself:
                event = {
                    **stored(entry.message),
                    "type": "app_mention",
                    "channel": channel.id,
                    "event_ts": entry.ts,
                }
                self.tell(app, event)

    def _members(self, channel: Channel) -> list[App]:
        return [app for app in self._workspace.apps.values() if app.bot_user_id in channel.members]

    def _wrap(self, app: App, event: dict[str, Any]) -> dict[str, Any]:
        team = self._workspace.team_id
        return {
            "token": "simulated-verification-token",
            "team_id": team,
            "context_team_id": team,
            "context_enterprise_id": None,
            "api_app_id": app.id,
            "event": event,
            "type": "event_callback",
            "event_id": self._ids.mint("Ev"),
            "event_time": int(self._clock.time()),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": team,
                    "user_id": app.bot_user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": self._is_external(event),
            "event_context": f"4-{self._ids.hex(40)}",
        }

    def _is_external(self, event: dict[str, Any]) -> bool:
        item = event.get("item")
        held = item if isinstance(item, dict) else event
        channel = self._workspace.channels.get(str(held.get("channel", "")))
        return channel is not None and channel.is_ext_shared
