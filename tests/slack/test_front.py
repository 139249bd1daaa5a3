"""The front through faults: connections, Redis, crashes, shutdown."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from bot.slack.api import open_api
from bot.slack.app import SlackFront, SlackOptions

if TYPE_CHECKING:
    from tests.slack.conftest import Bot

ALARM: dict[str, Any] = {
    "text": "",
    "attachments": [{"color": "danger", "title": "[FIRING:1] InstanceDown for cartservice"}],
}


@asynccontextmanager
async def running(bot: Bot, **options: Any) -> AsyncIterator[SlackFront]:
    """A front that is connected and looked after."""
    async with bot.front(**options) as front:
        keeping = asyncio.create_task(front.run())
        try:
            yield front
        finally:
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping


async def test_two_connections_one_answer(bot: Bot) -> None:
    """Events may come over either connection; each acts once."""
    async with running(bot) as front:
        assert bot.slack.connections() == 2
        assert await front.connected()
        for number in range(6):
            alarm = {**ALARM, "attachments": [{"title": f"[FIRING:1] Down{number} for checkout"}]}
            await bot.slack.post_as_app("#incidents", alarm, app="Alertmanager")
        await bot.settled()
        (incident,) = await bot.store.list_open()
        assert len(incident.members) == 5
        assert await bot.jobs_count(1)
    assert bot.slack.connections() == 0


async def test_connection_comes_back(bot: Bot) -> None:
    """Cut off, the front reconnects, and an alarm posted meanwhile is delivered again and heard."""
    async with running(bot, connections=1, ping_interval=0.2):
        bot.slack.sockets.abort()
        ts = await bot.slack.post_as_app("#incidents", ALARM, app="Alertmanager")
        await bot.slack.wait_for(lambda: "eyes" in bot.slack.reactions("#incidents", ts))
        await bot.slack.wait_for(lambda: bot.slack.connections() == 1)


async def test_no_ack_without_redis(bot: Bot) -> None:
    """What cannot be written down is not acknowledged; Slack delivers it again later."""
    async with running(bot):
        await bot.redis.config_set("maxmemory", "1")
        try:
            ts = await bot.slack.post_as_app("#incidents", ALARM, app="Alertmanager")
            (envelope,) = await bot.slack.wait_for(lambda: bot.slack.envelopes("events_api"))
            await bot.slack.wait_for(lambda: len(envelope.sent_at) > 1)
            assert envelope.acked_at is None
        finally:
            await bot.redis.config_set("maxmemory", "0")
        await bot.slack.wait_for(lambda: "eyes" in bot.slack.reactions("#incidents", ts))


async def test_a_crash_after_the_ack_loses_nothing(bot: Bot) -> None:
    """A request that was kept and never acted on is acted on by the next front."""
    channel = bot.slack.channel("#incidents")
    ts = await bot.slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    message = bot.slack.message("#incidents", ts)
    body = {
        "type": "event_callback",
        "team_id": bot.slack.team_id,
        "event_id": "Ev0CRASHED",
        "event": {**message, "channel": channel, "channel_type": "channel"},
    }
    await bot.store_in_inbox("Ev0CRASHED", body)
    async with running(bot):
        await bot.slack.wait_for(lambda: "eyes" in bot.slack.reactions("#incidents", ts))
        await bot.settled()
        assert await bot.jobs_count(1)


async def test_what_was_missed_is_read_back(bot: Bot) -> None:
    """An alarm posted while no front ran, and long given up by Slack, is found in the channel's history."""
    ts = await bot.slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    async with bot.front() as front:
        assert await front.read_back(settled=0) == 1
        await bot.slack.wait_for(lambda: "eyes" in bot.slack.reactions("#incidents", ts))
        await bot.settled()
        assert await front.read_back(settled=0) == 0
        assert await bot.jobs_count(1)


async def test_what_was_posted_just_before_the_start_is_read_at_once(bot: Bot) -> None:
    """Slack tells it again only after a minute: nobody listened when it told it first."""
    ts = await bot.slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    read = f"tocsin:{{inbox}}:event:backfill-{bot.slack.channel('#incidents')}-{ts}"
    async with running(bot):
        await bot.wait_until(lambda: bot.redis.exists(read))
        await bot.settled()
    assert await bot.jobs_count(1)


async def test_posts_of_its_own_are_not_read_back(bot: Bot) -> None:
    """What `/diagnose` posts stands in the channel: nobody listens to it, and it would be tried in vain."""
    channel = bot.slack.channel("#incidents")
    async with bot.front() as front:
        await front.read_back(settled=0)
        async with open_api(bot.slack.bot_token, bot.slack.api_url) as api:
            await api.call("chat.postMessage", channel=channel, text="Looking into: cart")
        assert await front.read_back(settled=0) == 0
        assert await bot.waiting() == 0


