"""A Socket Mode connection that does not get stuck and does not storm.

Three habits of slack_sdk's client are mended here: it asks for new connections without a pause when Slack says
`too_many_websockets`; a reconnect that failed half-way can leave it silent; its first connect never returns when
Slack cannot be reached.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import TemporaryError
from bot.slack.api import proxy_for
from bot.slack.clock import Clock

WATCH_EVERY = 15.0
MISSES_ALLOWED = 3
CONNECT_LIMIT = 15.0

_QUICK = 5.0
"""A connection that lasted less than this many seconds counts as a failure to connect."""
_LONGEST_PAUSE = 60.0
_log = logging.getLogger(__name__)


class PacedClient(SocketModeClient):
    """Pauses, longer each time, while new connections are asked for in quick succession."""

    def __init__(
        self, app_token: str, web_client: AsyncWebClient, clock: Clock, ping_interval: float
    ) -> None:
        super().__init__(app_token=app_token, web_client=web_client, ping_interval=ping_interval)
        self.proxy = proxy_for(web_client.base_url)
        self._clock = clock
        self._asked_at = float("-inf")
        self._quick = 0

    async def issue_new_wss_url(self) -> str:
        """A URL for the next connection, after a pause when the last one was short."""
        now = self._clock.time()
        self._quick = self._quick + 1 if now - self._asked_at < _QUICK else 0
        if self._quick > 1:
            pause = min(2.0 ** (self._quick - 1), _LONGEST_PAUSE)
            _log.warning("connections to Slack end at once; the next one in %.0f s", pause)
            await self._clock.sleep(pause)
        self._asked_at = self._clock.time()
        return await super().issue_new_wss_url()


class PacedHandler(AsyncSocketModeHandler):
    """bolt's handler with a client of our own."""

    def __init__(self, app: AsyncApp, client: PacedClient) -> None:
        self.app = app
        self.app_token = client.app_token
        self.client = client
        self.client.socket_mode_request_listeners.append(self.handle)  # type: ignore[arg-type] # as bolt does


class Connection:
    """One connection, rebuilt when it does not come back by itself."""

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        clock: Clock,
        *,
        ping_interval: float,
        limit: float = CONNECT_LIMIT,
    ) -> None:
        self._app = app
        self._app_token = app_token
        self._clock = clock
        self._ping_interval = ping_interval
        self._limit = limit
        self._handler: PacedHandler | None = None

    async def open(self) -> None:
        """Connect. Raises TemporaryError when that takes longer than `limit` seconds."""
        client = PacedClient(self._app_token, self._app.client, self._clock, self._ping_interval)
        self._handler = PacedHandler(self._app, client)
        try:
            async with asyncio.timeout(self._limit):
                await client.connect()  # type: ignore[no-untyped-call] # slack_sdk's is
        except TimeoutError as error:
            await self.close()
            raise TemporaryError("Slack does not take a Socket Mode connection") from error

    async def is_open(self) -> bool:
        """Whether Slack can reach us through it now."""
        return self._handler is not None and await self._handler.client.is_connected()

    async def watch(self, came_back: Callable[[], Awaitable[None]]) -> None:
        """Look after it for ever; `came_back` is called after a gap, for what may have been missed."""
        misses = 0
        while True:
            await self._clock.sleep(WATCH_EVERY)
            if await self.is_open():
                if misses:
                    await came_back()
                misses = 0
                continue
            misses += 1
            if misses >= MISSES_ALLOWED:
                _log.warning("the connection to Slack is gone and is built anew")
                await self._rebuild()

    async def close(self) -> None:
        """Take no more requests. Those that are being handled go on."""
        handler, self._handler = self._handler, None
        if handler is None:
            return
        client = handler.client
        tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
        await client.close()  # type: ignore[no-untyped-call] # slack_sdk's is
        await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)

    async def _rebuild(self) -> None:
        await self.close()
        try:
            await self.open()
        except TemporaryError as error:
            _log.warning("%s; trying again", error)
