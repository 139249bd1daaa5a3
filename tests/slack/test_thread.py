"""What an investigation's thread shows, from the first second to the terminal message."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from redis.asyncio import Redis

from bot.alarms.alarm import Alarm
from bot.errors import TemporaryError
from bot.fencing import Superseded, epoch_key
from bot.incidents.incident import Incident, Lease, Origin, Question
from bot.investigation.diagnosis import Action, Cost, Diagnosis, Report
from bot.investigation.progress import Step
from bot.simulators.slack import SlackSimulator
from bot.simulators.slack.clock import ManualClock
from bot.slack.api import Api, SlackRefused
from bot.slack.thread import SlackReporter, SlackThreads

DIAGNOSIS = Diagnosis(
    verdict="fault",
    summary="cartservice cannot reach its database.",
    cause="The port in the last commit is wrong.",
    confidence=0.85,
)
REPORT = Report(
    outcome="diagnosed",
    diagnosis=DIAGNOSIS,
    cost=Cost(usd=0.06, cached_share=0.88, model="claude-test (stand-in)"),
    tool_calls=9,
    seconds=41,
)


class Stage:
    """An alarm's thread, and workers that report on it."""

    def __init__(
        self, slack: SlackSimulator, redis: Redis, api: Api, clock: ManualClock, root: str
    ) -> None:
        self.slack = slack
        self.redis = redis
        self.api = api
        self.clock = clock
        self.root = root
        self.stack = AsyncExitStack()
        started_at = datetime(2026, 11, 22, tzinfo=UTC)
        self.incident = Incident(
            id="inc-1",
            origin=Origin(team=slack.team_id, channel=slack.channel("#incidents"), thread_ts=root),
            alarm=Alarm(source="generic", name="it is down", started_at=started_at),
            opened_at=started_at,
            last_seen_at=started_at,
        )

    async def reporter(
        self, slot: str = "run:1", epoch: int = 1, question: Question | None = None
    ) -> SlackReporter:
        """A reporter as a worker has it that became the owner with this epoch."""
        await self.redis.set(epoch_key("inc-1"), epoch, ex=60)
        threads = SlackThreads(self.api, self.redis, clock=self.clock)
        lease = Lease(incident_id="inc-1", slot=slot, epoch=epoch, deliveries=1, question=question)
        return await self.stack.enter_async_context(threads.reporter(self.incident, lease))

    def replies(self) -> list[dict[str, Any]]:
        """What stands below the alarm."""
        return self.slack.replies("#incidents", self.root)

    def card(self) -> dict[str, Any]:
        """The progress card."""
        return self.replies()[0]

    async def shows(self, text: str) -> None:
        """Let time pass in small steps until the card shows a text."""
        for _ in range(100):
            with contextlib.suppress(TimeoutError):
                await self.slack.wait_for(lambda: text in str(self.card()), 0.02)
                return
            self.clock.advance(0.5)
        pytest.fail(f"the card never shows {text!r}: {self.card()}")

    async def passes(self, work: Coroutine[Any, Any, None]) -> None:
        """Let time pass until this work is done."""
        task = asyncio.create_task(work)
        while not task.done():
            await asyncio.wait([task], timeout=0.02)
            self.clock.advance(0.5)
        await task


@pytest.fixture
async def stage(
    slack: SlackSimulator, redis: Redis, api: Api, manual: ManualClock
) -> AsyncIterator[Stage]:
    root = await slack.post_as_app("#incidents", {"text": "it is down"}, app="Alertmanager")
    made = Stage(slack, redis, api, manual, root)
    async with made.stack:
        yield made


async def test_card_moves_and_ends(stage: Stage) -> None:
    """Eyes and a card at once; steps by edits; at the end a new message, a closed card, a check mark."""
    reporter = await stage.reporter()
    await reporter.started("Investigating cartservice")
    assert stage.slack.reactions("#incidents", stage.root) == {"eyes": [stage.slack.bot_user_id]}
    assert "Investigating cartservice · 0 s" in stage.card()["text"]
    assert "tocsin_stop" in str(stage.card()["blocks"])
    await reporter.step(Step(id="1", title="Looking at pods"))
    await reporter.thought("Perhaps the database?")
    await stage.shows("Looking at pods")
    await stage.shows("Perhaps the database?")
    assert stage.card()["blocks"][0]["type"] == "plan"
    assert stage.card()["blocks"][0]["tasks"][0]["status"] == "in_progress"
    await reporter.step(Step(id="1", title="Looked at pods", status="done", detail="3 pods"))
    await reporter.finished(REPORT)
    card, final = stage.replies()
    assert "Diagnosed after 41 s · 1 step" in card["text"]
    assert "tocsin_stop" not in str(card)
    assert card["blocks"][0]["tasks"][0]["status"] == "complete"
    assert final["text"].startswith("🔴 Fault found")
    assert "$0.06 · 9 tool calls · 41 s · 88% cached · claude-test (stand-in)" in str(final)
    assert list(stage.slack.reactions("#incidents", stage.root)) == ["white_check_mark"]
    session = stage.slack.session("#incidents", stage.root)
    assert session is not None
    assert session.status == "active"