async def test_answered_alarms_are_not_read_back(bot: Bot) -> None:
    """When Redis was lost, threads that hold an answer of ours are left alone."""
    channel = bot.slack.channel("#incidents")
    ts = await bot.slack.post_as_app("#incidents", ALARM, app="Alertmanager")
    async with bot.front() as front:
        await bot.post_as_bot(channel, ts, "diagnosed")
        assert await front.read_back(settled=0) == 0
        assert await bot.jobs() == []


async def test_everything_is_acknowledged(bot: Bot) -> None:
    """Events and buttons nobody listens to are acknowledged too: unanswered ones count as failed."""
    async with running(bot):
        ts = await bot.slack.post_as_user("#general", "hello")
        await bot.slack.edit_as_user("#general", ts, "hello!")
        await bot.slack.delete_message("#general", ts)
        await bot.slack.wait_for(lambda: len(bot.slack.envelopes()) >= 3)
        await bot.settled()
        assert bot.slack.failed_deliveries() == []
        assert bot.slack.visible_errors() == []


async def test_no_ack_waits_for_the_work(bot: Bot) -> None:
    """Slack wants it within three seconds, and is slow itself here."""
    bot.slack.faults.latency("conversations.info", 60)
    async with running(bot):
        ts = await bot.slack.post_as_app("#incidents", ALARM, app="Alertmanager")
        await bot.slack.wait_for(lambda: not bot.slack.faults.waiting())
        await bot.slack.wait_for(lambda: all(each.acked_at for each in bot.slack.envelopes()))
        assert bot.slack.reactions("#incidents", ts) == {}
        bot.slack.advance(60)
        await bot.slack.wait_for(lambda: "eyes" in bot.slack.reactions("#incidents", ts))


async def test_a_burst_is_taken_whole(bot: Bot) -> None:
    """Two hundred alarms at once: all acknowledged, none twice."""
    async with running(bot):
        for number in range(200):
            alarm = {**ALARM, "attachments": [{"title": f"[FIRING:1] Down{number % 7} for cart"}]}
            await bot.slack.post_as_app("#incidents", alarm, app="Alertmanager")
        await bot.slack.wait_for(lambda: len(bot.slack.envelopes("events_api")) >= 200)
        await bot.slack.wait_for(lambda: all(each.acked_at for each in bot.slack.envelopes()))
        await bot.settled()
        (incident,) = await bot.store.list_open()
        members = [member.occurrences for member in incident.members]
        assert len(members) == 6
        assert incident.occurrences + sum(members) == 200


async def test_a_listener_that_fails_is_tried_again(bot: Bot) -> None:
    """A temporary failure leaves the request in the inbox, with nothing lost."""
    bot.slack.faults.http_500("conversations.info")
    async with bot.front():
        ts = await bot.slack.post_as_app("#incidents", ALARM, app="Alertmanager")
        await bot.slack.wait_for(lambda: bot.slack.calls("conversations.info"))
        await bot.slack.wait_for(
            lambda: all(each.acked_at for each in bot.slack.envelopes("events_api"))
        )
        assert await bot.waiting() == 1
        assert bot.slack.reactions("#incidents", ts) == {}
    await bot.make_due()
    async with running(bot):
        await bot.slack.wait_for(lambda: "eyes" in bot.slack.reactions("#incidents", ts))


async def test_the_end_waits_for_listeners(bot: Bot) -> None:
    """Stopping takes no more requests, and lets those under way finish."""
    bot.slack.faults.latency("conversations.info", 0.5)
    async with bot.front():
        ts = await bot.slack.post_as_app("#incidents", ALARM, app="Alertmanager")
        await bot.slack.wait_for(
            lambda: [each.acked_at for each in bot.slack.envelopes()] not in ([], [None])
        )
    assert bot.slack.connections() == 0
    assert "eyes" in bot.slack.reactions("#incidents", ts)
    assert await bot.waiting() == 0


async def test_no_call_per_event_but_what_is_needed(bot: Bot) -> None:
    """bolt asks auth.test for nothing; channels are looked up once."""
    async with running(bot):
        for number in range(5):
            alarm = {"text": f"[FIRING:1] Down{number} for checkout"}
            await bot.slack.post_as_app("#incidents", alarm, app="Alertmanager")
        await bot.slack.wait_for(lambda: len(bot.slack.envelopes()) >= 5)
        await bot.settled()
        assert len(bot.slack.calls("auth.test")) == 1
        assert len(bot.slack.calls("conversations.info")) == 1


def test_tokens_are_not_printed() -> None:
    """The options can be logged."""
    options = SlackOptions(
        bot_token="xoxb-secret", app_token="xapp-secret", channels=("incidents",)
    )
    assert "secret" not in repr(options)
