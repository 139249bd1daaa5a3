"""Changes what there is in the workspace: people, channels, apps, permissions, switches."""

from __future__ import annotations

from typing import Any

from bot.simulators.slack.errors import CommandError
from bot.simulators.slack.people import App, User
from bot.simulators.slack.reader import Reader
from bot.simulators.slack.switches import Switches


class Setting(Reader):
    """What an administrator does, and what no client can do."""

    def add_user(
        self,
        name: str,
        real_name: str = "",
        *,
        tz: str = "Europe/London",
        guest: bool = False,
        team: str = "",
    ) -> User:
        """A new person in every public channel; a `guest`, or one of another organisation (`team`, any name), in none.

        Let those two in with `add_to_channel`; channels of another organisation's people are shared (Slack Connect).
        Raises CommandError.
        """
        self._require_new(name, [user.name for user in self._world.workspace.users.values()])
        user = self._world.workspace.add_user(name, real_name, tz=tz, guest=guest, team=team)
        self._world.changes.publish("user", user=user.to_json())
        return user

    def add_channel(self, name: str, *, private: bool = False, topic: str = "") -> str:
        """The id of a new channel with every person in it. Apps have to be invited. Raises CommandError."""
        name = name.removeprefix("#")
        self._require_new(name, [item.name for item in self._world.workspace.channels.values()])
        kind = "group" if private else "channel"
        channel = self._world.workspace.add_channel(name, "group" if private else "channel", topic)
        self._world.changes.publish("channel", channel=channel.to_json(""), channel_kind=kind)
        return channel.id

    @staticmethod
    def _require_new(name: str, known: list[str]) -> None:
        """Names stand for people and channels everywhere. Raises CommandError."""
        if not name or name in known:
            raise CommandError(f"the name {name!r} is taken" if name else "a name is needed")

    def share_channel(self, name: str) -> None:
        """Share a channel with another organisation (Slack Connect); apps there hear `channel_shared`."""
        channel = self._world.workspace.channel(name)
        channel.is_ext_shared = True
        self._world.events.shared(channel)
        self._world.changes.publish(
            "channel", channel=channel.to_json(""), channel_kind=channel.kind
        )

    def archive_channel(self, name: str) -> None:
        """Nobody can write there any more; posts answer `is_archived`."""
        self._world.workspace.channel(name).is_archived = True

    def add_to_channel(self, channel: str, user: str) -> None:
        """Let a person in; apps there hear `member_joined_channel`."""
        where, person = self._world.workspace.channel(channel), self._world.workspace.user(user)
        if person.team_id != self.team_id:
            self.share_channel(where.id)
        self._world.invite(where, person.id)

    def send_event(self, event: dict[str, Any]) -> None:
        """Deliver any inner event to the app under test, for what is not simulated (`channel_created`, `team_join`, …).

        It is wrapped, delivered and delivered again as any other; the app must have subscribed to its `type`.
        """
        if not isinstance(event.get("type"), str):
            raise CommandError("an event needs a `type`")
        self._world.events.tell(
            self._world.app, {"event_ts": self._world.messages.next_ts(), **event}
        )

    def configure(self, **switches: float) -> dict[str, float]:
        """Change how this Slack behaves: see `Switches`. All switches as they stand. Raises CommandError."""
        return Switches(self._world).set(switches)

    def add_app(self, name: str, *, emoji: str = "") -> App:
        """A monitoring app with a bot token of its own; it only posts."""
        return self._world.workspace.add_app(name, emoji=emoji)

    def add_webhook(self, app: str, channel: str) -> str:
        """The URL of an incoming webhook of `app` into `channel`."""
        found = self._world.workspace.find_app(app) or self.add_app(app)
        path = self._world.workspace.add_webhook(found, self._world.workspace.channel(channel))
        return f"{self.url}/services/{path}"

    def invite_bot(self, channel: str) -> None:
        """Make the app under test a member; it hears `member_joined_channel`."""
        self._world.invite(self._world.workspace.channel(channel), self.bot_user_id)

    def remove_scope(self, scope: str) -> None:
        """Take a scope away from the app under test: calls answer missing_scope, events stop."""
        self._world.app.grants.scopes.discard(scope)

    async def uninstall_app(self) -> None:
        """Somebody removes the app: it hears `tokens_revoked` and `app_uninstalled`, then its tokens are dead."""
        app = self._world.app
        self._world.events.tell(
            app, {"type": "tokens_revoked", "tokens": {"bot": [app.bot_user_id], "oauth": []}}
        )
        self._world.events.tell(app, {"type": "app_uninstalled"})
        app.revoked = True