@pytest.mark.parametrize(
    ("outcome", "reaction"),
    [
        ("inconclusive", "warning"),
        ("stopped", "warning"),
        ("out_of_time", "warning"),
        ("failed", "x"),
    ],
)
async def test_every_outcome_is_shown(
    stage: Stage,
    outcome: Literal["inconclusive", "stopped", "out_of_time", "failed"],
    reaction: str,
) -> None:
    """Each way to end has its words and its sign, and offers to go on."""
    reporter = await stage.reporter()
    await reporter.started("Investigating")
    await reporter.step(Step(id="1", title="Looking"))
    await reporter.finished(Report(outcome=outcome, note="Why it ended.", seconds=3))
    card, final = stage.replies()
    assert list(stage.slack.reactions("#incidents", stage.root)) == [reaction]
    assert "Why it ended." in str(final)
    assert "tocsin_keep_going" in str(final)
    assert "tocsin_feedback" not in str(final)
    assert card["blocks"][0]["tasks"][0]["status"] == "error"


async def test_many_steps_are_few_edits(stage: Stage) -> None:
    """A burst of steps is coalesced: at most one edit in three seconds, with the latest state."""
    reporter = await stage.reporter()
    await reporter.started("Investigating")
    for number in range(100):
        await reporter.step(Step(id=str(number), title=f"step {number}", status="done"))
    await stage.shows("step 99")
    assert len(stage.slack.calls("chat.update")) == 1
    tasks = stage.card()["blocks"][0]["tasks"]
    assert len(tasks) == 50
    assert tasks[0]["title"] == "51 earlier steps"
    assert tasks[-1]["title"] == "step 99"


async def test_time_moves_without_news(stage: Stage) -> None:
    """During a long step the elapsed time still moves."""
    reporter = await stage.reporter()
    await reporter.started("Investigating")
    await stage.shows("· 15 s")
    assert len(stage.slack.calls("chat.update")) == 1


async def test_card_goes_on_after_a_restart(stage: Stage) -> None:
    """A worker that takes over edits the same card, with the same steps and the same beginning."""
    first = await stage.reporter(epoch=1)
    await first.started("Investigating")
    await first.step(Step(id="1", title="before the crash", status="done"))
    await stage.shows("before the crash")
    await first.close()
    stage.clock.advance(57)
    second = await stage.reporter(epoch=2)
    await second.started("Investigating")
    await second.step(Step(id="2", title="after the crash"))
    await stage.shows("after the crash")
    assert len(stage.replies()) == 1
    assert "before the crash" in str(stage.card())
    assert "· 1 min" in stage.card()["text"]
    await second.finished(REPORT)
    assert len(stage.replies()) == 2


async def test_terminal_message_is_posted_once(stage: Stage) -> None:
    """A job that runs again, perhaps with another result, finds its message posted."""
    reporter = await stage.reporter(epoch=1)
    await reporter.started("Investigating")
    await reporter.finished(REPORT)
    again = await stage.reporter(epoch=2)
    await again.started("Investigating")
    await again.finished(REPORT.model_copy(update={"outcome": "inconclusive"}))
    assert len(stage.replies()) == 2
    assert "Fault" in stage.replies()[1]["text"]


async def test_lost_answer_of_the_terminal_message(stage: Stage) -> None:
    """An answer that got lost makes neither silence nor a second message; the job just comes again."""
    reporter = await stage.reporter(epoch=1)
    await reporter.started("Investigating")
    stage.slack.faults.apply_then_reset("chat.postMessage")
    stage.slack.faults.http_500("conversations.replies", times=2)
    with pytest.raises(TemporaryError):
        await stage.passes(reporter.finished(REPORT))
    stage.slack.faults.clear()
    again = await stage.reporter(epoch=2)
    await stage.passes(again.finished(REPORT))
    assert len(stage.replies()) == 2
    assert stage.slack.duplicate_posts() == []


async def test_old_owner_is_silent(stage: Stage) -> None:
    """Once another worker owns the incident, the first one's progress is dropped and its end refused."""
    old = await stage.reporter(epoch=1)
    await old.started("Investigating")
    await stage.redis.set(epoch_key("inc-1"), 2, ex=60)
    await old.step(Step(id="1", title="stale"))
    stage.clock.advance(3)
    with pytest.raises(Superseded):
        await old.finished(REPORT)
    assert len(stage.replies()) == 1
    assert "stale" not in str(stage.card())


async def test_slack_without_the_plan_block(stage: Stage) -> None:
    """Refused once, the card is shown in plain sections from then on; nothing else suffers."""
    reporter = await stage.reporter()
    await reporter.started("Investigating")
    await reporter.step(Step(id="1", title="<!channel> look", detail="x"))
    stage.slack.faults.error("chat.update", "invalid_blocks")
    await stage.shows("look")
    assert [block["type"] for block in stage.card()["blocks"]] == [
        "section",
        "section",
        "context",
        "actions",
    ]
    assert "<!channel>" not in str(stage.card())
    await reporter.finished(REPORT)
    assert "plan" not in str(stage.card()["blocks"][0]["type"])


