"""Reading the state of a simulated Slack, for assertions and for the control API. Everything is a copy."""

from __future__ import annotations

import copy
import json
from collections import Counter
from typing import Any

from bot.simulators.slack.calls import Call
from bot.simulators.slack.deliveries import Envelope
from bot.simulators.slack.errors import CommandError
from bot.simulators.slack.messages import Entry, Message
from bot.simulators.slack.people import User
from bot.simulators.slack.sessions import Session
from bot.simulators.slack.world import World


class Reader:
    """The half of the simulator that looks and does not touch."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, without a slash at the end."""
        return self._world.base_url

    @property
    def api_url(self) -> str:
        """What an SDK wants as its base URL: `…/api/`."""
        return f"{self.url}/api/"

    @property
    def page_url(self) -> str:
        """The page for people."""
        return f"{self.url}/"

    @property
    def bot_token(self) -> str:
        return self._world.app.bot_token

    @property
    def app_token(self) -> str:
        return str(self._world.app.app_token)

    @property
    def team_id(self) -> str:
        return self._world.workspace.team_id

    @property
    def bot_user_id(self) -> str:
        return self._world.app.bot_user_id

    @property
    def bot_id(self) -> str:
        return self._world.app.bot_id

    @property
    def app_id(self) -> str:
        return self._world.app.id

    @property
    def users(self) -> dict[str, User]:
        """People and bots by name."""
        return {user.name: user for user in self._world.workspace.users.values()}

    def channel(self, name: str) -> str:
        """The id of a channel by name. Raises CommandError."""
        return self._world.workspace.channel(name).id

    def channels(self) -> list[dict[str, Any]]:
        channels = self._world.workspace.channels.values()
        return [channel.to_json(self.bot_user_id) for channel in channels]

    def direct(self, user: str) -> str:
        """The id of the direct channel between a person and the app under test."""
        person = self._world.workspace.user(user)
        return self._world.workspace.direct_channel(self.bot_user_id, person.id).id

    def monitoring_token(self, app: str) -> str:
        """The bot token of a monitoring app, for software that posts with chat.postMessage."""
        found = self._world.workspace.find_app(app)
        if found is None:
            raise CommandError(f"no app {app!r}")
        return found.bot_token

    def webhooks(self) -> dict[str, str]:
        """Incoming webhook URLs by app name."""
        apps = self._world.workspace.apps
        return {
            apps[app_id].name: f"{self.url}/services/{path}"
            for path, (app_id, _) in self._world.workspace.webhooks.items()
        }

    def messages(self, channel: str) -> list[Message]:
        """What the channel itself shows, oldest first; thread replies are in `thread`.

        Blocks stand as their author sent them; over the API, `markdown` blocks come back translated, as in Slack.
        """
        entries = self._world.messages.top_level(self.channel(channel))
        return [_shown(entry) for entry in entries]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The parent, then its replies; empty when there is no such message."""
        return [_shown(entry) for entry in self._world.messages.thread(self.channel(channel), ts)]

    def replies(self, channel: str, ts: str) -> list[Message]:
        """A thread without its parent."""
        return self.thread(channel, ts)[1:]

    def message(self, channel: str, ts: str) -> Message:
        """Raises CommandError."""
        return _shown(self._entry(channel, ts))

    def reactions(self, channel: str, ts: str) -> dict[str, list[str]]:
        """User ids by the name of the emoji, in the order in which the emoji first came."""
        reactions = self._entry(channel, ts).message.get("reactions", [])
        return {item["name"]: list(item["users"]) for item in reactions}

    def display_options(self, channel: str, ts: str) -> dict[str, Any]:
        """`unfurl_links`, `unfurl_media`, `link_names` and such, as given with the post."""
        return dict(self._entry(channel, ts).options)

    def ephemerals(self, channel: str | None = None, user: str | None = None) -> list[Message]:
        """Messages only one person sees, oldest first."""
        where = self.channel(channel) if channel else None
        whom = self._world.workspace.user(user).id if user else None
        return [
            _shown(entry)
            for entry in self._world.posting.ephemerals
            if where in (None, entry.channel) and whom in (None, entry.ephemeral_for)
        ]

    def uploads(self) -> list[dict[str, Any]]:
        """Completed files with their bytes under `data`."""
        return [
            {**file.to_json(self.url, self.team_id), "data": file.data or b""}
            for file in self._world.files.everything()
        ]

    def views(self, user: str = "ada") -> list[dict[str, Any]]:
        """Open modals of a person, the visible one last."""
        return copy.deepcopy(self._world.views.stack(self._world.workspace.user(user).id))

    def home(self, user: str = "ada") -> dict[str, Any] | None:
        """The app's Home as published for a person."""
        person = self._world.workspace.user(user).id
        return copy.deepcopy(self._world.views.home(self.app_id, person))

    def session(self, channel: str, thread_ts: str) -> Session | None:
        """The agent session of a thread."""
        return self._world.sessions.find(self.channel(channel), thread_ts)

    def thread_status(self, channel: str, thread_ts: str) -> str:
        """What `assistant.threads.setStatus` shows now."""
        return self._world.sessions.thread(self.channel(channel), thread_ts).status

    def calls(self, method: str | None = None) -> list[Call]:
        """Web API calls in the order of their answers."""
        return self._world.calls.of(method)

    def envelopes(self, kind: str | None = None) -> list[Envelope]:
        """Socket Mode envelopes, oldest first; `kind` is events_api, slash_commands or interactive."""
        return [item for item in self._world.deliveries.log() if kind in (None, item.type)]

    def failed_deliveries(self) -> list[Envelope]:
        """Envelopes given up without an acknowledgement."""
        return [item for item in self._world.deliveries.log() if item.gave_up]

    def connections(self) -> int:
        """Live Socket Mode connections of the app under test."""
        return len(self._world.sockets.live(self.app_id))

    def duplicate_posts(self) -> list[Message]:
        """Messages an app posted more than once: same channel, thread, text, blocks and attachments."""
        found: list[Message] = []
        for channel in self._world.workspace.channels:
            entries = [item for item in self._world.messages.everything(channel) if item.app_id]
            counts = Counter(_fingerprint(entry) for entry in entries)
            found += [_shown(entry) for entry in entries if counts[_fingerprint(entry)] > 1]
        return found

    def _entry(self, channel: str, ts: str) -> Entry:
        entry = self._world.messages.find(self.channel(channel), ts)
        if entry is None:
            raise CommandError(f"no message {ts!r} in {channel}")
        return entry


def _shown(entry: Entry) -> Message:
    message = copy.deepcopy(entry.message)
    if entry.metadata is not None:
        message["metadata"] = copy.deepcopy(entry.metadata)
    return message


def _fingerprint(entry: Entry) -> str:
    message = entry.message
    said = {key: message.get(key) for key in ("text", "thread_ts", "attachments", "files")}
    said["blocks"] = [
        {key: value for key, value in block.items() if key != "block_id"}
        for block in message.get("blocks") or []
    ]
    if entry.root_ts == entry.ts:
        said["thread_ts"] = None
    return json.dumps([entry.app_id, said], sort_keys=True)
