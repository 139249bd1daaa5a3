"""Guests, and channels that other organisations read, get nothing internal by any way there is."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from bot.slack.api import Api
from bot.slack.controls import Run, stop_button
from bot.slack.directory import Exceptions

if TYPE_CHECKING:
    from tests.slack.conftest import Bot

ALARM = {
    "text": "",
    "attachments": [{"color": "danger", "title": "[FIRING:1] InstanceDown for cartservice"}],
}


async def test_a_guest_gets_nothing(connected: Bot, api: Api) -> None:
    """Not by reply, mention, command, button or Home; nobody is told what the bot knows."""
    slack = connected.slack
    slack.users["ada"].is_restricted = True
    root = await slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", root))
    channel = slack.channel("#incidents")
    incident = await connected.store.by_thread(slack.team_id, channel, root)
    assert incident is not None
    button = stop_button(Run(incident=incident.id, slot="run:1"))
    card = await api.call(
        "chat.postMessage", channel=channel, thread_ts=root, text="card", blocks=[button]
    )

    await slack.post_as_user("#incidents", "what do you know?", thread_ts=root)
    await slack.post_as_user("#incidents", "<@BOT> and now?", thread_ts=root)
    await slack.click("#incidents", card["ts"], "tocsin_stop")
    command = await slack.slash("/diagnose", "status", channel="#incidents")
    await connected.settled()

    assert "guests" in str(command.messages)
    whispers = [each["text"] for each in slack.ephemerals("#incidents", "ada")]
    assert len(whispers) >= 2
    assert all("guests" in said for said in whispers)
    assert await connected.store.waiting(incident.id) == []
    assert await connected.store.stop_requested(incident.id, 1) is None
    await slack.open_home("ada")
    home = await slack.wait_for(lambda: slack.home("ada"))
    assert "guests" in str(home)
    assert "InstanceDown" not in str(home)


async def test_a_channel_that_is_shared_while_we_listen(connected: Bot) -> None:
    """What was known of the channel is not used again: the next command and the next alarm get nothing."""
    slack = connected.slack
    before = await slack.slash("/diagnose", "status", channel="#incidents")
    assert "Nothing is open" in str(before.messages)
    slack.share_channel("#incidents")
    await connected.settled()
    after = await slack.slash("/diagnose", "status", channel="#incidents")
    assert "shared with other organisations" in str(after.messages)
    root = await slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    await connected.settled()
    assert slack.reactions("#incidents", root) == {}


@pytest.mark.parametrize("allowed", [False, True])
async def test_a_channel_of_several_organisations(bot: Bot, allowed: bool) -> None:
    """Its alarms are not looked at, and no command is answered there, unless it is configured as allowed."""
    bot.slack.share_channel("#incidents")
    exceptions = Exceptions(channels=frozenset({"incidents"} if allowed else ()))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(bot.front(exceptions=exceptions))
        root = await bot.slack.post_as_app("#incidents", ALARM, app="Alertmanager")
        command = await bot.slack.slash("/diagnose", "status", channel="#incidents")
        await bot.settled()
        found = await bot.store.by_thread(bot.slack.team_id, bot.slack.channel("#incidents"), root)
    assert (found is not None) is allowed
    assert ("shared with other organisations" in str(command.messages)) is not allowed
