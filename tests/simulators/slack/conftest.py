"""A running simulator, a real slack_sdk client, and a real bolt app on Socket Mode."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import SlackSimulator


@pytest.fixture
async def slack() -> AsyncIterator[SlackSimulator]:
    async with SlackSimulator() as simulator:
        yield simulator


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def client(slack: SlackSimulator, session: aiohttp.ClientSession) -> AsyncWebClient:
    """The app under test, without any retry of its own."""
    return AsyncWebClient(
        token=slack.bot_token, base_url=slack.api_url, session=session, retry_handlers=[]
    )


class BoltApp:
    """A bolt app that records what it hears; tests add listeners to `app` before `connected`."""

    def __init__(self, slack: SlackSimulator, client: AsyncWebClient) -> None:
        self.slack = slack
        self.client = client
        self.heard: list[dict[str, Any]] = []
        self._news = asyncio.Condition()

        async def authorize(**_: Any) -> AuthorizeResult:
            return AuthorizeResult(
                enterprise_id=None,
                team_id=slack.team_id,
                bot_token=slack.bot_token,
                bot_id=slack.bot_id,
                bot_user_id=slack.bot_user_id,
            )

        self.app = AsyncApp(
            client=AsyncWebClient(base_url=slack.api_url, retry_handlers=[]), authorize=authorize
        )

    @asynccontextmanager
    async def connected(self, ping_interval: float = 10) -> AsyncIterator[AsyncSocketModeHandler]:
        """Listen to every event not listened to otherwise, connect, and disconnect at the end."""

        async def remember(body: dict[str, Any]) -> None:
            async with self._news:
                self.heard.append(body)
                self._news.notify_all()

        self.app.event(re.compile(".*"))(remember)

        handler = AsyncSocketModeHandler(
            self.app, self.slack.app_token, ping_interval=ping_interval
        )
        await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt leaves it unannotated
        await self.slack.wait_for(lambda: self.slack.connections() == 1)
        try:
            yield handler
        finally:
            await handler.close_async()  # type: ignore[no-untyped-call]  # the same

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The inner events of one type heard so far."""
        return [body["event"] for body in self.heard if body["event"]["type"] == kind]

    async def hears(self, kind: str, count: int = 1) -> list[dict[str, Any]]:
        """Wait until `count` events of one type were acknowledged and heard."""
        async with asyncio.timeout(30), self._news:
            await self._news.wait_for(lambda: len(self.events(kind)) >= count)
        await self.slack.wait_for(
            lambda: all(item.acked_at for item in self.slack.envelopes("events_api"))
        )
        return self.events(kind)


@pytest.fixture
def bolt(slack: SlackSimulator, client: AsyncWebClient) -> BoltApp:
    return BoltApp(slack, client)
