"""Whatever is delivered twice is done once."""

from __future__ import annotations

from bot.demo.world import CHANNEL
from tests.stories.conftest import Open, said


async def test_the_same_alarm_again_joins_its_incident(oncall: Open) -> None:
    """One investigation; the first thread counts the repeat, and the second post gets no thread."""
    async with oncall("cartservice-guard") as story:
        root = await story.alarm()
        await story.until(lambda: "eyes" in story.slack.reactions(CHANNEL, root))
        again = await story.alarm()
        await story.final(root)
        await story.until(lambda: any("×2" in said(message) for message in story.thread(root)))

        assert len(story.finals(root)) == 1
        assert len(story.thread(again)) == 1


async def test_an_envelope_delivered_twice_starts_one_run(oncall: Open) -> None:
    """Slack repeats what it believes to be lost."""
    async with oncall("recovered") as story:
        story.slack.sockets.duplicate_next(2)
        root = await story.alarm()
        await story.final(root)

        assert len(story.finals(root)) == 1
        assert story.slack.duplicate_posts() == []


async def test_a_lost_answer_to_a_post_does_not_make_a_second_one(oncall: Open) -> None:
    """Slack took the message and the connection broke: the thread is looked at before anything is posted again."""
    async with oncall("recovered") as story:
        story.slack.faults.apply_then_reset("chat.postMessage")
        root = await story.alarm()
        await story.final(root)

        assert story.slack.duplicate_posts() == []


async def test_a_websocket_that_breaks_in_the_middle_of_a_run_changes_nothing(oncall: Open) -> None:
    """The run goes on, the bot reconnects, and a reply in the thread is heard again."""
    async with oncall("cartservice-guard") as story:
        root = await story.alarm()
        await story.until(lambda: story.tasks(root))
        story.slack.sockets.abort()
        await story.final(root)
        await story.until(lambda: story.slack.connections() > 0)
        await story.slack.post_as_user(CHANNEL, "rule out the database", thread_ts=root)

        await story.final(root, count=2)

        assert len(story.finals(root)) == 2
