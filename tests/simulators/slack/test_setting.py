"""What an administrator changes: people of other organisations, channels, switches, events of any kind."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import CommandError, SlackSimulator

if TYPE_CHECKING:
    from tests.simulators.slack.conftest import BoltApp


async def _code(call: Awaitable[Any]) -> str:
    with pytest.raises(SlackApiError) as caught:
        await call
    return str(caught.value.response["error"])


async def test_people_of_another_organisation(
    slack: SlackSimulator, bolt: BoltApp, client: AsyncWebClient
) -> None:
    """They are in channels shared with them only; their messages and clicks carry their own team."""
    eve = slack.add_user("eve", team="Partner Ltd")
    guest = slack.add_user("gus", guest=True)
    with pytest.raises(CommandError, match="eve is not in incidents"):
        await slack.post_as_user("#incidents", "hi", user="eve")
    with pytest.raises(CommandError, match="gus is not in incidents"):
        await slack.slash("/diagnose", "cart", user="gus")
    async with bolt.connected():
        slack.add_to_channel("#incidents", "eve")
        await slack.post_as_user("#incidents", "hi", user="eve")
        (event,) = await bolt.hears("message")
    assert event["user_team"] == event["source_team"] == eve.team_id != slack.team_id
    wrapper = next(body for body in bolt.heard if body["event"]["type"] == "message")
    assert wrapper["is_ext_shared_channel"] is True
    shown = (await client.users_info(user=eve.id))["user"]
    assert (shown["is_stranger"], shown["team_id"]) == (True, eve.team_id)
    assert (await client.users_info(user=guest.id))["user"]["is_restricted"] is True
    channel = (await client.conversations_info(channel=slack.channel("#incidents")))["channel"]
    assert channel["is_ext_shared"] is True


async def test_an_incident_channel_of_its_own(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """Created, filled, named, archived; each mistake has Slack's own code."""
    ada = (await client.users_lookupByEmail(email="ada@slack.example"))["user"]["id"]
    assert ada == slack.users["ada"].id
    assert await _code(client.users_lookupByEmail(email="no@slack.example")) == "users_not_found"
    room = (await client.conversations_create(name="inc-42"))["channel"]["id"]
    assert await _code(client.conversations_create(name="inc-42")) == "name_taken"
    assert await _code(client.conversations_create(name="Inc 42")) == "invalid_name_specials"
    assert await _code(client.conversations_create(name="x" * 81)) == "invalid_name_maxlength"
    await client.conversations_invite(channel=room, users=ada)
    again = client.conversations_invite(channel=room, users=ada)
    assert await _code(again) == "already_in_channel"
    itself = client.conversations_invite(channel=room, users=slack.bot_user_id)
    assert await _code(itself) == "cant_invite_self"
    await client.conversations_setTopic(channel=room, topic="Checkout is down")
    assert slack.messages(room)[-1]["subtype"] == "channel_topic"
    long = client.conversations_setTopic(channel=room, topic="x" * 251)
    assert await _code(long) == "too_long"
    await client.conversations_rename(channel=room, name="inc-42-over")
    await client.conversations_kick(channel=room, user=ada)
    await client.conversations_archive(channel=room)
    assert await _code(client.chat_postMessage(channel=room, text="x")) == "is_archived"
    foreign = client.conversations_rename(channel=slack.channel("#general"), name="ours")
    assert await _code(foreign) == "not_authorized"


async def test_switches(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """They are checked, answered as they stand, and obeyed."""
    assert slack.configure()["stream_seconds"] == 300
    with pytest.raises(CommandError, match="no switch weather; there are ack_on_any_connection"):
        slack.configure(weather=1)
    with pytest.raises(CommandError, match="not negative"):
        slack.configure(trigger_seconds=-1)
    slack.configure(rate_limits=False, trigger_seconds=60)
    for number in range(8):
        await client.chat_postMessage(channel=slack.channel("#general"), text=str(number))
    slack.configure(rate_limits=True)
    for number in range(4):
        await client.chat_postMessage(channel=slack.channel("#general"), text=str(number))
    fifth = client.chat_postMessage(channel=slack.channel("#general"), text="5")
    assert await _code(fifth) == "ratelimited"


async def test_envelopes_come_late_and_out_of_order(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """A delayed one waits on the clock, an overtaken one comes after the next."""
    headers = {"Authorization": f"Bearer {slack.app_token}"}
    async with session.post(f"{slack.api_url}apps.connections.open", headers=headers) as answer:
        url = (await answer.json())["url"]
    async with session.ws_connect(url) as socket:
        await socket.receive_json()

        async def heard() -> str:
            frame = await socket.receive_json()
            await socket.send_json({"envelope_id": frame["envelope_id"]})
            return str(frame["payload"]["event"]["text"])

        slack.sockets.reorder_next()
        for text in ("one", "two", "three"):
            await slack.post_as_user("#general", text)
        assert [await heard() for _ in range(3)] == ["two", "one", "three"]
        slack.sockets.delay_next(2.0)
        await slack.post_as_user("#general", "late")
        await slack.post_as_user("#general", "in time")
        assert await heard() == "in time"
        slack.advance(2.0)
        assert await heard() == "late"


async def test_any_event_can_be_delivered(slack: SlackSimulator, bolt: BoltApp) -> None:
    """Also one that nothing here brings about by itself, if the app subscribed to it."""
    with pytest.raises(CommandError, match="needs a `type`"):
        slack.send_event({"user": "U1"})
    async with bolt.connected():
        slack.send_event({"type": "app_home_opened", "user": "U1", "tab": "messages"})
        (event,) = await bolt.hears("app_home_opened")
    assert (event["tab"], bool(event["event_ts"])) == ("messages", True)


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("see https://a.example/x?a=1&b=2.", "see <https://a.example/x?a=1&amp;b=2>."),
        ("<https://a.example|x> & <@U1> <!here>", "<https://a.example|x> &amp; <@U1> <!here>"),
        ("a < b && c > d &amp; e", "a &lt; b &amp;&amp; c &gt; d &amp; e"),
        ("(`https://a.example`)", "(`<https://a.example>`)"),
    ],
)
async def test_texts_come_back_as_slack_stores_them(
    slack: SlackSimulator, client: AsyncWebClient, text: str, stored: str
) -> None:
    """Escaped outside of Slack's own markup, urls made links."""
    posted = await client.chat_postMessage(channel=slack.channel("#general"), text=text)
    message = posted["message"]
    assert message is not None
    assert message["text"] == stored
