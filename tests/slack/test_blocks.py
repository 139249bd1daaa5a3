"""The terminal message: verdict first, everything that backs it, and what to do next."""

from __future__ import annotations

from typing import Any

import pytest

from bot.alarms.notification import Link
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
from bot.slack.blocks import Around, report
from bot.slack.controls import Run
from bot.slack.repository import Repository
from tests.slack.shown import links, strings

RUN = Run(incident="abc-1", slot="run:1")
REPOSITORY = Repository(url="https://github.com/acme/boutique")
AROUND = Around(repository=REPOSITORY)


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
    (message,) = report(content, RUN, Around(repository=repository))
    return "\n".join(text for _, text in strings(message.blocks))


def test_verdict_stands_first_and_cost_last() -> None:
    """The order in which somebody just woken up wants to read."""
    (message,) = report(sample(), RUN, AROUND)
    assert message.blocks[0]["text"]["text"] == "🔴 Fault in deployment/cartservice"
    assert message.text.startswith("🔴 Fault in deployment/cartservice: cartservice cannot reach")
    order = [
        "cartservice cannot reach ",
        "Cause",
        " · 85% confident",
        "Where",
        "Evidence: 1 of 2 claims verified",
        "Recommended fix",
        "Not checked",
        "$0.06 · 9 tool calls · 41 s · 88% cached · claude-x (stand-in)",
    ]
    text = shown(sample())
    positions = [text.index(part) for part in order]
    assert positions == sorted(positions)
    kinds = [block["type"] for block in message.blocks[-3:]]
    assert kinds == ["context", "actions", "context_actions"]


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
    (message,) = report(sample(), RUN, AROUND)
    assert list(links(message.blocks)) == [
        "https://github.com/acme/boutique/blob/0a1b2c3d4e5f6071/src/cart%20store/Redis.cs#L27",
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
        (
            "diagnosed",
            True,
            "🔴 Fault in deployment/cartservice",
            ["tocsin_ask", "tocsin_draft", "tocsin_feedback"],
        ),
        (
            "inconclusive",
            True,
            "🟡 Inconclusive: no cause could be proven",
            ["tocsin_keep_going", "tocsin_ask", "tocsin_draft", "tocsin_feedback"],
        ),
        (
            "stopped",
            True,
            "⏹️ Stopped: what was known by then",
            ["tocsin_keep_going", "tocsin_ask", "tocsin_draft", "tocsin_feedback"],
        ),
        ("stopped", False, "⏹️ Stopped", ["tocsin_keep_going", "tocsin_ask"]),
        (
            "out_of_time",
            True,
            "⏳ Out of time: best hypothesis so far",
            ["tocsin_keep_going", "tocsin_ask", "tocsin_draft", "tocsin_feedback"],
        ),
        ("failed", False, "❌ The investigation failed", ["tocsin_keep_going", "tocsin_ask"]),
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


@pytest.mark.parametrize(
    ("ref", "commit", "version"),
    [
        ("v1.4.2", "0a1b2c3d4e5f", "v1.4.2"),
        ("", "0a1b2c3d4e5f", "0a1b2c3d4e5f"),
        ("", "not a sha", "HEAD"),
        ("../evil", "", "HEAD"),
    ],
)
def test_a_source_link_names_the_version_that_was_read(ref: str, commit: str, version: str) -> None:
    """The version a tool has read, else the suspect commit, else the default branch."""
    url = REPOSITORY.file("src/a.go", 3, ref, commit)
    assert url == f"https://github.com/acme/boutique/blob/{version}/src/a.go#L3"


def test_evidence_folds_up_when_it_is_long() -> None:
    """Few claims stand open, many are folded; no container holds more than ten, and all claims that fit are there."""
    few = containers(findings(3))
    assert [block["default_collapsed"] for block in few] == [False]
    many = containers(findings(30))
    assert all(block["default_collapsed"] and len(block["child_blocks"]) <= 10 for block in many)
    assert sum(len(block["child_blocks"]) for block in many) == 12
    assert many[0]["title"]["text"] == "Evidence: 30 of 30 claims verified, 12 shown"


def test_evidence_links_where_it_was_found() -> None:
    """The name of the tool call leads to the line it showed, when code could build that address."""
    (message,) = report(sample(diagnosis=findings(1, link="https://github.com/acme/x#L3")), RUN)
    assert "https://github.com/acme/x#L3" in list(links(message.blocks))


@pytest.mark.parametrize(
    ("patch", "language"),
    [
        ("@@ -1 +1 @@\n-6380\n+6379\n", "diff"),
        ("-  6380\n+  6379\n", "diff"),
        ("kubectl rollout undo deployment/cartservice", ""),
        ("- a list\n", ""),
    ],
)
def test_a_diff_is_coloured_and_a_command_is_not(patch: str, language: str) -> None:
    """What takes lines out and puts lines in is shown as a diff."""
    diagnosis = Diagnosis(
        verdict="fault", summary="x", actions=(Action(description="do", patch=patch),)
    )
    (message,) = report(sample(diagnosis=diagnosis), RUN)
    (code,) = [
        element
        for block in message.blocks
        for element in block.get("elements", [])
        if element["type"] == "rich_text_preformatted"
    ]
    assert code.get("language", "") == language


def test_the_alarm_s_own_links_are_offered() -> None:
    """Its post, dashboards and runbooks; not every link, each once, and nothing that is no web address."""
    known = Around(
        permalink="https://acme.slack.example/archives/C1/p1",
        links=(
            Link(label="Silence", url="https://am.example/#/silences/new"),
            Link(label="Runbook", url="https://wiki.example/cart"),
            Link(label="Dashboard", url="https://grafana.example/d/1"),
            Link(label="Graph", url="https://grafana.example/d/1"),
            Link(label="Logs", url="javascript:alert(1)"),
        ),
    )
    (message,) = report(sample(), RUN, known)
    assert list(links(message.blocks)) == [
        "https://acme.slack.example/archives/C1/p1",
        "https://wiki.example/cart",
        "https://grafana.example/d/1",
    ]


def test_issues_are_offered_only_where_they_can_be_opened() -> None:
    """Without a front that holds a token for it there is no such button."""
    (without,) = report(sample(), RUN)
    (offered,) = report(sample(), RUN, Around(issues=True))
    assert "tocsin_issue" not in str(without.blocks)
    assert "tocsin_issue" in str(offered.blocks)


def test_a_code_block_is_never_cut_in_its_middle() -> None:
    """Prose that is too long ends before the code block that does not fit."""
    long = "It fails.\n```\n" + "line\n" * 2000 + "```\nand more"
    text = shown(sample(diagnosis=Diagnosis(verdict="fault", summary=long, cause=long)))
    assert "It fails. …" in text
    assert "```" not in text


def findings(count: int, link: str = "") -> Diagnosis:
    """So many claims, all verified."""
    evidence = Evidence(
        tool_call_id="c1", tool="t", quote="a line of a log", link=link, verified=True
    )
    return Diagnosis(
        verdict="fault",
        summary="x",
        findings=tuple(Finding(claim=f"claim {n}", evidence=(evidence,)) for n in range(count)),
    )


def containers(diagnosis: Diagnosis) -> list[dict[str, Any]]:
    """The blocks that hold the evidence."""
    messages = report(sample(diagnosis=diagnosis), RUN)
    return [b for message in messages for b in message.blocks if b["type"] == "container"]


def test_a_long_quote_ends_with_a_whole_line_and_says_so() -> None:
    """Never in the middle of a line, and never without a word about it."""
    quote = "".join(f"line {number} of a log\n" for number in range(200))
    evidence = Evidence(tool_call_id="c1", tool="logs", quote=quote, verified=True)
    found = Diagnosis(
        verdict="fault", summary="s", findings=(Finding(claim="x", evidence=(evidence,)),)
    )
    shown = list(strings(report(Report(outcome="diagnosed", diagnosis=found), RUN)[0].blocks))
    (code,) = [text for kind, text in shown if kind == "rich_text_preformatted"]
    assert quote.startswith(f"{code}\n")
    assert len(code) > 950
    assert f"its first {len(code):,} of {len(quote):,} characters shown" in str(shown)
