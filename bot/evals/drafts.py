"""A judged diagnosis as a scenario: a draft that holds all that is known, and says what is not.

What monitoring posted, what was diagnosed, what people thought of it and what every tool returned was recorded; the
world behind the tools was not. So a draft is completed by a person before `tocsin eval` plays it. Pure, but for `write`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC
from pathlib import Path
from typing import Any

import yaml

from bot.alarms.catalog import ServiceCatalog
from bot.alarms.recognise import recognise
from bot.investigation.diagnosis import Diagnosis
from bot.scenario import FILE
from bot.slack.ballot import Opinion
from bot.slack.cases import Case
from bot.slack.inbound import normalise

_OF_A_POST = (
    *("type", "subtype", "user", "bot_id", "app_id", "username", "bot_profile", "team"),
    *("text", "blocks", "attachments"),
)
"""What of a Slack message belongs into a scenario: the workspace adds the rest."""
_OBJECT = re.compile(
    r"\b(?:deployment|statefulset|daemonset|service|pod|node|job|cronjob|configmap|secret|ingress|replicaset)/[a-z0-9][a-z0-9.-]*[a-z0-9]"
)
_FILE = re.compile(r"(?<![\w/.:-])(?:[\w@-][\w.@-]*/)+[\w@-][\w.@-]*\.[A-Za-z]\w{0,9}\b")
_SHA = re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,40}\b")
_UNNAMED = re.compile(r"[^a-z0-9]+")


def name_of(case: Case) -> str:
    """The folder's name, and the scenario's id: `2026-11-22-cart-errors-1a2b3c`."""
    words = _UNNAMED.sub("-", case.incident.alarm.name.lower()).strip("-")[:40].strip("-")
    run = "" if case.slot == "run:1" else f"-{_UNNAMED.sub('-', case.slot)}"
    mark = case.incident.id.rpartition("-")[2][:8]
    return f"{case.incident.opened_at:%Y-%m-%d}-{words or 'alarm'}-{mark}{run}"


def write(case: Case, opinions: Sequence[Opinion], folder: Path) -> bool:
    """Write the draft below `folder`; False when there is one of this name already, which is left as it is."""
    place = folder / name_of(case)
    if place.exists():
        return False
    evidence = place / "evidence"
    evidence.mkdir(parents=True)
    header = "# A draft from people's feedback; README.md says what is missing.\n"
    document = yaml.safe_dump(
        scenario(case, opinions), sort_keys=False, allow_unicode=True, width=120
    )
    (place / FILE).write_text(header + document, encoding="utf-8")
    report = case.report.model_dump_json(indent=2, exclude={"chart"})
    (place / "diagnosis.json").write_text(f"{report}\n", encoding="utf-8")
    for name, text in results(case):
        (evidence / name).write_text(text, encoding="utf-8")
    (place / "README.md").write_text(readme(case, opinions), encoding="utf-8")
    return True


def scenario(case: Case, opinions: Sequence[Opinion]) -> dict[str, Any]:
    """`scenario.yaml`, a draft."""
    incident = case.incident
    verdicts = sorted({opinion.vote.vote for opinion in opinions})
    return {
        "id": name_of(case),
        "title": incident.alarm.name,
        "tags": ["feedback", *verdicts, incident.alarm.source],
        "draft": True,
        "now": incident.opened_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        "service": incident.alarm.service,
        "namespace": incident.alarm.namespace or "default",
        "alarm": {"question": incident.question} if incident.question else {"post": _post(case)},
        "expected": _expected(case, opinions),
    }


def _post(case: Case) -> dict[str, Any]:
    """The alarm's post; where it is gone, or is no longer the alarm that it was, its text."""
    if case.post is not None:
        kept = {name: case.post[name] for name in _OF_A_POST if name in case.post}
        again = recognise(normalise({**kept, "ts": case.post.get("ts")}), ServiceCatalog())
        if again is not None and again.state == "firing":
            return kept
    alarm = case.incident.alarm
    sender = alarm.source.capitalize()
    return {
        "type": "message",
        "subtype": "bot_message",
        "username": sender,
        "text": alarm.text or alarm.name,
    }


