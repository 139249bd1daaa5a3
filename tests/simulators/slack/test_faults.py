"""What goes wrong on purpose goes wrong exactly as asked, and only as often."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import SlackSimulator

if TYPE_CHECKING:
    from tests.simulators.slack.conftest import BoltApp


async def test_error_fault_is_used_up(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """One call fails with the chosen code and posts nothing, the next works."""
    slack.faults.error("chat.postMessage", "fatal_error")
    with pytest.raises(SlackApiError, match="fatal_error"):
        await client.chat_postMessage(channel=slack.channel("general"), text="one")
    await client.chat_postMessage(channel=slack.channel("general"), text="two")
    assert [item["text"] for item in slack.messages("#general")] == ["two"]
    assert [call.fault for call in slack.calls("chat.postMessage")] == ["error", ""]


async def test_rate_limit_and_server_error_faults(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """429 comes with its Retry-After, 500 with a body."""
    slack.faults.rate_limit("auth.test", retry_after=7)
    slack.faults.http_500("auth.test")
    with pytest.raises(SlackApiError) as limited:
        await client.auth_test()
    assert limited.value.response.headers["Retry-After"] == "7"
    with pytest.raises(SlackApiError) as broken:
        await client.auth_test()
    assert broken.value.response.status_code == 500


async def test_apply_then_reset_posts_once_and_answers_nothing(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """The message is there although the caller saw a broken connection."""
    slack.faults.apply_then_reset("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=slack.channel("general"), text="lost answer")
    assert [item["text"] for item in slack.messages("#general")] == ["lost answer"]


async def test_drop_does_nothing(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """A dropped call breaks the connection and posts nothing."""
    slack.faults.drop("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await client.chat_postMessage(channel=slack.channel("general"), text="never")
    assert slack.messages("#general") == []


async def test_latency_runs_on_the_clock(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """A slow call answers once the simulator's clock says so."""
    slack.faults.latency("auth.test", 3_600)
    async with asyncio.TaskGroup() as running:
        call = running.create_task(client.auth_test())
        await slack.wait_for(lambda: not slack.faults.waiting())
        slack.advance(3_600)
    assert call.result()["ok"]


async def test_unacknowledged_event_is_delivered_four_times_then_given_up(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """Attempts 1, 2 and 3 follow after 3, 60 and 300 s with the same ids and the reason `timeout`."""
    async with await _raw_socket(slack, session) as socket:
        assert (await socket.receive_json())["type"] == "hello"
        await slack.post_as_user("#incidents", "anybody?")
        frames = [await socket.receive_json()]
        for wait in (3, 63, 303):
            slack.advance(wait + 0.1)
            frames.append(await socket.receive_json())
        slack.advance(3.1)
        await slack.wait_for(slack.failed_deliveries)
    assert [frame["retry_attempt"] for frame in frames] == [0, 1, 2, 3]
    assert [frame["retry_reason"] for frame in frames] == ["", "timeout", "timeout", "timeout"]
    assert len({frame["envelope_id"] for frame in frames}) == 1
    assert len({frame["payload"]["event_id"] for frame in frames}) == 1


async def test_speedup_shortens_redelivery(session: aiohttp.ClientSession) -> None:
    """With redelivery_speedup=100 the first retry comes after 30 ms."""
    async with SlackSimulator(redelivery_speedup=100) as slack:
        socket = await _raw_socket(slack, session)
        await socket.receive_json()
        await slack.post_as_user("#incidents", "anybody?")
        frames = [await socket.receive_json() for _ in range(3)]
        await socket.close()
    assert [frame["retry_attempt"] for frame in frames] == [0, 1, 2]


async def test_duplicate_and_redelivered_events(slack: SlackSimulator, bolt: BoltApp) -> None:
    """A duplicated envelope arrives twice with attempt 0; redelivery sends an acknowledged one again."""
    async with bolt.connected():
        slack.sockets.duplicate_next()
        await slack.post_as_user("#incidents", "twice")
        assert len(await bolt.hears("message", 2)) == 2
        slack.redeliver()
        await bolt.hears("message", 3)
    assert len({body["event_id"] for body in bolt.heard}) == 1


@pytest.mark.parametrize("how", ["abort", "close", "refresh", "blackhole"])
async def test_bolt_reconnects_after(slack: SlackSimulator, bolt: BoltApp, how: str) -> None:
    """Whatever ends a connection, bolt opens a new one and hears what was posted meanwhile."""
    async with bolt.connected(ping_interval=0.2):
        if how == "close":
            await slack.sockets.close()
        elif how == "refresh":
            slack.sockets.disconnect("refresh_requested")
        else:
            getattr(slack.sockets, how)()
        opened = len(slack.calls("apps.connections.open"))
        await slack.wait_for(
            lambda: (
                len(slack.calls("apps.connections.open")) > min(opened, 1)
                and slack.connections() >= 1
            )
        )
        await slack.post_as_user("#incidents", "still there?")
        slack.advance(3.1)
        await bolt.hears("message")


async def test_connection_is_refreshed_after_its_lifetime(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """A warning ten seconds before, refresh_requested at the end, CLOSE ten seconds later."""
    async with await _raw_socket(slack, session, "&debug_reconnects=true") as socket:
        hello = await socket.receive_json()
        assert hello["debug_info"]["approximate_connection_time"] == 360
        slack.advance(350)
        assert (await socket.receive_json())["reason"] == "warning"
        slack.advance(10)
        assert (await socket.receive_json())["reason"] == "refresh_requested"
        slack.advance(10)
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_eleventh_connection_is_refused(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """Ten connections live; the next is told too_many_websockets."""
    sockets = [await _raw_socket(slack, session) for _ in range(10)]
    assert [(await item.receive_json())["num_connections"] for item in sockets][-1] == 10
    refused = await _raw_socket(slack, session)
    assert (await refused.receive_json())["reason"] == "too_many_websockets"
    assert slack.connections() == 10
    for item in (*sockets, refused):
        await item.close()


async def test_ticket_opens_one_connection_only(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """A used or expired ticket is refused at the handshake."""
    used, late = await _url(slack, session), await _url(slack, session)
    await (await session.ws_connect(used)).close()
    slack.advance(31)
    for url in (used, late):
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_ping_is_answered_with_its_payload(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """A PING comes back as PONG with the same bytes."""
    url = await _url(slack, session)
    async with session.ws_connect(url, autoping=False) as socket:
        await socket.receive_json()
        await socket.ping(b"sdk-ping-pong:1")
        answer = await socket.receive()
    assert (answer.type, bytes(answer.data)) == (aiohttp.WSMsgType.PONG, b"sdk-ping-pong:1")


async def _url(slack: SlackSimulator, session: aiohttp.ClientSession) -> str:
    headers = {"Authorization": f"Bearer {slack.app_token}"}
    async with session.post(slack.api_url + "apps.connections.open", headers=headers) as response:
        return str((await response.json())["url"])


async def _raw_socket(
    slack: SlackSimulator, session: aiohttp.ClientSession, extra: str = ""
) -> aiohttp.ClientWebSocketResponse:
    return await session.ws_connect(await _url(slack, session) + extra)
