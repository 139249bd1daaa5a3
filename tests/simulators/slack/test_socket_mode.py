"""A real bolt app on Socket Mode hears events and answers commands, buttons, shortcuts and modals."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import SlackSimulator

if TYPE_CHECKING:
    from tests.simulators.slack.conftest import BoltApp


async def test_alarm_reaches_the_app_as_a_message_event(
    slack: SlackSimulator, bolt: BoltApp
) -> None:
    """A monitoring app's post arrives once, with its attachment, bot id and channel type."""
    async with bolt.connected():
        alarm = {"attachments": [{"color": "danger", "title": "[FIRING:1] Down"}]}
        ts = await slack.post_as_app("#incidents", alarm, app="Alertmanager")
        (event,) = await bolt.hears("message")
    assert event["ts"] == ts
    assert event["channel_type"] == "channel"
    assert event["bot_profile"]["name"] == "Alertmanager"
    assert event["attachments"][0]["title"] == "[FIRING:1] Down"
    assert "subtype" not in event


async def test_mention_arrives_as_message_and_as_app_mention(
    slack: SlackSimulator, bolt: BoltApp
) -> None:
    """One mention makes two events with the same ts and different event ids."""
    async with bolt.connected():
        ts = await slack.post_as_user("#incidents", "<@BOT> why?", user="grace")
        (mention,) = await bolt.hears("app_mention")
        (message,) = await bolt.hears("message")
    assert mention["ts"] == message["ts"] == ts
    assert len({body["event_id"] for body in bolt.heard}) == 2
    assert mention["user"] == slack.users["grace"].id


async def test_reply_edit_and_reaction_of_the_app_itself(
    slack: SlackSimulator, bolt: BoltApp, client: AsyncWebClient
) -> None:
    """The app posts, edits and reacts; its own message comes back as an event too, and bolt acks it."""
    channel = slack.channel("incidents")
    async with bolt.connected():
        root = await slack.post_as_user("#incidents", "checkout is slow")
        posted = await client.chat_postMessage(channel=channel, thread_ts=root, text="Looking")
        await client.chat_update(channel=channel, ts=posted["ts"], text="Found it")
        await client.reactions_add(channel=channel, timestamp=root, name="eyes")
        await slack.wait_for(
            lambda: len(slack.envelopes()) == 4 and all(item.acked_at for item in slack.envelopes())
        )
    assert [message["text"] for message in slack.thread(channel, root)] == [
        "checkout is slow",
        "Found it",
    ]
    assert slack.reactions(channel, root) == {"eyes": [slack.bot_user_id]}
    kinds = [item.payload["event"].get("subtype") for item in slack.envelopes()]
    assert kinds == [None, None, "message_changed", None]


async def test_slash_command_is_answered_and_followed_up(
    slack: SlackSimulator, bolt: BoltApp
) -> None:
    """The ack text is seen by the caller only, and a response URL posts into the channel."""

    async def diagnose(ack: Any, command: dict[str, Any], respond: Any) -> None:
        await ack(f"Looking at {command['text']}")
        await respond("Started", response_type="in_channel")

    bolt.app.command("/diagnose")(diagnose)

    async with bolt.connected():
        result = await slack.slash("/diagnose", "cart", channel="#general", user="grace")
        await slack.wait_for(lambda: len(result.messages) == 2)
    assert result.error is None
    assert result.ack == {"text": "Looking at cart"}
    assert [item["text"] for item in slack.ephemerals("#general", "grace")] == ["Looking at cart"]
    assert [item["text"] for item in slack.messages("#general")] == ["Started"]