def _expected(case: Case, opinions: Sequence[Opinion]) -> dict[str, Any]:
    """From the diagnosis when people say that it is right; else from their own words, as far as they name things."""
    votes = {opinion.vote.vote for opinion in opinions}
    found = case.report.diagnosis
    if votes == {"right"} and found is not None:
        return _right(case, found)
    said = "\n".join(opinion.really for opinion in opinions)
    return {
        "verdict": "fault",
        "object": _first(_OBJECT, said),
        "cause": "",
        "file": _first(_FILE, said),
        "commit": _whole(_first(_SHA, said), case) or "none",
    }


def _right(case: Case, found: Diagnosis) -> dict[str, Any]:
    culprit = found.culprit
    return {
        "verdict": "healthy" if found.verdict == "healthy" else "fault",
        "object": culprit.object,
        "cause": "",
        "file": culprit.file,
        "commit": _whole(culprit.commit, case) or "none",
    }


def results(case: Case) -> Iterator[tuple[str, str]]:
    """File name and text of each recorded tool result."""
    for result in case.results:
        name = "-".join(part for part in (result.model, result.call, result.tool) if part)
        head = {"tool": result.tool, "arguments": result.arguments, "is_error": result.is_error}
        line = json.dumps(head, ensure_ascii=False, sort_keys=True)
        yield f"{_UNNAMED.sub('-', name.lower())}.txt", f"{line}\n\n{result.text}\n"


def readme(case: Case, opinions: Sequence[Opinion]) -> str:
    """What is here, what people said, and what is missing."""
    gone = "" if case.post or case.incident.question else _POST_GONE
    lines = [
        f"# {case.incident.alarm.name}",
        "",
        "Exported from feedback. Secrets were replaced before anything was stored; names of people, hosts and customers "
        "were not: read it before you share it.",
        "",
        "## What people said",
        "",
        *_said(opinions),
        "",
        "## What is here",
        "",
        f"- `{FILE}`: the alarm as it was posted, and what is expected as far as it is known. {gone}".rstrip(),
        "- `diagnosis.json`: what Tocsin said.",
        f"- `evidence/`: what the tools returned, one file for each of {len(case.results)} calls, shortened in the middle when very long.",
        "",
        "## What is not recorded",
        "",
        "The world behind the tools: objects of the cluster, the repository, metrics. Before this can be played,",
        "",
        "1. write them down as far as the evidence shows them: `cluster.json`, `repo/` and `history.yaml`, `metrics.csv` "
        "(the format is in bot/evals/scenarios/README.md),",
        f"2. check `expected` in `{FILE}`, and give `cause` its class (`tocsin triage --causes` lists them),",
        "3. take `draft: true` out, and play it: `tocsin eval --scenarios` with the folder that this one is in.",
    ]
    return "\n".join(lines) + "\n"


_POST_GONE = "The post itself could not be read any more; this is its text."


def _said(opinions: Sequence[Opinion]) -> Iterator[str]:
    for opinion in opinions:
        really = " ".join(opinion.really.split())
        yield f"- {opinion.vote.vote}" + (f", what it really was: {really}" if really else "")
    if len({opinion.vote.vote for opinion in opinions}) > 1:
        yield "- They disagree: `expected` follows those who say that it was wrong."


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    return found[0] if found else ""


def _whole(sha: str, case: Case) -> str:
    """The full sha, where a tool showed it: a score compares whole ones."""
    if not sha or len(sha) == 40:
        return sha
    whole = re.compile(rf"\b{re.escape(sha)}[0-9a-f]{{{40 - len(sha)}}}\b")
    return next((found for result in case.results if (found := _first(whole, result.text))), sha)


def opinions_of(case: Case, every: Mapping[str, Sequence[Opinion]]) -> list[Opinion]:
    """What people said of exactly this diagnosis; `every` is by incident."""
    return [each for each in every.get(case.incident.id, ()) if each.vote.slot == case.slot]
