"""An alarm becomes a diagnosis in its own thread."""

from __future__ import annotations

from bot.demo.world import CHANNEL
from tests.slack.shown import strings
from tests.stories.conftest import Open, said

GUILTY = "a65e656"


async def test_an_alarm_becomes_a_diagnosis_in_its_thread(oncall: Open) -> None:
    """Seen with eyes, worked on in one card, answered once with file, commit and quotes, then checked off."""
    async with oncall("cartservice-guard") as story:
        root = await story.alarm()
        await story.until(lambda: "eyes" in story.slack.reactions(CHANNEL, root))
        final = await story.final(root)
        await story.until(lambda: set(story.slack.reactions(CHANNEL, root)) == {"white_check_mark"})

        text = said(final)
        assert "Fault in deployment/cartservice" in text
        assert "src/cartservice/src/cartstore/RedisCartStore.cs" in text
        assert GUILTY in text
        assert "(stand-in)" in text
        assert len(story.finals(root)) == 1
        assert len(story.tasks(root)) > 3
        assert {task["status"] for task in story.tasks(root)} == {"complete"}
        believed = "".join(text for _, text in strings(story.card(root)))
        assert "The fault is in frontend itself. · ruled out" in believed
        assert "A recent change to deployment/cartservice brought it. · strengthened" in believed
        assert story.slack.duplicate_posts() == []
        assert all(
            not call.args.get("unfurl_links") for call in story.slack.calls("chat.postMessage")
        )


async def test_nothing_is_said_outside_the_thread(oncall: Open) -> None:
    """The channel itself shows the alarm and nothing of ours."""
    async with oncall("recovered") as story:
        root = await story.alarm()
        await story.final(root)

        ours = [m for m in story.slack.messages(CHANNEL) if m.get("bot_id") == story.slack.bot_id]
        assert all(message.get("thread_ts") == root for message in ours)


async def test_the_victim_is_not_blamed(oncall: Open) -> None:
    """The frontend alarms, the cart reports errors, and Redis behind it is what is gone."""
    async with oncall("redis-cart-down") as story:
        root = await story.alarm()

        assert "redis-cart" in said(await story.final(root))


async def test_the_same_run_is_much_dearer_without_caching(oncall: Open) -> None:
    """At least 70% is saved, by the API's own ledger."""
    async with oncall("cartservice-guard") as story:
        root = await story.alarm()
        await story.final(root)

        paid = sum(entry.usd for entry in story.model.ledger)
        uncached = sum(entry.usd_uncached for entry in story.model.ledger)
        assert paid < 0.3 * uncached


async def test_the_alarm_s_metric_is_drawn_into_its_thread(oncall: Open) -> None:
    """Below the diagnosis, once: the metric of the alarm's own rule, from before its onset, with a text for who cannot see it."""
    async with oncall("redis-cart-down", {"TOCSIN_CHARTS": "true"}) as story:
        root = await story.alarm()
        await story.final(root)
        await story.until(story.slack.uploads)

        (file,) = story.slack.uploads()
        assert file["name"] == "chart.png"
        assert 'rate(http_requests_total{service="frontend",code=~"5.."}[5m])' in file["alt_txt"]
        assert "at most 1 at 03:11, 0.857143 at last." in file["alt_txt"]
        assert "Threshold 0.2." in file["alt_txt"]
        assert "alarm began at 03:07." in file["alt_txt"]
        assert story.thread(root)[-1]["files"][0]["id"] == file["id"]