async def test_unacknowledged_command_shows_a_timeout(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """Without an ack within three seconds the person sees operation_timeout, and nothing is sent again."""
    headers = {"Authorization": f"Bearer {slack.app_token}"}
    async with session.post(slack.api_url + "apps.connections.open", headers=headers) as response:
        url = (await response.json())["url"]
    async with session.ws_connect(url) as socket, asyncio.TaskGroup() as running:
        await socket.receive_json()
        asked = running.create_task(slack.slash("/diagnose"))
        assert (await socket.receive_json())["type"] == "slash_commands"
        slack.advance(3.1)
    assert asked.result().error == "operation_timeout"
    assert [item.error for item in slack.visible_errors()] == ["operation_timeout"]
    assert len(slack.envelopes("slash_commands")[0].sent_at) == 1


async def test_command_without_any_connection_fails_at_once(slack: SlackSimulator) -> None:
    """Slack tells the person that the app did not respond."""
    result = await slack.slash("/diagnose", "cart")
    assert result.error == "dispatch_failed"


async def test_button_click_carries_value_message_and_response_url(
    slack: SlackSimulator, bolt: BoltApp, client: AsyncWebClient
) -> None:
    """A click reaches the action listener, which replaces the message through the response URL."""
    clicked: list[dict[str, Any]] = []

    async def stop(ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        clicked.append(body)
        await respond(text="Stopped", replace_original=True)

    bolt.app.action("stop")(stop)

    button = {"type": "button", "text": {"type": "plain_text", "text": "Stop"}}
    actions = {"type": "actions", "elements": [{**button, "action_id": "stop", "value": "run-1"}]}
    async with bolt.connected():
        posted = await client.chat_postMessage(
            channel=slack.channel("general"), text="x", blocks=[actions]
        )
        result = await slack.click("#general", posted["ts"], "stop", user="ada")
        await slack.wait_for(lambda: slack.messages("#general")[0]["text"] == "Stopped")
    assert result.error is None
    (body,) = clicked
    assert body["actions"][0]["value"] == "run-1"
    assert body["message"]["ts"] == posted["ts"]
    assert body["user"]["id"] == slack.users["ada"].id


@pytest.mark.parametrize("side", ["positive", "negative"])
async def test_feedback_buttons(
    slack: SlackSimulator, bolt: BoltApp, client: AsyncWebClient, side: str
) -> None:
    """A thumb arrives as an action of type feedback_buttons with the value of that side."""
    seen: list[dict[str, Any]] = []

    async def rate(ack: Any, action: dict[str, Any]) -> None:
        await ack()
        seen.append(action)

    bolt.app.action("rate")(rate)

    def thumb(value: str) -> dict[str, Any]:
        return {"text": {"type": "plain_text", "text": value}, "value": value}

    feedback = {
        "type": "feedback_buttons",
        "action_id": "rate",
        "positive_button": thumb("positive"),
        "negative_button": thumb("negative"),
    }
    blocks = [{"type": "context_actions", "elements": [feedback]}]
    async with bolt.connected():
        posted = await client.chat_postMessage(
            channel=slack.channel("general"), text="x", blocks=blocks
        )
        await slack.click("#general", posted["ts"], "rate", value=side)
        await slack.wait_for(lambda: seen)
    assert seen[0]["type"] == "feedback_buttons"
    assert seen[0]["value"] == side


async def test_message_shortcut_opens_a_modal_that_is_submitted(
    slack: SlackSimulator, bolt: BoltApp
) -> None:
    """Shortcut, views.open with its trigger, a field error, then an accepted submission."""
    entered: list[str] = []

    async def opened(ack: Any, body: dict[str, Any], client: AsyncWebClient) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=_reason_modal())

    bolt.app.shortcut({"type": "message_action", "callback_id": "diagnose_message"})(opened)

    async def submitted(ack: Any, view: dict[str, Any]) -> None:
        reason = view["state"]["values"]["why"]["text"]["value"]
        if len(reason) < 3:
            await ack(response_action="errors", errors={"why": "Too short"})
            return
        entered.append(reason)
        await ack()

    bolt.app.view("reason")(submitted)

    async with bolt.connected():
        ts = await slack.post_as_user("#incidents", "look at this")
        await slack.shortcut("diagnose_message", "#incidents", ts, user="grace")
        (view,) = await slack.wait_for(lambda: slack.views("grace"))
        refused = await slack.submit_view(view["id"], {"text": "no"}, user="grace")
        accepted = await slack.submit_view(view["id"], {"text": "slow"}, user="grace")
    assert refused.errors == {"why": "Too short"}
    assert accepted.error is None
    assert entered == ["slow"]
    assert slack.views("grace") == []


async def test_home_is_published_when_opened(slack: SlackSimulator, bolt: BoltApp) -> None:
    """app_home_opened leads to views.publish, and the Home is there for that person only."""

    async def opened(event: dict[str, Any], client: AsyncWebClient) -> None:
        text = {"type": "plain_text", "text": "Open incidents"}
        view = {"type": "home", "blocks": [{"type": "header", "text": text}]}
        await client.views_publish(user_id=event["user"], view=view)

    bolt.app.event("app_home_opened")(opened)

    async with bolt.connected():
        await slack.open_home("ada")
        home = await slack.wait_for(lambda: slack.home("ada"))
    assert home is not None
    assert home["blocks"][0]["text"]["text"] == "Open incidents"
    assert slack.home("grace") is None


async def test_uninstalled_app_is_told_and_locked_out(
    slack: SlackSimulator, bolt: BoltApp, client: AsyncWebClient
) -> None:
    """tokens_revoked and app_uninstalled arrive, then every call is token_revoked."""
    async with bolt.connected():
        await slack.uninstall_app()
        await bolt.hears("tokens_revoked")
        await bolt.hears("app_uninstalled")
    with pytest.raises(SlackApiError, match="token_revoked"):
        await client.auth_test()


def _reason_modal() -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": "reason",
        "title": {"type": "plain_text", "text": "Why?"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [
            {
                "type": "input",
                "block_id": "why",
                "label": {"type": "plain_text", "text": "Reason"},
                "element": {"type": "plain_text_input", "action_id": "text"},
            }
        ],
    }
