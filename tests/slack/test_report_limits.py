"""The terminal message is within Slack's limits for any content, and harmless whatever it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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
from bot.simulators.slack.blockkit.blocks import rendered_length
from bot.simulators.slack.blockkit.rules import MAX_RENDERED, check_blocks
from bot.slack.blocks import Around, long_patches, report
from bot.slack.controls import Run
from bot.slack.markdown import clean
from bot.slack.message import Message
from bot.slack.plain import flat, plain
from bot.slack.repository import Repository
from tests.slack.shown import links, strings

RUN = Run(incident="abc-1", slot="run:1")
REPOSITORY = Repository(url="https://github.com/acme/boutique")
AROUND = Around(
    repository=REPOSITORY,
    permalink="https://grafana.acme.example/p1",
    links=tuple(
        Link(label="Dashboard", url=f"https://grafana.acme.example/d/{n}") for n in range(9)
    ),
    issues=True,
)
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
        "\x1b\u200b",
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


def code_blocks(messages: list[Message]) -> list[str]:
    """All preformatted texts in order."""
    return [
        text
        for message in messages
        for kind, text in strings(message.blocks)
        if kind == "rich_text_preformatted"
    ]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=REPORTS)
def test_any_report_fits_and_is_harmless(content: Report) -> None:
    """Any text of any length: within every limit, no mention, no foreign link."""
    messages = report(content, RUN, AROUND)
    assert_fits(messages)
    assert_harmless(messages)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=REPORTS)
def test_plain_version_fits_too(content: Report) -> None:
    """The version for a Slack that refuses newer blocks keeps the same limits and uses only old blocks."""
    messages = plain(report(content, RUN, AROUND))
    assert_fits(messages)
    for message in messages:
        assert not re.search(r"<[!@#]", message.text)
        for block in message.blocks:
            assert block["type"] in {"section", "context", "actions"}
            if block["type"] == "section":
                assert not re.search(r"<[!@#]", block["text"]["text"])


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(content=REPORTS)
def test_opened_version_fits_too(content: Report) -> None:
    """The version without blocks that fold up keeps the same limits and says the same."""
    folded = report(content, RUN, AROUND)
    opened = flat(folded)
    assert_fits(opened)
    assert_harmless(opened)
    assert "container" not in {block["type"] for message in opened for block in message.blocks}
    assert code_blocks(opened) == code_blocks(folded)
    assert "language" not in str([message.blocks for message in opened])


@pytest.mark.parametrize("way", [list, flat, plain])
def test_what_cannot_be_seen_is_left_out(way: Callable[[list[Message]], list[Message]]) -> None:
    """Control characters alone are no text: Slack refuses a whole message for one empty element."""
    said = "\x1b\u200b"
    diagnosis = Diagnosis(
        verdict="fault",
        summary=said,
        cause=said,
        culprit=Culprit(object=said, file=said, commit=said),
        findings=(Finding(claim=said, evidence=(Evidence(tool_call_id="c1", quote=said),)),),
        actions=(Action(description=said, patch=said),),
        unknowns=(said,),
    )
    content = Report(outcome="diagnosed", diagnosis=diagnosis, note=said, gaps=(said,))
    messages = way(report(content, RUN, AROUND))
    assert_fits(messages)
    shown = str([message.blocks for message in messages])
    assert not [title for title in ("Where", "Cause", "Not checked") if f"'{title}'" in shown]


@settings(max_examples=50, deadline=None)
@given(patches=st.lists(PATCH, min_size=1, max_size=5))
def test_patches_are_never_cut(patches: list[str]) -> None:
    """Each patch is one whole code block, word for word, or, when no message takes it, a whole file."""
    actions = tuple(Action(description="do this", patch=patch) for patch in patches)
    diagnosis = Diagnosis(verdict="fault", summary="x", actions=actions)
    content = Report(outcome="diagnosed", diagnosis=diagnosis)
    shown = code_blocks(report(content, RUN))
    filed = [text for _, text in long_patches(content)]
    wanted = [clean(patch) for patch in patches if clean(patch).strip()]
    assert sorted([*shown, *filed]) == sorted(wanted)
