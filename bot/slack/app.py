"""The front's side of Slack: one bolt app over Socket Mode, its listeners, and what keeps it reliable.

A request is written to the durable inbox before it is acknowledged; listeners hand over and end; what they left
undone is given to them again. Requests nobody wants are acknowledged too: Slack counts every unanswered one as a
failed delivery.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.errors import ConfigurationError, TemporaryError, TocsinError
from bot.slack.abilities import REFRESH, Abilities
from bot.slack.api import DEFAULT_BASE_URL, TIMEOUT, Api, web_client
from bot.slack.assembly import Behind, Edge
from bot.slack.backfill import EVERY, SETTLED, Backfill
from bot.slack.clock import Clock, SystemClock
from bot.slack.connection import Connection
from bot.slack.directory import Directory, Exceptions
from bot.slack.errands import Errands
from bot.slack.inbox import Inbox
from bot.slack.listeners.requests import Body, request_id
from bot.slack.routes import register
from bot.slack.startup import Identity, check
from bot.slack.waiting import EVERY as LOOK_EVERY
from bot.slack.work import Work

REPLAY_EVERY = 10.0
_REPLAY = "tocsin_replay"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SlackOptions:
    """How to reach the workspace, as plain values."""

    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)
    channels: tuple[str, ...]
    """Names or ids of the channels whose alarms are investigated."""
    exceptions: Exceptions = field(default_factory=Exceptions)
    api_url: str = DEFAULT_BASE_URL
    connections: int = 2
    """Socket Mode connections; with two, one is open while the other is renewed. Slack allows ten per app."""
    ping_interval: float = 5.0
    """Seconds between two pings; a dead connection is noticed within about this time."""


class SlackFront:
    """Slack in, queue out. `async with` checks, connects and, at the end, drains; `run` keeps it alive."""

    def __init__(
        self, options: SlackOptions, behind: Behind, *, clock: Clock | None = None
    ) -> None:
        self._options = options
        self._behind = behind
        self._clock = clock or SystemClock()
        self._inbox = Inbox(behind.redis, self._clock)
        self._work = Work(self._inbox)
        self._errands = Errands()
        self._connections: list[Connection] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Raises ConfigurationError, in one line, when Slack cannot be used as configured."""
        options = self._options
        identity = await check(options.bot_token, options.app_token, options.api_url)
        async with AsyncExitStack() as stack:
            await self._open(stack, identity)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def run(self) -> None:
        """Keep the connections open and leave nothing undone, until cancelled."""
        async with asyncio.TaskGroup() as group:
            for connection in self._connections:
                group.create_task(connection.watch(self._catch_up))
            group.create_task(self._every(REPLAY_EVERY, self._replay))
            group.create_task(self._keep_reading())
            group.create_task(self._every(LOOK_EVERY, self._edge.waiting.look))
            if self._behind.issues is not None:
                offers = Abilities(self._behind.redis).offer_issues
                group.create_task(self._every(REFRESH, offers))

    async def connected(self) -> bool:
        """Whether Slack can reach this front now: for /readyz."""
        return any([await connection.is_open() for connection in self._connections])

    async def _open(self, stack: AsyncExitStack, identity: Identity) -> None:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        session = await stack.enter_async_context(aiohttp.ClientSession(timeout=timeout))
        options = self._options
        api = Api(web_client(options.bot_token, options.api_url, session))
        # bolt is given a client without a token: with one it would ask auth.test at every first event
        self._app = self._build_app(web_client(None, options.api_url, session), identity)
        directory = Directory(api, self._clock, identity.team, options.channels, options.exceptions)
        self._directory = directory
        self._edge = Edge(
            self._behind, api, identity, directory, self._inbox, self._errands, self._clock
        )
        stack.push_async_callback(self._edge.notices.close)
        stack.push_async_callback(self._errands.close)
        register(self._app, self._work, self._edge.listeners)
        self._backfill = Backfill(
            api, self._inbox, directory, self._clock, identity.team, identity.user, self._accept
        )
        stack.push_async_callback(self._work.drain)
        await self._connect(stack)

    def _build_app(self, client: Any, identity: Identity) -> AsyncApp:
        async def authorize(team_id: str | None) -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None,
                team_id=team_id,
                bot_token=self._options.bot_token,
                bot_id=identity.bot,
                bot_user_id=identity.user,
            )

        app = AsyncApp(name="tocsin", client=client, authorize=authorize)
        app.middleware(self._keep)
        return app

    async def _connect(self, stack: AsyncExitStack) -> None:
        for _ in range(self._options.connections):
            connection = Connection(
                self._app,
                self._options.app_token,
                self._clock,
                ping_interval=self._options.ping_interval,
            )
            stack.push_async_callback(connection.close)
            try:
                await connection.open()
            except TemporaryError as error:
                raise ConfigurationError(f"Slack cannot be reached: {error}.") from error
            self._connections.append(connection)

    async def _keep(
        self,
        body: Body,
        ack: AsyncAck,
        context: AsyncBoltContext,
        next: Callable[[], Awaitable[Any]],
    ) -> Any:
        """Before the ack: into the inbox. When Redis is away this raises, nothing is acked, and Slack sends it again."""
        if body.get("type") == "app_rate_limited":
            _log.error("Slack limits the events of this app: some alarms arrive late")
            return await ack()
        if body.get("is_ext_shared_channel"):
            self._directory.hear_shared(str((body.get("event") or {}).get("channel")))
        event_id = request_id(body)
        if (
            event_id
            and not context.get(_REPLAY)
            and not await self._inbox.insert_once(event_id, body)
        ):
            return await ack()
        return await next()

    async def _accept(self, body: Body) -> None:
        """A request that did not come over a socket."""
        if await self._inbox.insert_once(request_id(body), body):
            await self._dispatch(body)

    async def _replay(self) -> None:
        for left in await self._inbox.left():
            await self._dispatch(left.body)

    async def _dispatch(self, body: Body) -> None:
        request = AsyncBoltRequest(mode="socket_mode", body=body, context={_REPLAY: True})
        await self._app.async_dispatch(request)

    async def read_back(self, *, settled: float = SETTLED) -> int:
        """Read the incidents channels for posts that were not delivered; how many were handed over.

        Done by `run` now and then. `settled`: seconds for which a post is left to the ordinary delivery.
        """
        return await self._backfill.run(settled=settled)

    async def _keep_reading(self) -> None:
        await self._catch_up()
        while True:
            await self._clock.sleep(EVERY)
            await self._read_back()

    async def _catch_up(self) -> None:
        """After a gap nothing is on its way: what Slack told nobody it tells again a minute later at the earliest."""
        await self._read_back(settled=0.0)

    async def _read_back(self, *, settled: float = SETTLED) -> None:
        try:
            await self.read_back(settled=settled)
        except TocsinError as error:
            _log.warning("missed posts could not be read back now: %s", error)

    async def _every(self, seconds: float, do: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await do()
            except TocsinError as error:
                _log.warning("%s; again in %.0f s", error, seconds)
            await self._clock.sleep(seconds)
