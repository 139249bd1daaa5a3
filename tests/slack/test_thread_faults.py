"""An investigation's thread when Slack, the network or a worker fails."""

from __future__ import annotations

import pytest

from bot.errors import TemporaryError
from bot.fencing import Superseded, epoch_key
from bot.investigation.diagnosis import Evidence, Finding, Report
from bot.investigation.progress import Step
from bot.slack.api import SlackRefused
from tests.slack.stage import DIAGNOSIS, REPORT, Stage


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


async def test_slack_without_containers(stage: Stage) -> None:
    """Where Slack does not know blocks that fold up, the evidence stands open; all else stays."""
    reporter = await stage.reporter()
    await reporter.started("Investigating")
    stage.slack.faults.error("chat.postMessage", "invalid_blocks")
    await reporter.finished(with_evidence())
    final = stage.replies()[1]
    kinds = {block["type"] for block in final["blocks"]}
    assert "rich_text" in kinds
    assert "container" not in kinds
    assert "dial tcp: connection refused" in str(final)


async def test_slack_that_refuses_the_final_blocks(stage: Stage) -> None:
    """A diagnosis is readable even where Slack knows only the oldest blocks; its buttons work."""
    reporter = await stage.reporter()
    await reporter.started("Investigating")
    stage.slack.faults.error("chat.postMessage", "invalid_blocks", times=2)
    await stage.passes(reporter.finished(with_evidence()))
    final = stage.replies()[1]
    kinds = {block["type"] for block in final["blocks"]}
    assert kinds <= {"section", "context", "actions", "divider"}
    assert "The port in the last commit is wrong." in str(final)
    assert "dial tcp: connection refused" in str(final)
    assert "tocsin_feedback_positive" in str(final)


def with_evidence() -> Report:
    """A diagnosis with one claim."""
    quote = Evidence(tool_call_id="c1", quote="dial tcp: connection refused", verified=True)
    finding = Finding(claim="Connections are refused", evidence=(quote,))
    return REPORT.model_copy(
        update={"diagnosis": DIAGNOSIS.model_copy(update={"findings": (finding,)})}
    )


async def test_refused_report_makes_room_for_the_reason(stage: Stage) -> None:
    """When Slack will not have a report at all, what the job says instead is posted."""
    reporter = await stage.reporter()
    await reporter.started("Investigating")
    stage.slack.faults.error("chat.postMessage", "restricted_action")
    with pytest.raises(SlackRefused, match="restricted_action"):
        await reporter.finished(REPORT)
    await reporter.finished(Report(outcome="failed", note="Slack refused the report."))
    assert "Slack refused the report." in str(stage.replies()[-1])


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
