"""Judged diagnoses become drafts of scenarios: what is known is in them, what is not is said."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.alarms.alarm import Alarm
from bot.errors import ConfigurationError
from bot.evals.drafts import scenario, write
from bot.incidents.incident import Incident, Origin
from bot.investigation.diagnosis import Culprit, Diagnosis, Report
from bot.scenario import load, load_all
from bot.slack.ballot import Opinion
from bot.slack.cases import Case, Result
from bot.slack.controls import Vote

SHA = "a65e65621925a8ecc4e40dd4d25ac15cbe309198"
POST: dict[str, Any] = {
    "type": "message",
    "ts": "1795338000.000100",
    "channel": "C1",
    "bot_id": "B1",
    "reactions": [{"name": "eyes"}],
    "text": "",
    "attachments": [{"color": "danger", "title": "[FIRING:1] CartErrors (cart boutique)"}],
}
RESULT = Result(
    call="c3",
    model="",
    tool="github_list_commits",
    arguments={"path": "src/Cart.cs"},
    text=f"{SHA} 2026-11-18 do not sell loafers",
    is_error=False,
)


def case(post: dict[str, Any] | None = POST, **about: Any) -> Case:
    """A diagnosis that blames a commit."""
    at = datetime(2026, 11, 22, 14, 20, tzinfo=UTC)
    fired = Alarm(
        source="alertmanager", name="Cart Errors!", service="cart", namespace="boutique",
        started_at=at, text="Cart fails",
    )  # fmt: skip
    culprit = Culprit(object="deployment/cart", file="src/Cart.cs", line=38, commit=SHA[:10])
    found = Diagnosis(verdict="fault", summary="s", culprit=culprit, confidence=0.9)
    here = Origin(team="T", channel="C1", thread_ts="1795338000.000100")
    incident = Incident(
        id="f00-1a2b3c", origin=here, alarm=fired, opened_at=at, last_seen_at=at, **about
    )
    report = Report(outcome="diagnosed", diagnosis=found)
    return Case(incident=incident, slot="run:1", report=report, results=(RESULT,), post=post)


def opinion(vote: str, really: str = "") -> Opinion:
    """One person's vote."""
    cast = Vote.model_validate({"incident": "f00-1a2b3c", "slot": "run:1", "vote": vote})
    return Opinion(vote=cast, user="U1", really=really)


def test_right_expects_what_was_diagnosed() -> None:
    """With the commit's whole sha, as a tool showed it."""
    made = scenario(case(), [opinion("right")])
    assert made["expected"] == {
        "verdict": "fault",
        "object": "deployment/cart",
        "cause": "",
        "file": "src/Cart.cs",
        "commit": SHA,
    }
    assert made["alarm"]["post"]["attachments"] == POST["attachments"]
    assert made["alarm"]["post"].keys() & {"ts", "channel", "reactions"} == set()


def test_wrong_expects_what_a_person_named() -> None:
    """What they wrote in words is for a person to complete; one who disagrees is not outvoted by silence."""
    really = f"It was statefulset/redis-cart, see config/redis.yaml and {SHA[:7]}. Nothing else."
    made = scenario(case(), [opinion("right"), opinion("wrong", really)])
    assert made["expected"] == {
        "verdict": "fault",
        "object": "statefulset/redis-cart",
        "cause": "",
        "file": "config/redis.yaml",
        "commit": SHA,
    }
    vague = scenario(case(), [opinion("wrong", "somebody pulled a plug")])["expected"]
    assert (vague["object"], vague["file"], vague["commit"]) == ("", "", "none")


@pytest.mark.parametrize(
    "post",
    [None, {**POST, "attachments": [{"color": "good", "title": "[RESOLVED] CartErrors (cart)"}]}],
    ids=["gone", "edited to resolved"],
)
def test_a_post_that_is_gone_is_replaced_by_its_text(post: dict[str, Any] | None) -> None:
    """What was read of it when it fired."""
    made = scenario(case(post), [opinion("right")])
    assert made["alarm"]["post"]["text"] == "Cart fails"


def test_a_question_stays_one() -> None:
    """An investigation that a person asked for."""
    made = scenario(case(None, question="why is cart slow?"), [opinion("right")])
    assert made["alarm"] == {"question": "why is cart slow?"}


def test_a_draft_is_written_once_and_not_played(tmp_path: Path) -> None:
    """It can be read as a scenario; nobody's work on it is overwritten; it is played when it is complete."""
    said = [opinion("wrong", "the disk was full\n# not a heading")]
    assert write(case(), said, tmp_path)
    place = tmp_path / "2026-11-22-cart-errors-1a2b3c"
    assert load(place).draft
    text = (place / "README.md").read_text()
    assert "- wrong, what it really was: the disk was full # not a heading" in text
    assert "What is not recorded" in text
    (evidence,) = (place / "evidence").iterdir()
    assert SHA in evidence.read_text()
    with pytest.raises(ConfigurationError, match="is a draft"):
        load_all(tmp_path)

    document = yaml.safe_load((place / "scenario.yaml").read_text())
    (place / "scenario.yaml").write_text(yaml.safe_dump({**document, "draft": False}))
    assert not write(case(), said, tmp_path)
    assert [each.id for each in load_all(tmp_path)] == [place.name]
