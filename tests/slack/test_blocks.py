"""The terminal message: verdict first, everything that backs it, and what to do next."""

from __future__ import annotations

from typing import Any

import pytest

from bot.investigation.diagnosis import (
    Action,
    Cost,
    Culprit,
    Diagnosis,
    Evidence,
    Finding,
    Outcome,
    Report,
)
from bot.slack.blocks import Repository, report
from bot.slack.controls import Run
from tests.slack.shown import links, strings

RUN = Run(incident="abc-1", slot="run:1")
REPOSITORY = Repository(url="https://github.com/acme/boutique")


def sample(**changes: Any) -> Report:
    """A good diagnosis."""
    diagnosis = Diagnosis(
        verdict="fault",
        summary="cartservice cannot reach **redis-cart**.",
        cause="Commit 0a1b2c3 changed the port to `6380`.",
        confidence=0.85,
        findings=(
            Finding(
                claim="Connections are refused",
                evidence=(
                    Evidence(
                        tool_call_id="c7",
                        tool="kubernetes_read_logs",
                        quote="dial tcp: connection refused",
                        verified=True,
                    ),
                ),
            ),
            Finding(
                claim="Nobody noticed",
                evidence=(Evidence(tool_call_id="c9", quote="invented"),),
            ),
        ),
        culprit=Culprit(
            object="deployment/cartservice",
            file="src/cart store/Redis.cs",
            line=27,
            commit="0a1b2c3d4e5f6071",
        ),
        actions=(Action(description="Set the port back", patch="-  6380\n+  6379\n"),),
        unknowns=("Whether the data is intact",),
    )
    content = Report(
        outcome="diagnosed",
        diagnosis=diagnosis,
        gaps=("github was down",),
        cost=Cost(usd=0.06, cached_share=0.88, model="claude-x (stand-in)"),
        tool_calls=9,
        seconds=41,
    )
    return content.model_copy(update=changes)


def shown(content: Report, repository: Repository = REPOSITORY) -> str:
    """All texts of the first message, one a line."""
    (message,) = report(content, RUN, repository)
    return "\n".join(text for _, text in strings(message.blocks))


def test_verdict_stands_first_and_cost_last() -> None:
    """The order in which somebody just woken up wants to read."""
    (message,) = report(sample(), RUN, REPOSITORY)
    assert message.blocks[0]["text"]["text"] == "🔴 Fault in deployment/cartservice"
    assert message.text.startswith("🔴 Fault in deployment/cartservice: cartservice cannot reach")
    order = [
        "cartservice cannot reach ",
        "Cause",
        " · 85% confident",
        "Where",
        "Evidence",
        "Recommended fix",
        "Not checked",
        "$0.06 · 9 tool calls · 41 s · 88% cached · claude-x (stand-in)",
    ]
    text = shown(sample())
    positions = [text.index(part) for part in order]
    assert positions == sorted(positions)
    assert [block["type"] for block in message.blocks[-2:]] == ["context", "context_actions"]


def test_evidence_says_whether_it_was_checked() -> None:
    """A quote that was looked up is marked differently from one that was not found."""
    text = shown(sample())
    assert "✅ \nConnections are refused" in text
    assert "dial tcp: connection refused" in text
    assert "kubernetes_read_logs c7\n · quote verified" in text
    assert "⚠️ \nNobody noticed" in text
    assert "unverified: not found in what the tool returned" in text


def test_places_are_linked_when_a_repository_is_known() -> None:
    """Permalinks are built from validated parts; without a repository the places are named."""
    (message,) = report(sample(), RUN, REPOSITORY)
    assert list(links(message.blocks)) == [
        "https://github.com/acme/boutique/blob/HEAD/src/cart%20store/Redis.cs#L27",
        "https://github.com/acme/boutique/commit/0a1b2c3d4e5f6071",
    ]
    (bare,) = report(sample(), RUN)
    assert list(links(bare.blocks)) == []
    assert "src/cart store/Redis.cs:27" in shown(sample(), Repository())


@pytest.mark.parametrize(
    ("path", "commit"),
    [("../secrets", "abc"), ("a/../../b", "HEAD"), ("/etc/passwd", "0a1b2c3?x=y"), ("", "main/..")],
)
def test_nothing_is_linked_that_is_no_path_or_sha(path: str, commit: str) -> None:
    """A model cannot steer a link to another place."""
    assert REPOSITORY.file(path, 1) == ""
    assert REPOSITORY.commit(commit) == ""


@pytest.mark.parametrize(
    ("outcome", "diagnosed", "title", "controls"),
    [
        ("diagnosed", True, "🔴 Fault in deployment/cartservice", ["tocsin_feedback"]),
        (
            "inconclusive",
            True,
            "🟡 Inconclusive: no cause could be proven",
            ["tocsin_keep_going", "tocsin_feedback"],
        ),
        (
            "stopped",
            True,
            "⏹️ Stopped: what was known by then",
            ["tocsin_keep_going", "tocsin_feedback"],
        ),
        ("stopped", False, "⏹️ Stopped", ["tocsin_keep_going"]),
        (
            "out_of_time",
            True,
            "⏳ Out of time: best hypothesis so far",
            ["tocsin_keep_going", "tocsin_feedback"],
        ),
        ("failed", False, "❌ The investigation failed", ["tocsin_keep_going"]),
    ],
)
def test_each_outcome_has_its_words_and_buttons(
    outcome: Outcome, diagnosed: bool, title: str, controls: list[str]
) -> None:
    """What happened is in the first line; what can be done next is below."""
    content = sample(outcome=outcome, note="Because.", **({} if diagnosed else {"diagnosis": None}))
    (message,) = report(content, RUN)
    assert message.blocks[0]["text"]["text"] == title
    found = [
        element["action_id"]
        for block in message.blocks
        for element in block.get("elements", [])
        if "action_id" in element
    ]
    assert found == controls
    assert "Because." in str(message.blocks)


def test_answers_have_no_keep_going() -> None:
    """An answer goes on by asking again."""
    (message,) = report(sample(outcome="out_of_time"), Run(incident="a", slot="answer:1.2"))
    assert "tocsin_keep_going" not in str(message.blocks)


def test_healthy_is_said_as_such() -> None:
    """Nothing wrong is a result."""
    diagnosis = Diagnosis(verdict="healthy", summary="All pods are ready.", confidence=1)
    text = shown(Report(outcome="diagnosed", diagnosis=diagnosis))
    assert text.startswith("🟢 Healthy: no fault found")
    assert "100% confident" in text
