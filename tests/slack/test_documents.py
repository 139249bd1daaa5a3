"""A diagnosis as Markdown: complete, bounded, and harmless where it is pasted."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.alarms.alarm import Alarm
from bot.incidents.incident import Incident, Member, Origin
from bot.investigation.diagnosis import Action, Cost, Culprit, Diagnosis, Evidence, Finding, Report
from bot.slack.documents import (
    MAX_BODY,
    Asked,
    Run,
    Said,
    issue_body,
    issue_title,
    patches,
    post_incident,
)
from bot.slack.repository import Repository

AT = datetime(2026, 11, 22, 14, 2, tzinfo=UTC)
HERE = Origin(team="T", channel="C", thread_ts="1.000001")
REPOSITORY = Repository(url="https://github.com/acme/boutique")
LINK = "https://acme.slack.example/archives/C/p1000001"
NASTY = st.sampled_from(
    [
        "@team @channel",
        "![x](https://evil.example/y.png)",
        "<script>",
        "```\nopen",
        "x" * 5000,
        "",
        "é€",
    ]
)


def incident(**changes: Any) -> Incident:
    """An incident of half an hour."""
    fields: dict[str, Any] = {
        "id": "i",
        "origin": HERE,
        "alarm": Alarm(source="grafana", name="Cart errors", service="cart", started_at=AT),
        "state": "resolved",
        "occurrences": 3,
        "opened_at": AT,
        "last_seen_at": AT + timedelta(minutes=30),
    }
    return Incident(**(fields | changes))


def diagnosis(text: str = "it is down", **changes: Any) -> Diagnosis:
    """A diagnosis all of whose words are this text."""
    fields: dict[str, Any] = {
        "verdict": "fault",
        "summary": text,
        "cause": text,
        "confidence": 0.8,
        "findings": (Finding(claim=text, evidence=(Evidence(tool_call_id="c1", quote=text),)),),
        "culprit": Culprit(object=text, file=text, line=3, commit=text),
        "actions": (Action(description=text, patch=text),),
        "unknowns": (text,),
    }
    return Diagnosis(**(fields | changes))


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.one_of(NASTY, st.text(max_size=300)))
def test_any_words_are_harmless(text: str) -> None:
    """Nobody is mentioned and nothing foreign is linked or shown, outside of code that is to be copied."""
    found = diagnosis(text)
    about = incident(alarm=Alarm(source="x", name=text or "x", service="s", started_at=AT))
    run = Run("run:1", AT, Report(outcome="diagnosed", diagnosis=found))
    documents = [
        issue_title(about, found),
        issue_body(about, found, REPOSITORY, LINK),
        post_incident(about, [run], [Asked(AT, text)], [Said("wrong", text)], REPOSITORY, LINK),
    ]
    for document in documents:
        outside = re.sub(r"`[^`\n]*`", "", document)
        assert not re.search(r"@[A-Za-z0-9_-]", outside)
        assert "://evil.example" not in outside.replace("hxxps://", "")
    assert len(documents[1]) <= MAX_BODY + 2
    assert patches(found).count("```") in (0, 2)


def test_the_timeline_is_in_order() -> None:
    """Alarms, questions, runs and the end, whoever wrote them, by time."""
    joined = Member(
        fingerprint="f",
        name="High latency",
        service="frontend",
        because="graph",
        origin=HERE,
        first_seen_at=AT + timedelta(seconds=20),
        last_seen_at=AT,
    )
    report = Report(outcome="diagnosed", diagnosis=diagnosis(), seconds=41, cost=Cost(usd=0.06))
    answer = Report(outcome="diagnosed", diagnosis=diagnosis("payment is fine"), seconds=5)
    text = post_incident(
        incident(members=[joined]),
        [
            Run("answer:5.0", AT + timedelta(minutes=5), answer),
            Run("run:1", AT + timedelta(seconds=2), report),
            Run("run:2", None, Report(outcome="failed")),
        ],
        [Asked(AT + timedelta(minutes=4), "and payment?")],
        [Said("right", ""), Said("wrong", "the disk was full")],
        REPOSITORY,
        LINK,
    )
    steps = [
        f"14:02:00 began: Cart errors ([alarm]({LINK}))",
        "14:02:02 investigation began",
        "14:02:20 also firing: High latency (frontend)",
        "14:02:43 investigation: diagnosed – it is down",
        "14:06:00 somebody asked: and payment?",
        "14:07:00 looking into the question began",
        "14:07:05 looking into the question: diagnosed – payment is fine",
        "14:32:00 resolved",
    ]
    places = [text.index(step) for step in steps]
    assert places == sorted(places)
    assert "## Summary\n\nit is down" in text
    assert "(30 min)" in text
    assert "The alarm fired 3 times" in text
    assert "Rated right by 1, wrong by 1." in text
    assert "3 runs of Tocsin for $0.06" in text


def test_an_incident_without_a_diagnosis_has_a_draft_too() -> None:
    """What is not known is left to people."""
    text = post_incident(incident(state="open"), [], [], [], Repository(), "")
    assert "(no diagnosis)" in text
    assert "not resolved yet" in text
    assert "- [ ] How could this have been noticed" in text
