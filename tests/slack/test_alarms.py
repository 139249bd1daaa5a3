"""Alarm posts: seen at once, one investigation per condition, the thread told what becomes of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.slack.conftest import Bot

WaitUntil = Callable[..., Awaitable[None]]


def alarm(name: str = "InstanceDown", state: str = "FIRING") -> dict[str, Any]:
    """An Alertmanager post."""
    title = f"[{state}:1] {name} for cartservice"
    color = "danger" if state == "FIRING" else "good"
    return {
        "text": "",
        "attachments": [{"color": color, "title": title, "fallback": title, "text": "it is down"}],
    }


async def test_alarm_is_seen_and_queued(connected: Bot, wait_until: WaitUntil) -> None:
    """An alarm post gets eyes and one investigation, and the app answers every delivery."""
    slack = connected.slack
    ts = await slack.post_as_app("#incidents", alarm(), app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", ts))
    await wait_until(lambda: connected.jobs_count(1))
    incident = await connected.store.by_thread(slack.team_id, slack.channel("#incidents"), ts)
    assert incident is not None
    assert incident.alarm.state == "firing"
    assert slack.failed_deliveries() == []


async def test_webhook_alarm_is_seen(connected: Bot) -> None:
    """A webhook's post has no user and the subtype bot_message; it counts all the same."""
    slack = connected.slack
    post = {**alarm(), "subtype": "bot_message", "username": "Alertmanager"}
    ts = await slack.post_as_app("#incidents", post, app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", ts))


async def test_repeats_are_one_message_with_a_count(connected: Bot, wait_until: WaitUntil) -> None:
    """The same alarm again joins its incident: one notice in the first thread, edited to the latest count."""
    slack = connected.slack
    first = await slack.post_as_app("#incidents", alarm(), app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", first))
    again = [await slack.post_as_app("#incidents", alarm(), app="Alertmanager") for _ in range(3)]
    await slack.wait_for(
        lambda: any("×4" in reply["text"] for reply in slack.replies("#incidents", first)), 10
    )
    (notice,) = slack.replies("#incidents", first)
    assert notice["text"].startswith("🔁 Still firing ×4, last ")
    assert all("repeat" in slack.reactions("#incidents", ts) for ts in again)
    await wait_until(lambda: connected.jobs_count(1))


async def test_resolve_is_said_in_the_thread(connected: Bot) -> None:
    """A resolved post ends the incident and its thread is told."""
    slack = connected.slack
    first = await slack.post_as_app("#incidents", alarm(), app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", first))
    await slack.post_as_app("#incidents", alarm(state="RESOLVED"), app="Alertmanager")
    await slack.wait_for(lambda: slack.replies("#incidents", first))
    (notice,) = slack.replies("#incidents", first)
    assert notice["text"].startswith("🟢 Resolved at ")
    incident = await connected.store.by_thread(slack.team_id, slack.channel("#incidents"), first)
    assert incident is not None
    assert incident.state == "resolved"


async def test_edit_that_resolves_is_a_resolve(connected: Bot) -> None:
    """Senders that edit their post instead of posting again are understood."""
    slack = connected.slack
    ts = await slack.post_as_app("#incidents", alarm(), app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", ts))
    await slack.edit_as_app("#incidents", ts, alarm(state="RESOLVED"))
    await slack.wait_for(lambda: slack.replies("#incidents", ts))
    assert slack.replies("#incidents", ts)[0]["text"].startswith("🟢 Resolved")


async def test_an_edit_that_fires_again_is_looked_into_again(
    connected: Bot, wait_until: WaitUntil
) -> None:
    """One post edited to resolved and back to firing: the thread is told, and a further run is asked for."""
    slack = connected.slack
    ts = await slack.post_as_app("#incidents", alarm(), app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", ts))
    await run_ends(connected, ts)
    await slack.edit_as_app("#incidents", ts, alarm(state="RESOLVED"))
    await slack.wait_for(lambda: len(slack.replies("#incidents", ts)) == 1)
    await slack.edit_as_app("#incidents", ts, alarm())
    await slack.wait_for(lambda: len(slack.replies("#incidents", ts)) == 2)
    assert slack.replies("#incidents", ts)[1]["text"].startswith("🔥 Firing again since ")
    await wait_until(lambda: connected.jobs_count(2))
    assert [key.rpartition(":")[2] for key in await connected.jobs()] == ["1", "2"]


async def test_related_alarms_are_listed_in_the_first_thread(
    connected: Bot, wait_until: WaitUntil
) -> None:
    """Other alarms of the service get a sign, no run and no thread; the first thread lists them with links."""
    slack = connected.slack
    first = await slack.post_as_app("#incidents", alarm(), app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", first))
    second = await slack.post_as_app("#incidents", alarm("HighErrorRate"), app="Alertmanager")
    await slack.wait_for(lambda: "link" in slack.reactions("#incidents", second))
    await slack.wait_for(lambda: slack.replies("#incidents", first))
    (notice,) = slack.replies("#incidents", first)
    assert "1 related alarm" in notice["text"]
    assert f"/p{second.replace('.', '')}" in str(notice["blocks"])
    assert slack.replies("#incidents", second) == []
    await wait_until(lambda: connected.jobs_count(1))


async def run_ends(bot: Bot, ts: str) -> None:
    """A worker does run 1 and ends it."""
    incident = await bot.store.by_thread(bot.slack.team_id, bot.slack.channel("#incidents"), ts)
    assert incident is not None
    lease = await bot.store.begin(incident.id, 1)
    assert lease is not None
    await bot.store.finish(incident.id, 1, lease.epoch, "diagnosed")


async def test_link_preview_is_no_new_alarm(connected: Bot) -> None:
    """An edit that only adds a preview changes nothing."""
    slack = connected.slack
    ts = await slack.post_as_app("#incidents", alarm(), app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", ts))
    preview = {"from_url": "https://am.example", "text": "preview", "fallback": "preview"}
    attachments = [*alarm()["attachments"], preview]
    await slack.edit_as_app("#incidents", ts, {"attachments": attachments})
    await connected.settled()
    incident = await connected.store.by_thread(slack.team_id, slack.channel("#incidents"), ts)
    assert incident is not None
    assert incident.occurrences == 1
    assert slack.replies("#incidents", ts) == []
    assert await connected.jobs_count(1)


async def test_redelivered_alarm_acts_once(connected: Bot, wait_until: WaitUntil) -> None:
    """Slack may deliver an event again at any time; nothing happens twice."""
    slack = connected.slack
    ts = await slack.post_as_app("#incidents", alarm(), app="Alertmanager")
    await slack.wait_for(lambda: "eyes" in slack.reactions("#incidents", ts))
    await wait_until(lambda: connected.jobs_count(1))
    before = len(slack.calls())
    again = slack.redeliver()
    await slack.wait_for(lambda: all(len(each.sent_at) > 1 for each in again))
    await connected.settled()
    assert len(slack.calls()) == before
    assert await connected.jobs_count(1)


async def test_what_is_no_alarm_is_left_alone(connected: Bot) -> None:
    """People at the top level, bots in threads, and bots in other channels start nothing; all is acknowledged."""
    slack = connected.slack
    root = await slack.post_as_user("#incidents", "lunch?")
    await slack.post_as_app("#incidents", {**alarm(), "thread_ts": root}, app="Alertmanager")
    await slack.post_as_app("#general", alarm(), app="Alertmanager")
    await slack.wait_for(lambda: len(slack.envelopes("events_api")) >= 3)
    await connected.settled()
    assert await connected.jobs() == []
    assert slack.failed_deliveries() == []
    assert slack.calls("reactions.add") == []
