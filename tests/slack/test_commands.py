"""`/diagnose` and the message shortcut."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest

from bot.alarms.catalog import ServiceCatalog

if TYPE_CHECKING:
    from tests.slack.conftest import Bot

WaitUntil = Callable[..., Awaitable[None]]
ALARM: dict[str, Any] = {
    "text": "",
    "attachments": [{"color": "danger", "title": "[FIRING:1] InstanceDown for cartservice"}],
}


@pytest.mark.parametrize("channel", ["#general", "#incidents"])
async def test_service_is_investigated_in_a_thread_of_its_own(connected: Bot, channel: str) -> None:
    """A known service, by any of its names: a public message, its thread, one run; in any channel."""
    slack = connected.slack
    result = await slack.slash("/diagnose", "cart", channel=channel)
    assert result.error is None
    assert "On it" in result.messages[0]["text"]
    await slack.wait_for(lambda: slack.messages(channel))
    (root,) = slack.messages(channel)
    await connected.settled()
    assert root["text"] == "Looking into: cartservice"
    assert root["metadata"]["event_type"] == "tocsin_post"
    incident = await connected.store.by_thread(slack.team_id, slack.channel(channel), root["ts"])
    assert incident is not None
    assert incident.alarm.service == "cartservice"
    assert incident.origin.requester == slack.users["ada"].id
    assert await connected.jobs_count(1)
    assert "eyes" in slack.reactions(channel, root["ts"])


async def test_a_name_is_taken_at_its_word_without_a_catalog(bot: Bot) -> None:
    """The investigation is of that service; once it is answered it is no open incident."""
    bot.catalog = ServiceCatalog()
    async with bot.front():
        await bot.slack.slash("/diagnose", "emailservice", channel="#general")
        await bot.settled()
        ((incident, running),) = await bot.store.current()
        assert (incident.alarm.service, running) == ("emailservice", False)
        lease = await bot.store.begin(incident.id, 1)
        assert lease is not None
        await bot.store.finish(incident.id, 1, lease.epoch, "diagnosed")
        status = await bot.slack.slash("/diagnose", "status", channel="#general")
    assert status.messages[0]["text"] == "Nothing is open."


async def test_question_of_several_words_is_taken_as_it_is(connected: Bot) -> None:
    """Free text is a question."""
    slack = connected.slack
    await slack.slash("/diagnose", "why are <@U1> & carts slow?", channel="#general")
    await slack.wait_for(lambda: slack.messages("#general"))
    await connected.settled()
    (root,) = slack.messages("#general")
    incident = await connected.store.by_thread(slack.team_id, slack.channel("#general"), root["ts"])
    assert incident is not None
    assert incident.question == "why are <@U1> & carts slow?"
    assert "<@U1>" not in root["text"]


async def test_unknown_service_gets_the_nearest_names(connected: Bot) -> None:
    """A typing error starts nothing and is helped with, for that person alone."""
    result = await connected.slack.slash("/diagnose", "cartsrvice", channel="#general")
    assert "`cartservice`" in result.messages[0]["text"]
    await connected.settled()
    assert await connected.jobs() == []
    assert connected.slack.messages("#general") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "/diagnose &lt;service&gt;", id="nothing"),
        pytest.param("help", "finds out why an alarm fired", id="help"),
        pytest.param("HELP", "finds out why an alarm fired", id="upper case"),
        pytest.param("--help", "finds out why an alarm fired", id="option"),
        pytest.param("status", "Nothing is open.", id="status"),
        pytest.param("stop", "Nothing runs in this channel.", id="stop"),
        pytest.param("list", "*2 services*: `cartservice`, `checkout`", id="list"),
        pytest.param("tools", "• `github_read_file`\n• `kubernetes_list_pods`", id="tools"),
    ],
)
async def test_words_are_answered_to_one_person(connected: Bot, text: str, said: str) -> None:
    """Help and overviews are for the person who asked, and cost nothing."""
    result = await connected.slack.slash("/diagnose", text, channel="#general")
    assert said in result.messages[0]["text"]
    await connected.settled()
    assert await connected.jobs() == []
    assert connected.slack.messages("#general") == []


async def test_status_and_stop_know_what_is_open(connected: Bot) -> None:
    """An open incident is listed; stop asks its run to end."""
    slack = connected.slack
    ts = await slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", ts))
    status = await slack.slash("/diagnose", "status")
    assert "*1 open incident*" in status.messages[0]["text"]
    assert "InstanceDown" in status.messages[0]["text"]
    stop = await slack.slash("/diagnose", "stop")
    assert stop.messages[0]["text"] == "Stopping 1 investigation."
    incident = await connected.store.by_thread(slack.team_id, slack.channel("#incidents"), ts)
    assert incident is not None
    assert await connected.store.stop_requested(incident.id, 1) == slack.users["ada"].id


async def test_channel_without_the_bot_is_told_so(connected: Bot) -> None:
    """A command works everywhere, a public message does not: the person is told to invite the bot."""
    slack = connected.slack
    slack.add_channel("quiet")
    result = await slack.slash("/diagnose", "cart", channel="#quiet")
    assert "Invite me" in result.messages[0]["text"]
    await connected.settled()
    assert await connected.jobs() == []
    slack.invite_bot("#quiet")
    invited = await slack.slash("/diagnose", "cart", channel="#quiet")
    assert "On it" in invited.messages[0]["text"]
    await connected.settled()
    assert await connected.jobs_count(1)


async def test_link_to_an_alarm_is_investigated(connected: Bot) -> None:
    """A permalink stands for the message: its thread, its alarm."""
    slack = connected.slack
    ts = await slack.post_as_app("#general", ALARM, app="Alertmanager")
    link = f"https://acme.slack.com/archives/{slack.channel('#general')}/p{ts.replace('.', '')}"
    await slack.slash("/diagnose", f"<{link}|an alarm>", channel="#incidents")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#general", ts))
    incident = await connected.store.by_thread(slack.team_id, slack.channel("#general"), ts)
    assert incident is not None
    assert incident.alarm.name == "InstanceDown"


async def test_shortcut_investigates_the_message(connected: Bot) -> None:
    """The shortcut on an alarm opens its incident; once more, the person is pointed to the thread."""
    slack = connected.slack
    ts = await slack.post_as_app("#general", ALARM, app="Alertmanager")
    await slack.shortcut("diagnose_message", "#general", ts)
    await slack.wait_for(lambda: "eyes" in slack.reactions("#general", ts))
    again = await slack.shortcut("diagnose_message", "#general", ts)
    await slack.wait_for(lambda: again.messages)
    assert "known already" in again.messages[0]["text"]
    await connected.settled()
    assert await connected.jobs_count(1)


async def test_shortcut_on_a_persons_words_asks_them(connected: Bot) -> None:
    """A message that is no alarm is taken as a question in its own words."""
    slack = connected.slack
    ts = await slack.post_as_user("#general", "checkout feels slow today")
    await slack.shortcut("diagnose_message", "#general", ts, user="grace")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#general", ts))
    incident = await connected.store.by_thread(slack.team_id, slack.channel("#general"), ts)
    assert incident is not None
    assert incident.question == "checkout feels slow today"
    assert incident.alarm.service == "checkout"
    assert incident.origin.requester == slack.users["grace"].id
