"""A quote counts only when it stands in what the tool returned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.investigation.diagnosis import Diagnosis, Evidence, Finding
from bot.investigation.evidence import Source, check, failures, occurs

LOG = """2026-11-18T14:21:07Z fail: Grpc.AspNetCore.Server.ServerCallHandler[6]
      Error when executing service method 'AddItem'.
      System.Exception: no loafers
   at cartservice.cartstore.RedisCartStore.AddItemAsync(String userId) in /app/cartstore/RedisCartStore.cs:line 40"""
LISTING = """38 | public async Task AddItemAsync(string userId)
39 | {
40 |     throw new Exception("no loafers");"""


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("System.Exception: no loafers", LOG, True),
        ("Error when executing service method 'AddItem'.\nSystem.Exception: no loafers", LOG, True),
        ("System.Exception:   no\tloafers", LOG, True),
        ("fail: Grpc.AspNetCore … RedisCartStore.cs:line 40", LOG, True),
        ("RedisCartStore.cs:line 40 ... fail: Grpc.AspNetCore", LOG, False),
        ("System.Exception: no boots", LOG, False),
        ("system.exception: no loafers", LOG, False),
        ("fail", LOG, False),
        ("", LOG, False),
        ("…", LOG, False),
        ('throw new Exception("no loafers");', LISTING, True),
        ('{\n    throw new Exception("no loafers");', LISTING, True),
        ('39 | {\n40 |     throw new Exception("no loafers");', LISTING, True),
        ('39: {\n40: throw new Exception("no loafers");', LISTING, True),
        ('41 |     throw new Exception("no loafers");', LISTING, False),
        ("0 restarts of the pod", "17 restarts of the pod", False),
        ("99 pods ready", "12 pods ready", False),
        ("00 | throw new Exception", LISTING, False),
        ("healthy since noon", "unhealthy since noon", False),
        ("exit code 1", "exit code 137", False),
        ("exit code 137", "exit code 137", True),
        ("0 restarts of the pod", "10 restarts of the pod", False),
        ("System.Exception: no loaf", LOG, True),
        ("fail … Grpc … cart … line", LOG, False),
        ("no loafers … at cartservice", f"{LOG}\n{'x' * 9000}\nat cartservice.end", True),
        ("no loafers … by the end", f"{LOG}\n{'x' * 9000}\nby the end", False),
    ],
)
def test_white_space_and_line_numbers_do_not_count_words_do(
    quote: str, text: str, found: bool
) -> None:
    """Exactly what the prompt promises the model."""
    assert occurs(quote, text) is found


@given(st.text(max_size=200), st.data())
def test_every_piece_of_a_text_is_found_in_it(text: str, data: st.DataObject) -> None:
    """No false accusation: what was really copied is accepted."""
    words = " ".join(f"word{number}" for number in range(8))
    whole = f"{text}\n{words}\n{text}"
    start = words.index(f"word{data.draw(st.integers(0, 5))}")

    assert occurs(words[start : start + 11], whole)


@given(st.integers(0, 999), st.integers(0, 999), st.sampled_from(["", "\t", "  "]))
def test_a_changed_number_is_never_found(real: int, claimed: int, indent: str) -> None:
    """Counts at the beginning of a line are not line numbers."""
    text = f"NAME READY\n{indent}{real} replicas are ready\nend"

    assert occurs(f"{claimed} replicas are ready", text) is (real == claimed)


def _diagnosis(*findings: Finding, verdict: str = "fault", confidence: float = 0.9) -> Diagnosis:
    return Diagnosis.model_validate(
        {"verdict": verdict, "summary": "s", "confidence": confidence, "findings": findings}
    )


def _finding(quote: str, label: str = "c1") -> Finding:
    return Finding(claim="it throws", evidence=(Evidence(tool_call_id=label, quote=quote),))


SOURCES = {"c1": Source("kubernetes_read_logs", LOG)}


def test_a_proven_diagnosis_keeps_its_confidence() -> None:
    """The quote is marked, the tool filled in, brackets around the id forgiven."""
    checked = check(_diagnosis(_finding("no loafers", "[c1]")), SOURCES)

    assert checked.confidence == 0.9
    assert checked.findings[0].verified
    assert checked.findings[0].evidence[0].tool == "kubernetes_read_logs"
    assert failures(checked) == []


def test_unproven_claims_cost_confidence() -> None:
    """Half of the findings unproven: three quarters of the confidence; none proven: half of it."""
    half = check(_diagnosis(_finding("no loafers"), _finding("made up")), SOURCES)
    none = check(_diagnosis(_finding("made up"), _finding("no loafers", "c9")), SOURCES)

    assert half.confidence == pytest.approx(0.68, abs=0.01)
    assert none.confidence == 0.45
    assert len(failures(none)) == 2
    short = check(_diagnosis(_finding("fail")), SOURCES)
    assert failures(short) == ["Too short to prove anything: 'fail'. Quote the whole line."]


def test_the_model_cannot_mark_its_own_quotes() -> None:
    """A claimed `verified` is checked like any other."""
    forged = Finding(
        claim="x", evidence=(Evidence(tool_call_id="c1", quote="made up", verified=True),)
    )

    assert not check(_diagnosis(forged), SOURCES).findings[0].verified


def test_a_verdict_needs_findings_unless_it_is_inconclusive() -> None:
    """A bare claim of fault goes back; honest ignorance does not."""
    assert failures(check(_diagnosis(), SOURCES))
    assert failures(check(_diagnosis(Finding(claim="x")), SOURCES))
    assert not failures(check(_diagnosis(verdict="inconclusive"), SOURCES))
    assert check(_diagnosis(verdict="inconclusive", confidence=0.4), SOURCES).confidence == 0.4
