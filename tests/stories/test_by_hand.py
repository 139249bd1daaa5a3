"""People start investigations, ask on, stop them, and let them go on."""

from __future__ import annotations

from typing import Any

from bot.demo.play import PERSON, root_after
from bot.demo.world import CHANNEL
from tests.stories.conftest import OnCall, Open, looks_and_thinks, said


async def test_a_command_starts_an_investigation_in_a_thread_of_its_own(oncall: Open) -> None:
    """The person gets an answer at once; the diagnosis comes into the thread that the bot opens."""
    async with oncall("cartservice-guard") as story:
        before = {message["ts"] for message in story.slack.messages(CHANNEL)}
        answered = await story.slack.slash("/diagnose", "cartservice", channel=CHANNEL, user=PERSON)
        root = await root_after(story.world, before)

        assert "RedisCartStore.cs" in said(await story.final(root))
        assert answered.error is None


async def test_the_shortcut_investigates_the_message_it_was_used_on(oncall: Open) -> None:
    """Also in a channel whose posts are not watched."""
    async with oncall("cartservice-guard") as story:
        post = story.world.scenario.alarm.post
        assert post is not None
        root = await story.slack.post_as_app("#general", post, app="Amazon Q Developer")
        await story.slack.shortcut("diagnose_message", "#general", root, user=PERSON)

        def finals() -> list[dict[str, Any]]:
            return [
                m for m in story.slack.thread("#general", root) if "RedisCartStore.cs" in said(m)
            ]

        await story.until(finals)


async def test_a_follow_up_is_answered_from_the_same_conversation(oncall: Open) -> None:
    """The second answer re-sends the first prompt's exact beginning and pays for little of it."""
    async with oncall("cartservice-guard") as story:
        root = await story.alarm()
        await story.final(root)
        asked = len(story.model.requests)
        await story.slack.post_as_user(CHANNEL, "what about the payment service?", thread_ts=root)

        answer = await story.final(root, count=2)

        assert "payment" in said(answer).lower()
        first, later = story.model.requests[0].body, story.model.requests[asked].body
        assert later["system"] == first["system"]
        assert later["tools"] == first["tools"]
        assert len(later["messages"]) > len(first["messages"])
        entry = story.model.ledger[asked]
        assert entry.read > 0.8 * entry.prompt
        assert len((await story.conversation(root)).messages) > len(later["messages"])


async def _running(story: OnCall) -> str:
    """An alarm whose investigation would never end by itself."""
    story.model.script(looks_and_thinks(2))
    root = await story.alarm()
    await story.until(lambda: len(story.tasks(root)) >= 2)
    return root


def _button(message: dict[str, Any], label: str) -> str:
    for block in message["blocks"]:
        for element in block.get("elements", []):
            if element.get("type") == "button" and element["text"]["text"] == label:
                return str(element["action_id"])
    raise AssertionError(f"no button {label!r} in {said(message)}")


async def test_stop_ends_the_run_with_what_is_known(oncall: Open) -> None:
    """The thread says that a person stopped it, and offers to go on."""
    async with oncall("cartservice-guard") as story:
        root = await _running(story)
        card = story.card(root)
        assert card is not None
        await story.slack.click(CHANNEL, card["ts"], _button(card, "Stop"), user=PERSON)

        final = await story.final(root)

        assert "Stopped" in said(final)
        assert _button(final, "Keep going")


async def test_keep_going_goes_on_in_the_same_conversation(oncall: Open) -> None:
    """A fresh budget, the old evidence, a second terminal message."""
    async with oncall("cartservice-guard") as story:
        root = await _running(story)
        card = story.card(root)
        assert card is not None
        await story.slack.click(CHANNEL, card["ts"], _button(card, "Stop"), user=PERSON)
        final = await story.final(root)
        story.model.use(None)
        await story.slack.click(CHANNEL, final["ts"], _button(final, "Keep going"), user=PERSON)

        second = await story.final(root, count=2)

        assert "RedisCartStore.cs" in said(second)