async def test_slack_that_refuses_the_final_blocks(stage: Stage) -> None:
    """A diagnosis is readable even where Slack knows only the oldest blocks; its buttons work."""
    reporter = await stage.reporter()
    await reporter.started("Investigating")
    stage.slack.faults.error("chat.postMessage", "invalid_blocks")
    await reporter.finished(REPORT)
    final = stage.replies()[1]
    kinds = {block["type"] for block in final["blocks"]}
    assert kinds <= {"section", "context", "actions", "divider"}
    assert "The port in the last commit is wrong." in str(final)
    assert "tocsin_feedback_positive" in str(final)


async def test_refused_report_makes_room_for_the_reason(stage: Stage) -> None:
    """When Slack will not have a report at all, what the job says instead is posted."""
    reporter = await stage.reporter()
    await reporter.started("Investigating")
    stage.slack.faults.error("chat.postMessage", "restricted_action")
    with pytest.raises(SlackRefused, match="restricted_action"):
        await reporter.finished(REPORT)
    await reporter.finished(Report(outcome="failed", note="Slack refused the report."))
    assert "Slack refused the report." in str(stage.replies()[-1])


async def test_long_patch_continues_in_further_messages(stage: Stage) -> None:
    """A patch is never cut: it goes on in a further message, which has the buttons."""
    patch = "".join(f"+line {number} of a long patch\n" for number in range(1200))
    diagnosis = DIAGNOSIS.model_copy(
        update={"actions": (Action(description="apply this", patch=patch),)}
    )
    reporter = await stage.reporter()
    await reporter.started("Investigating")
    await stage.passes(reporter.finished(REPORT.model_copy(update={"diagnosis": diagnosis})))
    finals = stage.replies()[1:]
    assert len(finals) > 2
    shown = "".join(
        element["elements"][0]["text"]
        for message in finals
        for block in message["blocks"]
        for element in block.get("elements", [])
        if element["type"] == "rich_text_preformatted"
    )
    assert shown == patch
    assert ["tocsin_feedback" in str(message) for message in finals] == [
        *[False] * (len(finals) - 1),
        True,
    ]


async def test_answer_marks_the_question(stage: Stage) -> None:
    """A follow-up's signs are on the question, not on the alarm; its slot has its own card and message."""
    question_ts = await stage.slack.post_as_user("#incidents", "and now?", thread_ts=stage.root)
    question = Question(id=question_ts, user="U1", text="and now?", ts=question_ts)
    reporter = await stage.reporter(slot=f"answer:{question_ts}", question=question)
    await reporter.started("Answering")
    assert "eyes" in stage.slack.reactions("#incidents", question_ts)
    await reporter.finished(REPORT.model_copy(update={"outcome": "out_of_time"}))
    assert list(stage.slack.reactions("#incidents", question_ts)) == ["warning"]
    assert stage.slack.reactions("#incidents", stage.root) == {}
    assert "tocsin_keep_going" not in str(stage.replies()[-1])


async def test_second_run_replaces_the_sign(stage: Stage) -> None:
    """Keep going turns the warning of the first run into the second one's result."""
    first = await stage.reporter(slot="run:1", epoch=1)
    await first.started("Investigating")
    await first.finished(Report(outcome="out_of_time", seconds=300))
    second = await stage.reporter(slot="run:2", epoch=2)
    await second.started("Going on")
    await second.finished(REPORT)
    assert list(stage.slack.reactions("#incidents", stage.root)) == ["white_check_mark"]
    assert len(stage.replies()) == 4


async def test_a_slow_slack_does_not_hold_up_the_work(stage: Stage) -> None:
    """A card that was cut off while being posted is found and closed at the end; nothing is posted twice."""
    stage.slack.faults.apply_then_reset("chat.postMessage")
    stage.slack.faults.http_500("conversations.replies", times=1)
    reporter = await stage.reporter()
    await stage.passes(reporter.started("Investigating"))
    await reporter.step(Step(id="1", title="Looking"))
    await stage.passes(reporter.finished(REPORT))
    card, final = stage.replies()
    assert "Diagnosed after 41 s" in card["text"]
    assert final["text"].startswith("🔴")


async def test_progress_never_fails_the_work(stage: Stage) -> None:
    """Slack away at the start: no card, no error; the terminal message still comes."""
    stage.slack.faults.error("chat.postMessage", "channel_is_archived")
    stage.slack.faults.error("reactions.add", "too_many_reactions")
    stage.slack.faults.error("agents.sessions.setStatus", "unknown_method")
    reporter = await stage.reporter()
    await reporter.started("Investigating")
    await reporter.step(Step(id="1", title="Looking"))
    await reporter.finished(REPORT)
    (final,) = stage.replies()
    assert final["text"].startswith("🔴")
