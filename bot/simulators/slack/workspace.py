"""The workspace: who and what exists in it, and how a name becomes an id."""

from __future__ import annotations

from bot.simulators.slack.errors import CommandError
from bot.simulators.slack.ids import Ids
from bot.simulators.slack.manifest import Grants
from bot.simulators.slack.people import App, Channel, Kind, User

_COLORS = ("d1495b", "3a7d7c", "8367c7", "c07f2c", "3b6ea8", "6a994e", "b5548c")
_MONITORING_SCOPES = {"chat:write", "chat:write.customize", "files:write", "incoming-webhook"}


class Workspace:
    """Users, channels and apps by id, name and token."""

    def __init__(
        self, ids: Ids, *, name: str = "Tocsin Demo", created: int = 1_700_000_000
    ) -> None:
        self._ids = ids
        self._created = created
        self.name = name
        self.domain = name.lower().replace(" ", "-")
        self.team_id = ids.mint("T")
        self._teams: dict[str, str] = {}
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.apps: dict[str, App] = {}
        self.webhooks: dict[str, tuple[str, str]] = {}
        """Webhook path `T…/B…/secret` to (app id, channel id)."""

    def add_user(
        self,
        name: str,
        real_name: str = "",
        *,
        tz: str = "Europe/London",
        guest: bool = False,
        team: str = "",
    ) -> User:
        """A person, in every public channel from the start, unless a guest or somebody of another `team`."""
        color = _COLORS[len(self.users) % len(_COLORS)]
        real = real_name or name.replace(".", " ").title()
        team_id = self._team_of(team)
        user = User(self._ids.mint("U"), name, real, team_id, color=color, tz=tz)
        user.is_restricted, user.is_stranger = guest, team_id != self.team_id
        self.users[user.id] = user
        for channel in self.channels.values():
            if channel.kind == "channel" and not (guest or user.is_stranger):
                channel.members.add(user.id)
        return user

    def _team_of(self, name: str) -> str:
        """The id of another organisation; the same for the same name."""
        if not name:
            return self.team_id
        return self._teams.setdefault(name, self._ids.mint("T"))

    def add_channel(self, name: str, kind: Kind = "channel", topic: str = "") -> Channel:
        """A channel with every person in it; apps have to be invited."""
        people = {
            user.id
            for user in self.users.values()
            if not (user.is_bot or user.is_restricted or user.is_stranger)
        }
        creator = min(people, default="")
        prefix = {"channel": "C", "group": "C", "im": "D"}[kind]
        channel = Channel(
            self._ids.mint(prefix), name, kind, self._created, creator, self.team_id, people, topic
        )
        self.channels[channel.id] = channel
        return channel

    def add_app(
        self,
        name: str,
        *,
        grants: Grants | None = None,
        socket_mode: bool = False,
        emoji: str = "",
    ) -> App:
        """An app with its bot user and bot token, and an app-level token for Socket Mode."""
        app_id, bot_id = self._ids.mint("A"), self._ids.mint("B")
        handle = name.lower().replace(" ", "_")
        bot = User(self._ids.mint("U"), handle, name, self.team_id, is_bot=True, app_id=app_id)
        bot.bot_id = bot_id
        self.users[bot.id] = bot
        app = App(
            id=app_id,
            name=name,
            bot_id=bot_id,
            bot_user_id=bot.id,
            bot_token=f"xoxb-{self._ids.hex(12)}-{self._ids.hex(24)}",
            team_id=self.team_id,
            grants=grants or Grants(name=name, scopes=set(_MONITORING_SCOPES), events=set()),
            app_token=f"xapp-1-{app_id}-{self._ids.hex(32)}" if socket_mode else None,
            emoji=emoji,
        )
        self.apps[app.id] = app
        return app

    def add_webhook(self, app: App, channel: Channel) -> str:
        """The path of an incoming webhook, `T…/B…/secret`."""
        path = f"{self.team_id}/{app.bot_id}/{self._ids.hex(24)}"
        self.webhooks[path] = (app.id, channel.id)
        return path

    def find_channel(self, reference: str) -> Channel | None:
        """By id, or by name with or without `#`."""
        if found := self.channels.get(reference):
            return found
        name = reference.removeprefix("#")
        return next((item for item in self.channels.values() if item.name == name), None)

    def channel(self, reference: str) -> Channel:
        """Like `find_channel`; raises CommandError."""
        if found := self.find_channel(reference):
            return found
        raise CommandError(f"no channel {reference!r}")

    def user(self, reference: str) -> User:
        """By id or name; raises CommandError."""
        if found := self.users.get(reference):
            return found
        name = reference.removeprefix("@")
        for user in self.users.values():
            if user.name == name:
                return user
        raise CommandError(f"no user {reference!r}")

    def find_app(self, reference: str) -> App | None:
        """By id, bot id, bot user id or name (case does not matter)."""
        for app in self.apps.values():
            if reference in (app.id, app.bot_id, app.bot_user_id) or (
                app.name.casefold() == reference.casefold()
            ):
                return app
        return None

    def app_by_token(self, token: str) -> App | None:
        return next(
            (app for app in self.apps.values() if token in (app.bot_token, app.app_token)), None
        )

    def direct_channel(self, first: str, second: str) -> Channel:
        """The direct-message channel of two user ids, opened when there is none."""
        pair = {first, second}
        for channel in self.channels.values():
            if channel.kind == "im" and channel.members == pair:
                return channel
        channel = Channel(self._ids.mint("D"), "", "im", self._created, first, self.team_id, pair)
        self.channels[channel.id] = channel
        return channel
