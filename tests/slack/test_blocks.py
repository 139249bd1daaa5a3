"""The terminal message: within Slack's limits for any content, harmless whatever it says, and readable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
from bot.simulators.slack.blockkit.blocks import rendered_length
from bot.simulators.slack.blockkit.rules import MAX_RENDERED, check_blocks
from bot.slack.blocks import Repository, report
from bot.slack.controls import Run
from bot.slack.markdown import clean
from bot.slack.message import Message
from bot.slack.plain import plain

RUN = Run(incident="abc-1", slot="run:1")
REPOSITORY = Repository(url="https://github.com/acme/boutique")
NASTY = st.sampled_from(
    [
        "<!channel> <!here> <@U123> <#C1> <!subteam^S1>",
        "@here @channel @everyone",
        "https://evil.example/steal?token=secret",
        "<https://evil.example|click>",
        "[click](https://evil.example/x)",
        "```\nunclosed",
        "`code` **bold** *x* _y_ ~z~",
        "\u202ereversed\u0000\u200b\ud800",
        "x" * 5000,
        "word " * 2000,
        "é€😀" * 1500,
        "\n" * 200,
        "",
        " ",
    ]
)
TEXT = st.one_of(NASTY, st.text(max_size=300), st.text(min_size=2990, max_size=3100))
PATCH = st.one_of(NASTY, st.text(max_size=500), st.just("+a line of a diff\n" * 3000))
EVIDENCE = st.builds(
    Evidence,
    tool_call_id=st.sampled_from(["c1", "c22", "<c3>"]),
    quote=TEXT,
    tool=st.sampled_from(["kubernetes_read_logs", ""]),
    link=st.sampled_from(["", "https://grafana.acme.example/d/1", "javascript:alert(1)"]),
    verified=st.booleans(),
)
FINDING = st.builds(Finding, claim=TEXT, evidence=st.lists(EVIDENCE, max_size=6).map(tuple))
CULPRIT = st.builds(
    Culprit,
    object=TEXT,
    file=st.one_of(TEXT, st.just("src/cart/RedisCartStore.cs"), st.just("../../etc/passwd")),
    line=st.integers(min_value=0, max_value=10**6),
    commit=st.one_of(TEXT, st.just("0a1b2c3d4e5f"), st.just("HEAD/../../evil")),
)
DIAGNOSIS = st.builds(
    Diagnosis,
    verdict=st.sampled_from(["fault", "healthy", "inconclusive"]),
    summary=TEXT,
    cause=TEXT,
    confidence=st.floats(min_value=0, max_value=1),
    findings=st.lists(FINDING, max_size=20).map(tuple),
    culprit=CULPRIT,
    actions=st.lists(st.builds(Action, description=TEXT, patch=PATCH), max_size=12).map(tuple),
    unknowns=st.lists(TEXT, max_size=30).map(tuple),
)
REPORTS = st.builds(
    Report,
    outcome=st.sampled_from(get_args(Outcome)),
    diagnosis=st.none() | DIAGNOSIS,
    note=TEXT,
    gaps=st.lists(TEXT, max_size=30).map(tuple),
    cost=st.builds(Cost, usd=st.floats(0, 1e6), cached_share=st.floats(0, 1), model=TEXT),
    tool_calls=st.integers(0, 10_000),
    seconds=st.floats(0, 1e6),
)


def strings(part: Any, inside: str = "") -> Iterator[tuple[str, str]]:
    """Every shown text with the kind of element around it."""
    if isinstance(part, dict):
        kind = str(part.get("type", inside))
        around = inside if inside == "rich_text_preformatted" else kind
        for key, value in part.items():
            if isinstance(value, str):
                if key == "text":
                    yield around, value
            else:
                yield from strings(value, around)
    elif isinstance(part, list):
        for item in part:
            yield from strings(item, inside)


def assert_fits(messages: list[Message]) -> None:
    """Every limit of Slack, as its simulator enforces them."""
    assert messages
    for message in messages:
        assert 0 < len(message.text.encode()) <= 4_000
        assert 1 <= len(message.blocks) <= 50
        assert [str(problem) for problem in check_blocks(message.blocks)] == []
        assert rendered_length(message.blocks) <= MAX_RENDERED


def assert_harmless(messages: list[Message]) -> None:
    """No text of a model becomes a mention, a broadcast or a live link to a foreign host."""
    for message in messages:
        assert not re.search(r"<[!@#]", message.text)
        for kind, text in strings(message.blocks):
            if kind == "mrkdwn":
                assert not re.search(r"<[!@#]", text)
            if kind != "rich_text_preformatted":
                assert "://evil.example" not in text.replace("hxxps://", "")
                assert not re.search(r"@(channel|here|everyone)\b", text)
        for url in links(message.blocks):
            assert url.startswith(("https://github.com/acme/boutique/", "https://grafana.acme"))


def links(part: Any) -> Iterator[str]:
    """Every URL that can be clicked."""
    if isinstance(part, dict):
        if "url" in part:
            yield part["url"]
        for value in part.values():
            yield from links(value)
    elif isinstance(part, list):
        for item in part:
            yield from links(item)


def preformatted(messages: list[Message]) -> str:
    """All preformatted text in order."""
    return "".join(
        text
        for message in messages
        for kind, text in strings(message.blocks)
        if kind == "rich_text_preformatted"
    )


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=REPORTS)
def test_any_report_fits_and_is_harmless(content: Report) -> None:
    """Any text of any length: within every limit, no mention, no foreign link."""
    messages = report(content, RUN, REPOSITORY)
    assert_fits(messages)
    assert_harmless(messages)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=REPORTS)
def test_plain_version_fits_too(content: Report) -> None:
    """The version for a Slack that refuses newer blocks keeps the same limits and uses only old blocks."""
    messages = plain(report(content, RUN, REPOSITORY))
    assert_fits(messages)
    for message in messages:
        assert not re.search(r"<[!@#]", message.text)
        for block in message.blocks:
            assert block["type"] in {"section", "context", "actions"}
            if block["type"] == "section":
                assert not re.search(r"<[!@#]", block["text"]["text"])


@settings(max_examples=50, deadline=None)
@given(patches=st.lists(PATCH, min_size=1, max_size=5))
def test_patches_are_never_cut(patches: list[str]) -> None:
    """Whatever its length, a patch is shown word for word, over several messages if need be."""
    actions = tuple(Action(description="do this", patch=patch) for patch in patches)
    diagnosis = Diagnosis(verdict="fault", summary="x", actions=actions)
    shown = preformatted(report(Report(outcome="diagnosed", diagnosis=diagnosis), RUN))
    wanted = "".join(clean(patch) for patch in patches)
    assert "".join(shown.split()) == "".join(wanted.split())


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
