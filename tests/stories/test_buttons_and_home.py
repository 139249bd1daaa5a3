"""What people press works, also after a restart, and the home page tells how things are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.console import Console

from bot.demo.play import PERSON, key
from bot.demo.world import CHANNEL
from bot.evals.feedback import export
from bot.scenario import load
from tests.stories.conftest import OnCall, Open, looks_and_thinks, said


def _with(story: OnCall, root: str, part: str) -> list[dict[str, Any]]:
    return [message for message in story.thread(root) if part in key(message)]


def _right(message: dict[str, Any]) -> str:
    """What the button Right of a terminal message stands for."""
    (block,) = [each for each in message["blocks"] if each["type"] == "context_actions"]
    return str(block["elements"][0]["positive_button"]["value"])


async def test_buttons_work_after_a_restart(oncall: Open, tmp_path: Path) -> None:
    """The front that reads a click is not the one that was there when the message was written; a vote becomes a draft
    of an evaluation case with the alarm, the expected answer, and what the tools returned."""
    async with oncall("cartservice-guard", front=False) as story:
        async with story.front():
            root = await story.alarm()
            final = await story.final(root)
        async with story.front():
            await story.slack.click(CHANNEL, final["ts"], "tocsin_draft", user=PERSON)
            await story.until(lambda: _with(story, root, "/draft:"))
            await story.slack.click(CHANNEL, final["ts"], "tocsin_ask", user=PERSON)
            await story.until(lambda: story.slack.views(PERSON))
            view = story.slack.views(PERSON)[-1]["id"]
            question = {"question": {"text": "what about the payment service?"}}
            await story.slack.submit_view(view, question, user=PERSON)

            answer = await story.final(root, count=2)
            right = _right(final)
            await story.slack.click(
                CHANNEL, final["ts"], "tocsin_feedback", user=PERSON, value=right
            )
            await story.until(lambda: story.slack.ephemerals(CHANNEL, PERSON))
        await export(story.settings, tmp_path / "cases", Console(quiet=True))

        assert "payment" in said(answer).lower()
        (draft,) = _with(story, root, "/draft:")
        assert "RedisCartStore.cs" in said(draft)
        assert "investigation: diagnosed" in said(draft)
        assert _with(story, root, "/asked:")
        (case,) = (tmp_path / "cases").iterdir()
        made = load(case)
        assert "boutique-frontend-http-500" in str(made.alarm.post)
        assert made.expected.object == "deployment/cartservice"
        assert made.expected.commit == story.world.scenario.expected.commit
        assert "L9ECAV7KIM" in "".join(file.read_text() for file in (case / "evidence").iterdir())


async def test_the_home_page_tells_how_things_are(oncall: Open) -> None:
    """Open incidents, the latest diagnosis with its cost, today's spend, and tool servers that work."""
    async with oncall("cartservice-guard") as story:
        root = await story.alarm()
        await story.final(root)
        await story.until(lambda: set(story.slack.reactions(CHANNEL, root)) == {"white_check_mark"})
        await story.slack.open_home(PERSON)
        await story.until(lambda: "Recent diagnoses" in str(story.slack.home(PERSON)))

        page = str(story.slack.home(PERSON))
        assert "1 open incident" in page
        assert "Fault in deployment/cartservice" in page
        assert "of $25.00" in page
        assert "🟢 *tocsin*" in page
        assert "1 worker running" in page


async def test_a_run_that_waits_says_so(oncall: Open) -> None:
    """With one worker busy, the second alarm's thread shows its place in the line, and then its run."""
    async with oncall(
        "cartservice-guard", {"TOCSIN_CONCURRENCY": "1", "TOCSIN_STORM_SECONDS": "0"}
    ) as story:
        story.model.script(looks_and_thinks(2))
        first = await story.alarm()
        await story.until(lambda: len(story.tasks(first)) >= 2)
        title = "[FIRING:1] Slow paymentservice"
        post = {"text": "", "attachments": [{"color": "danger", "title": title, "fallback": title}]}
        second = await story.slack.post_as_app(CHANNEL, post, app="Alertmanager")
        await story.until(lambda: "queued #1" in said(story.card(second) or {}))
        story.model.use(None)
        card = story.card(first)
        assert card is not None
        await story.slack.click(CHANNEL, card["ts"], "tocsin_stop", user=PERSON)

        await story.final(second)

        assert len(_with(story, second, "/card")) == 1
        assert "queued" not in said(story.card(second) or {})


async def test_slack_s_limits_lose_no_terminal_message(oncall: Open) -> None:
    """Slack says 429 to posts and edits again and again: everything that matters is there in the end, once."""
    async with oncall("recovered") as story:
        story.slack.faults.rate_limit("chat.postMessage", retry_after=1, times=3)
        story.slack.faults.rate_limit("chat.update", retry_after=2, times=3)
        story.slack.faults.rate_limit("reactions.add", retry_after=1, times=2)
        root = await story.alarm()

        await story.final(root)
        await story.until(lambda: "white_check_mark" in story.slack.reactions(CHANNEL, root))

        assert len(story.finals(root)) == 1
        assert story.slack.duplicate_posts() == []
        await story.until(lambda: "Diagnosed" in said(story.card(root) or {}))
