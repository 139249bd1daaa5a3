"""A Slack workspace in one process, on one port, for testing and showing Slack apps without Slack.

    async with SlackSimulator() as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        ...
        ts = await slack.post_as_user("#incidents", "<@BOT> why is checkout slow?", user="ada")
        await slack.wait_for(lambda: len(slack.thread("#incidents", ts)) > 1)

Channels are named by id or `#name`, people by id or name, apps by id or name.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from bot.simulators.slack.api import Api
from bot.simulators.slack.calls import Call
from bot.simulators.slack.clock import Clock, MovableClock, SystemClock
from bot.simulators.slack.control import Control
from bot.simulators.slack.deliveries import Envelope
from bot.simulators.slack.errors import CommandError
from bot.simulators.slack.faults import Faults
from bot.simulators.slack.gallery import GalleryItem
from bot.simulators.slack.inbound import Inbound
from bot.simulators.slack.interactions import Interactions
from bot.simulators.slack.manifest import default_grants, read_manifest
from bot.simulators.slack.messages import Message
from bot.simulators.slack.modals import Modals
from bot.simulators.slack.page_server import PageServer
from bot.simulators.slack.results import InteractionResult, SlashResult, VisibleError
from bot.simulators.slack.server import Server, build
from bot.simulators.slack.setting import Setting
from bot.simulators.slack.sockets import Sockets
from bot.simulators.slack.world import World
from bot.simulators.slack.writers import Writers

T = TypeVar("T")


class SlackSimulator(Setting):
    """Starts with `async with` (or `start` and `stop`); `Reader` reads its state, `Setting` changes what there is.

    `clock` drives every deadline; `redelivery_speedup` divides the 3, 60 and 300 s of event redelivery; `manifest` is
    the parsed manifest of the app under test (without one it is granted all that a chat agent needs); `gallery` fills
    the page's list of ready-made alarms.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Clock | None = None,
        strict_rate_limits: bool = True,
        redelivery_speedup: float = 1.0,
        gallery: Sequence[GalleryItem] = (),
        manifest: Mapping[str, Any] | None = None,
        seed: int = 0,
    ) -> None:
        grants = default_grants() if manifest is None else read_manifest(manifest)
        world = World(
            clock or SystemClock(),
            grants,
            strict_rate_limits=strict_rate_limits,
            speedup=redelivery_speedup,
            seed=seed,
        )
        super().__init__(world)
        inbound = Inbound(world)
        self._writers = Writers(world)
        self._interactions = Interactions(world, inbound)
        self._modals = Modals(world, self._interactions)
        page = PageServer(world, inbound, list(gallery))
        application = build(Api(world), inbound, world.sockets, Control(self), page)
        self._server = Server(application, host, port)

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        self._world.base_url = await self._server.start()

    async def stop(self) -> None:
        """Close every connection and cancel what is under way."""
        await self._world.background.close()
        await self._world.sockets.close()
        await self._server.stop()
        await self._world.background.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def faults(self) -> Faults:
        """What the next Web API calls do wrong."""
        return self._world.faults

    @property
    def sockets(self) -> Sockets:
        """Live Socket Mode connections: `abort`, `blackhole`, `close`, `disconnect`, `duplicate_next`, …"""
        return self._world.sockets

    async def post_as_app(self, channel: str, message: Message, *, app: str) -> str:
        """Post raw message JSON (text, blocks, attachments, subtype, username, …) as a monitoring app. The ts."""
        return self._writers.post_as_app(channel, message, app).ts

    async def edit_as_app(self, channel: str, ts: str, message: Message) -> None:
        """The monitoring app changes its message; `message` holds the fields that differ."""
        self._writers.edit_as_app(channel, ts, message)

    async def post_as_user(
        self,
        channel: str,
        text: str,
        *,
        user: str = "ada",
        thread_ts: str | None = None,
        broadcast: bool = False,
    ) -> str:
        """Post as a person. `<@BOT>` mentions the app under test. The ts."""
        return self._writers.post_as_user(channel, text, user, thread_ts, broadcast).ts

    async def edit_as_user(self, channel: str, ts: str, text: str) -> None:
        self._writers.edit_as_user(channel, ts, text)

    async def delete_message(self, channel: str, ts: str) -> None:
        self._writers.delete(channel, ts)

    async def react(self, channel: str, ts: str, name: str, *, user: str = "ada") -> None:
        self._writers.react(channel, ts, name, user)

    async def unreact(self, channel: str, ts: str, name: str, *, user: str = "ada") -> None:
        self._writers.react(channel, ts, name, user, remove=True)

    async def slash(
        self, command: str, text: str = "", *, channel: str = "#incidents", user: str = "ada"
    ) -> SlashResult:
        """Run a slash command and wait for the app's acknowledgement (at most 3 s)."""
        return await self._interactions.slash(command, text, channel, user)

    async def click(
        self,
        channel: str,
        ts: str,
        action_id: str,
        *,
        user: str = "ada",
        value: Any = None,
        block_id: str | None = None,
    ) -> InteractionResult:
        """Press a button or choose `value` in a menu of a message, ephemeral ones included.

        `block_id` tells elements of the same `action_id` apart; without it the first one with that `value` is meant.
        """
        return await self._interactions.click(channel, ts, action_id, user, value, block_id)

    async def click_in_view(
        self,
        view_id: str,
        action_id: str,
        *,
        user: str = "ada",
        value: Any = None,
        typed: dict[str, Any] | None = None,
        block_id: str | None = None,
    ) -> InteractionResult:
        """The same in a modal or on a Home tab; `typed` is `{block_id: {action_id: value}}` of its inputs by then."""
        return await self._interactions.click_in_view(
            view_id, action_id, user, value, typed, block_id
        )

    async def shortcut(
        self, callback_id: str, channel: str, ts: str, *, user: str = "ada"
    ) -> InteractionResult:
        """A message shortcut."""
        return await self._interactions.shortcut(callback_id, channel, ts, user)

    async def global_shortcut(self, callback_id: str, *, user: str = "ada") -> InteractionResult:
        """A shortcut that belongs to no message."""
        return await self._interactions.global_shortcut(callback_id, user)

    async def submit_view(
        self, view_id: str, values: dict[str, Any] | None = None, *, user: str = "ada"
    ) -> InteractionResult:
        """Fill in a modal, `{block_id: {action_id: value}}` or `{action_id: value}`, and press Submit."""
        return await self._modals.submit(view_id, values or {}, user)

    async def close_view(self, view_id: str, *, user: str = "ada") -> InteractionResult:
        return await self._modals.close(view_id, user)

    async def suggest(
        self,
        view_id: str,
        action_id: str,
        query: str,
        *,
        user: str = "ada",
        block_id: str | None = None,
    ) -> list[dict[str, Any]]:
        """The options an app offers in an `external_select` of a view."""
        return await self._modals.suggest(view_id, action_id, query, user, block_id)

    async def suggest_in_message(
        self,
        channel: str,
        ts: str,
        action_id: str,
        query: str,
        *,
        user: str = "ada",
        block_id: str | None = None,
    ) -> list[dict[str, Any]]:
        """The same in a message."""
        return await self._interactions.suggest(channel, ts, action_id, query, user, block_id)

    async def open_home(self, user: str = "ada") -> dict[str, Any] | None:
        """Open the app's Home tab: the app hears `app_home_opened`. The view known so far."""
        return copy.deepcopy(self._interactions.open_home(user))

    def open_direct(self, user: str = "ada") -> str:
        """The person opens a conversation with the app under test; the id of its channel."""
        channel = self._world.workspace.channels[self.direct(user)]
        self._world.changes.publish("channel", channel=channel.to_json(""), channel_kind="im")
        return channel.id

    async def stop_session(self, channel: str, thread_ts: str, user: str = "ada") -> list[str]:
        """Slack's own Stop button over an agent session. The ts of the streams it stopped."""
        return self._interactions.stop_session(channel, thread_ts, user)

    def visible_errors(self) -> list[VisibleError]:
        """What people saw go wrong, oldest first."""
        return list(self._interactions.errors)

    def redeliver(self, count: int = 1) -> list[Envelope]:
        """Send the last events again although they were acknowledged. Raises CommandError."""
        if count < 1:
            raise CommandError("`count` has to be 1 or more")
        return self._world.deliveries.redeliver(count)

    def advance(self, seconds: float) -> None:
        """Move the clock. Raises CommandError: backwards, or the injected clock cannot be moved."""
        if seconds < 0:
            raise CommandError("time goes forward only")
        if not isinstance(self._world.clock, MovableClock):
            raise CommandError("this clock cannot be moved")
        self._world.clock.advance(seconds)

    async def wait_for(self, predicate: Callable[[], T], timeout: float = 30.0) -> T:  # noqa: ASYNC109 - part of the public contract
        """The first truthy value of `predicate`, asked again whenever anything changes, and ten times a second besides.

        Raises TimeoutError after `timeout` real seconds; its text lists the last calls.
        """
        try:
            return await self._world.changes.wait_for(predicate, timeout)
        except TimeoutError as error:
            last = [_summary(call) for call in self.calls()[-8:]]
            raise TimeoutError(f"nothing after {timeout} s; last calls: {last}") from error


def _summary(call: Call) -> str:
    return f"{call.method}: {'ok' if call.ok else call.response.get('error')}"
