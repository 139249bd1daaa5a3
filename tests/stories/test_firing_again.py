"""What was over and comes back goes on in its first thread."""

from __future__ import annotations

from functools import partial
from typing import Any

from bot.demo.play import PERSON
from bot.demo.world import CHANNEL
from tests.stories.conftest import OnCall, Open, said

APP = "Alertmanager"


def alarm(state: str = "FIRING") -> dict[str, Any]:
    """A post of an Alertmanager that edits its first message on every change (`update_message`)."""
    title = f"[{state}:1] CartErrors cartservice (boutique critical)"
    color = "danger" if state == "FIRING" else "good"
    return {"text": "", "attachments": [{"color": color, "title": title, "fallback": title}]}


async def _diagnosed(story: OnCall) -> str:
    root = await story.slack.post_as_app(CHANNEL, alarm(), app=APP)
    await story.final(root)
    return root


def _says(story: OnCall, root: str, words: str) -> list[str]:
    return [m["ts"] for m in story.thread(root) if words in said(m)]


def _said_often(story: OnCall, root: str, words: str, count: int) -> bool:
    return len(_says(story, root, words)) == count


async def _until_said(story: OnCall, root: str, words: str) -> None:
    await story.until(lambda: _says(story, root, words))


async def test_an_edit_that_fires_again_starts_a_further_run(oncall: Open) -> None:
    """Resolved and firing again by edits of one post: told in the thread, and diagnosed once more in it."""
    async with oncall("cartservice-guard") as story:
        root = await _diagnosed(story)
        await story.slack.edit_as_app(CHANNEL, root, alarm("RESOLVED"))
        await _until_said(story, root, "Resolved at")
        await story.slack.edit_as_app(CHANNEL, root, alarm())
        await _until_said(story, root, "Firing again since")

        second = await story.final(root, count=2)

        assert "RedisCartStore.cs" in said(second)
        assert story.card(root, "run:2") is not None
        told = str((await story.conversation(root)).messages)
        assert "The alarm was resolved and fires again" in told
        assert len(story.finals(root)) == 2


async def test_flapping_is_counted_and_not_investigated_each_time(oncall: Open) -> None:
    """After one further run, three more flaps are one message with a count."""
    async with oncall("recovered") as story:
        root = await _diagnosed(story)
        for flap in range(4):
            await story.slack.edit_as_app(CHANNEL, root, alarm("RESOLVED"))
            if flap < 2:
                ends = flap + 1
                await story.until(partial(_said_often, story, root, "Resolved at", ends))
            else:
                await _until_said(story, root, "over now")
            await story.slack.edit_as_app(CHANNEL, root, alarm())
            if flap == 0:
                await story.final(root, count=2)
            else:
                await _until_said(story, root, f"fired ×{flap + 2}")

        assert len(story.finals(root)) == 2
        assert len(_says(story, root, "Flapping")) == 1
        assert "Not investigated anew before" in str(story.thread(root))


async def test_after_a_resolve_the_cause_can_be_checked(oncall: Open) -> None:
    """The button asks the same conversation whether the cause is gone, and the answer comes into the thread."""
    async with oncall("cartservice-guard") as story:
        root = await _diagnosed(story)
        await story.slack.edit_as_app(CHANNEL, root, alarm("RESOLVED"))
        await _until_said(story, root, "Resolved at")
        (notice,) = _says(story, root, "Resolved at")
        await story.slack.click(CHANNEL, notice, "tocsin_check", user=PERSON)

        await story.final(root, count=2)

        told = str((await story.conversation(root)).messages)
        assert "Is the cause really gone, or only the symptom?" in told
