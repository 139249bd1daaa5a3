"""How a method is declared, and what its handler is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from bot.simulators.slack.arguments import Arguments
from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.messages import Entry
from bot.simulators.slack.people import App, Channel
from bot.simulators.slack.world import World

JSON = dict[str, Any]
TokenKind = Literal["bot", "app", "any"]


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call that passed the shared checks."""

    world: World
    app: App
    args: Arguments

    def has_scope(self, scope: str) -> bool:
        return scope in self.app.grants.scopes

    def channel(self, name: str = "channel", *, member: bool = False) -> Channel:
        """The channel named by an argument. Raises channel_not_found, not_in_channel."""
        channel = self.world.workspace.channels.get(self.args.text(name))
        if channel is None or not self._visible(channel):
            raise SlackError("channel_not_found")
        if member and self.app.bot_user_id not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def _visible(self, channel: Channel) -> bool:
        return channel.kind == "channel" or self.app.bot_user_id in channel.members

    def entry(self, channel: Channel, name: str = "ts") -> Entry:
        """The message named by an argument. Raises message_not_found."""
        entry = self.world.messages.find(channel.id, self.args.text(name))
        if entry is None or entry.message.get("subtype") == "tombstone":
            raise SlackError("message_not_found")
        return entry


Handler = Callable[[Invocation], JSON]


@dataclass(frozen=True, slots=True)
class Method:
    """`tier` 0 means special limits; of `scopes` one is enough; `required` arguments must not be empty."""

    name: str
    handler: Handler
    tier: int
    scopes: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    token: TokenKind = "bot"
    post_only: bool = False


class Catalog(dict[str, Method]):
    """Methods by name, filled by the decorator `method`."""

    def method(
        self,
        name: str,
        *,
        tier: int,
        scopes: tuple[str, ...] = (),
        required: tuple[str, ...] = (),
        token: TokenKind = "bot",
        post_only: bool = False,
    ) -> Callable[[Handler], Handler]:
        def declare(handler: Handler) -> Handler:
            self[name] = Method(name, handler, tier, scopes, required, token, post_only)
            return handler

        return declare
