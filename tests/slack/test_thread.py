"""What an investigation's thread shows, from the first second to the terminal message."""

from __future__ import annotations

import re
from typing import Literal

import pytest

from bot.charts.chart import Chart, Mark, Series
from bot.incidents.incident import Question
from bot.investigation.diagnosis import Action, Report
from bot.investigation.progress import Step
from tests.slack.stage import DIAGNOSIS, REPORT, Stage


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


async def test_the_first_look_is_posted_once(stage: Stage) -> None:
    """What the rules saw stands in a message of its own, word for word; a worker that takes over does not repeat it."""
    seen = "deployment/cartservice: crash loop\n  evidence: <!channel> exit code 1"
    for epoch in (1, 2):
        reporter = await stage.reporter(epoch=epoch)
        await stage.passes(reporter.started("Investigating"))
        await stage.passes(reporter.first_look(seen))
    _, look = stage.replies()
    assert look["text"] == "First look, by rules, no model"
    assert seen in str(look["blocks"]).replace("\\n", "\n")


async def test_hypotheses_and_budget_are_on_the_card(stage: Stage) -> None:
    """What the model believes has lines of its own while it runs, and still has at the end."""
    reporter = await stage.reporter()
    await reporter.started("Investigating")
    await reporter.thought("Hypothesis (new): redis-cart is down\nNow the logs.")
    await stage.shows("redis-cart is down")
    await stage.shows("Now the logs.")
    await reporter.thought("Hypothesis (ruled out): redis-cart is down")
    await stage.shows("ruled out")
    await reporter.finished(REPORT)
    assert "redis-cart is down" in str(stage.card()["blocks"])


async def test_a_card_does_not_run_for_ever(stage: Stage) -> None:
    """However often Slack limits edits at the end, the card is closed."""
    reporter = await stage.reporter()
    await reporter.started("Investigating")
    stage.slack.faults.rate_limit("chat.update", retry_after=5, times=6)
    await stage.passes(reporter.finished(REPORT))
    assert "Diagnosed after 41 s" in stage.card()["text"]


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
    await stage.shows(re.compile(r"· (1[5-9]|[2-9]\d) s"))
    assert stage.slack.calls("chat.update")


@pytest.mark.parametrize("takes_files", [True, False])
async def test_a_long_patch_follows(stage: Stage, takes_files: bool) -> None:
    """As a whole file, once; where Slack takes none, in further messages, cut between lines."""
    patch = "".join(f"+line {number} of a long patch\n" for number in range(1200))
    diagnosis = DIAGNOSIS.model_copy(
        update={"actions": (Action(description="apply this", patch=patch),)}
    )
    found = REPORT.model_copy(update={"diagnosis": diagnosis})
    if not takes_files:
        stage.slack.remove_scope("files:write")
    for _ in range(2):  # the job is delivered twice
        reporter = await stage.reporter()
        await stage.passes(reporter.finished(found))
    final, *rest = stage.replies()
    assert "it follows as the file step-1.diff" in str(final["blocks"])
    if takes_files:
        (file,) = stage.slack.uploads()
        assert (file["name"], file["size"]) == ("step-1.diff", len(patch))
        assert [each["id"] for message in rest for each in message["files"]] == [file["id"]]
        return
    assert len(rest) > 1
    shown = "".join(
        element["elements"][0]["text"]
        for message in rest
        for block in message["blocks"]
        for element in block["elements"]
    )
    assert shown == patch


class Artist:
    """Draws quickly, and counts."""

    def __init__(self, picture: bytes | None) -> None:
        self.picture = picture
        self.drawn = 0

    async def png(self, chart: Chart) -> bytes | None:
        self.drawn += 1
        return self.picture


@pytest.mark.parametrize("picture", [b"\x89PNG", None])
async def test_a_chart_is_shown_once(stage: Stage, picture: bytes | None) -> None:
    """Below the diagnosis, however often the job is delivered; where none can be drawn, there is none."""
    series = Series(label="", points=((1_795_000_060, 0.5), (1_795_003_000, 8.25)))
    onset = Mark(at=1_795_002_000, label="alarm began", kind="onset")
    chart = Chart(
        title="<!here> 5xx",
        measure="rate(x[5m])",
        begin=1_795_000_000,
        end=1_795_003_600,
        step=60,
        series=(series,),
        marks=(onset,),
    )
    stage.artist = Artist(picture)
    for _ in range(2):
        reporter = await stage.reporter()
        await stage.passes(reporter.finished(REPORT.model_copy(update={"chart": chart})))
    if picture is None:
        assert stage.slack.uploads() == []
        return
    assert stage.artist.drawn == 1
    (file,) = stage.slack.uploads()
    assert file["alt_txt"] == chart.words
    assert stage.replies()[-1]["text"] == "📈 *&lt;!here&gt; 5xx* around its onset at 11:40 UTC"
    assert stage.replies()[-1]["files"][0]["id"] == file["id"]


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
    await stage.passes(second.started("Going on"))
    await second.finished(REPORT)
    assert list(stage.slack.reactions("#incidents", stage.root)) == ["white_check_mark"]
    assert len(stage.replies()) == 4
