"""Socket Mode connections under faults of the network and of Slack."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from bot.errors import TemporaryError
from bot.simulators.slack import SlackSimulator
from bot.simulators.slack.clock import ManualClock
from bot.slack.api import web_client
from bot.slack.clock import SystemClock
from bot.slack.connection import Connection


@pytest.fixture
async def app(slack: SlackSimulator) -> AsyncIterator[AsyncApp]:
    """A bolt app without listeners."""

    async def authorize(team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=None, team_id=team_id, bot_token=slack.bot_token)

    async with aiohttp.ClientSession() as session:
        client = web_client(None, slack.api_url, session)
        yield AsyncApp(client=client, authorize=authorize)


@pytest.fixture
async def connection(app: AsyncApp, slack: SlackSimulator) -> AsyncIterator[Connection]:
    made = Connection(app, slack.app_token, SystemClock(), ping_interval=0.2)
    await made.open()
    await slack.wait_for(lambda: slack.connections() == 1)
    yield made
    await made.close()


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
async def test_refresh_is_followed(
    slack: SlackSimulator, connection: Connection, reason: str
) -> None:
    """Slack renews connections every few hours; a new one is opened at once."""
    before = len(slack.calls("apps.connections.open"))
    slack.sockets.disconnect(reason)
    await slack.wait_for(lambda: len(slack.calls("apps.connections.open")) == before + 1)
    await slack.wait_for(lambda: slack.connections() == 1)
    assert await connection.is_open()


@pytest.mark.parametrize("fault", ["abort", "blackhole", "mute_pongs"])
async def test_dead_connection_is_replaced(
    slack: SlackSimulator, connection: Connection, fault: str
) -> None:
    """Cut, swallowed or without pongs: noticed by pinging, and replaced."""
    before = len(slack.calls("apps.connections.open"))
    getattr(slack.sockets, fault)()
    await slack.wait_for(lambda: len(slack.calls("apps.connections.open")) > before)
    await slack.wait_for(lambda: slack.connections() >= 1)


async def test_too_many_connections_are_no_storm(
    slack: SlackSimulator, connection: Connection
) -> None:
    """Refused because the app has ten connections already, it asks again in growing intervals."""
    slack.sockets.max_connections = 0
    slack.sockets.abort()
    await slack.wait_for(lambda: len(slack.calls("apps.connections.open")) >= 3)
    asked = len(slack.calls("apps.connections.open"))
    with pytest.raises(TimeoutError):
        await slack.wait_for(lambda: len(slack.calls("apps.connections.open")) > asked + 1, 1.5)


async def test_junk_frames_are_survived(slack: SlackSimulator, connection: Connection) -> None:
    """What cannot be read is logged and skipped."""
    for junk in ("{bad json", "{}", '{"type":"hello"}', "plain"):
        slack.sockets.send_raw(junk)
    slack.sockets.disconnect("warning")
    await slack.wait_for(lambda: len(slack.calls("apps.connections.open")) == 2)


async def test_connecting_for_ever_is_an_error(app: AsyncApp, slack: SlackSimulator) -> None:
    """The SDK would try without end and without a word."""
    connection = Connection(app, "xapp-wrong", SystemClock(), ping_interval=0.2, limit=1.0)
    with pytest.raises(TemporaryError, match="Socket Mode"):
        await connection.open()
    assert not await connection.is_open()


async def test_closing_leaves_nothing(slack: SlackSimulator, connection: Connection) -> None:
    """No connection, and closing twice does no harm."""
    await connection.close()
    await connection.close()
    await slack.wait_for(lambda: slack.connections() == 0)


async def test_a_stuck_connection_is_built_anew(
    app: AsyncApp, slack: SlackSimulator, manual: ManualClock
) -> None:
    """When the SDK does not come back by itself, the watchdog replaces it, and says that there was a gap."""
    connection = Connection(app, slack.app_token, manual, ping_interval=1000)
    await connection.open()
    came_back = asyncio.Event()

    async def note() -> None:
        came_back.set()

    watching = asyncio.create_task(connection.watch(note))
    slack.sockets.abort()
    for _ in range(1_000):
        if came_back.is_set():
            break
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(came_back.wait(), 0.05)
        manual.advance(5)
    assert came_back.is_set()
    assert await connection.is_open()
    assert slack.connections() == 1
    watching.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await watching
    await connection.close()
