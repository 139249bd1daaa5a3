"""People speak to the bot: mentions, replies in its threads, direct messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from bot.incidents.incident import Incident

if TYPE_CHECKING:
    from tests.slack.conftest import Bot

WaitUntil = Callable[..., Awaitable[None]]
ALARM = {
    "text": "",
    "attachments": [{"color": "danger", "title": "[FIRING:1] InstanceDown for cartservice"}],
}


async def incident_of(bot: Bot, channel: str, ts: str) -> Incident:
    """The incident of a thread that must have one."""
    found = await bot.store.by_thread(bot.slack.team_id, bot.slack.channel(channel), ts)
    assert found is not None
    return found


async def alarmed(bot: Bot) -> str:
    """An alarm that is being looked at: its `ts`."""
    ts = await bot.slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    await bot.slack.wait_for(lambda: "eyes" in bot.slack.reactions("#incidents", ts))
    return ts


async def test_mention_opens_an_investigation_once(connected: Bot, wait_until: WaitUntil) -> None:
    """A mention arrives as two events and is one question, in the thread it begins, without the mention."""
    slack = connected.slack
    ts = await slack.post_as_user("#general", "<@BOT> why is cart &lt;slow&gt;?")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#general", ts))
    await connected.settled()
    incident = await incident_of(connected, "#general", ts)
    assert incident.question == "why is cart <slow>?"
    assert incident.alarm.service == "cartservice"
    assert incident.origin.requester == slack.users["ada"].id
    assert await connected.jobs_count(1)


async def test_reply_is_a_follow_up(connected: Bot) -> None:
    """A person's reply in an alarm's thread is queued as a question, once, and marked as seen."""
    slack = connected.slack
    root = await alarmed(connected)
    ts = await slack.post_as_user("#incidents", "rule out the database", thread_ts=root)
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", ts))
    incident = await incident_of(connected, "#incidents", root)
    (question,) = await connected.store.waiting(incident.id)
    assert (question.id, question.text) == (ts, "rule out the database")
    assert question.user == slack.users["ada"].id
    assert f"answer:{incident.id}:{ts}" in await connected.jobs()


async def test_mention_in_a_known_thread_is_one_question(connected: Bot) -> None:
    """The message and the mention of one reply are one question."""
    slack = connected.slack
    root = await alarmed(connected)
    await slack.post_as_user("#incidents", "<@BOT> and the payment service?", thread_ts=root)
    await connected.settled()
    incident = await incident_of(connected, "#incidents", root)
    assert [each.text for each in await connected.store.waiting(incident.id)] == [
        "and the payment service?"
    ]


async def test_people_may_talk_to_each_other(connected: Bot) -> None:
    """A reply that mentions somebody else is not for the bot; nor are replies in threads it does not know."""
    slack = connected.slack
    root = await alarmed(connected)
    grace = slack.users["grace"].id
    await slack.post_as_user("#incidents", f"<@{grace}> can you look?", thread_ts=root)
    other = await slack.post_as_user("#incidents", "lunch?")
    await slack.post_as_user("#incidents", "yes", thread_ts=other)
    await connected.settled()
    incident = await incident_of(connected, "#incidents", root)
    assert await connected.store.waiting(incident.id) == []
    assert await connected.jobs_count(1)


async def test_stop_in_words_stops_the_run(connected: Bot) -> None:
    """`stop` as a reply stops what waits or runs, and is no question."""
    slack = connected.slack
    root = await alarmed(connected)
    await slack.post_as_user("#incidents", "Stop, please.", thread_ts=root)
    await slack.post_as_user("#incidents", "stop it", thread_ts=root)
    await connected.settled()
    incident = await incident_of(connected, "#incidents", root)
    assert await connected.store.stop_requested(incident.id, 1) == slack.users["ada"].id
    assert [each.text for each in await connected.store.waiting(incident.id)] == ["Stop, please."]


async def test_mention_below_an_alarm_nobody_looked_at(connected: Bot) -> None:
    """Asked in the thread of an alarm it never saw, the bot investigates that alarm and then answers."""
    slack = connected.slack
    root = await slack.post_as_app("#general", ALARM, app="Alertmanager")
    await slack.post_as_user("#general", "<@BOT> what is this?", thread_ts=root)
    await slack.wait_for(lambda: "eyes" in slack.reactions("#general", root))
    await connected.settled()
    incident = await incident_of(connected, "#general", root)
    assert incident.alarm.name == "InstanceDown"
    assert [each.text for each in await connected.store.waiting(incident.id)] == ["what is this?"]
    assert await connected.jobs_count(2)


async def test_direct_message_is_a_question(connected: Bot) -> None:
    """In a direct conversation no mention is needed, and a reply goes on with the same incident."""
    slack = connected.slack
    direct = slack.direct("ada")
    root = await slack.post_as_user(direct, "what is wrong with checkout?")
    await slack.wait_for(lambda: "eyes" in slack.reactions(direct, root))
    await slack.post_as_user(direct, "since when?", thread_ts=root)
    await connected.settled()
    incident = await incident_of(connected, direct, root)
    assert incident.alarm.service == "checkout"
    assert [each.text for each in await connected.store.waiting(incident.id)] == ["since when?"]


async def test_empty_mention_gets_a_hint(connected: Bot) -> None:
    """A mention without words is answered to that person alone."""
    slack = connected.slack
    await slack.post_as_user("#general", "<@BOT>")
    await slack.wait_for(lambda: slack.ephemerals("#general", "ada"))
    assert "Ask me about a service" in slack.ephemerals("#general", "ada")[0]["text"]
    assert await connected.jobs() == []


async def test_bots_are_never_answered_in_threads(connected: Bot) -> None:
    """Another bot's reply in a known thread, even with a mention, starts nothing."""
    slack = connected.slack
    root = await alarmed(connected)
    reply = {"text": f"<@{slack.bot_user_id}> still down", "thread_ts": root}
    await slack.post_as_app("#incidents", reply, app="PagerDuty")
    await connected.settled()
    incident = await incident_of(connected, "#incidents", root)
    assert await connected.store.waiting(incident.id) == []
