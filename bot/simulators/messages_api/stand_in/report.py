"""The diagnosis as `submit_diagnosis` takes it, from what the facts allow to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.simulators.messages_api.stand_in.blame import Suspect, suspect, victims
from bot.simulators.messages_api.stand_in.case import Case
from bot.simulators.messages_api.stand_in.evidence import Finding, quote
from bot.simulators.messages_api.stand_in.history import (
    CONVINCING,
    Blamed,
    Place,
    best_commit,
    commit_finding,
    place_of,
    source_finding,
)
from bot.simulators.messages_api.stand_in.steps import next_step
from bot.simulators.messages_api.stand_in.undoing import undone

LABEL = "[stand-in model] "
"""Begins every summary, so that nobody takes it for the real model's word."""

_NEEDED = {
    "list_pods": "pods",
    "list_workloads": "workloads",
    "list_events": "events",
    "read_logs": "logs",
    "read_file": "source code",
    "list_commits": "the commit history",
    "show_commit": "diffs",
}
_MOST_UNKNOWNS = 8


@dataclass(frozen=True, slots=True)
class Draft:
    """A diagnosis being put together."""

    verdict: str
    summary: str
    cause: str
    confidence: float
    findings: tuple[Finding, ...] = ()
    ref: str = ""
    file: str = ""
    line: int = 0
    commit: str = ""
    actions: tuple[tuple[str, str], ...] = ()
    unknowns: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The input of `submit_diagnosis`."""
        return {
            "verdict": self.verdict,
            "summary": LABEL + self.summary,
            "cause": self.cause,
            "confidence": round(self.confidence, 2),
            "findings": [finding.as_json() for finding in self.findings if finding.proof],
            "culprit": {
                "object": self.ref,
                "file": self.file,
                "line": self.line,
                "commit": self.commit,
            },
            "actions": [{"description": text, "patch": patch} for text, patch in self.actions],
            "unknowns": list(self.unknowns),
        }


def diagnose(case: Case) -> dict[str, Any]:
    """The input of `submit_diagnosis` for what is known now."""
    blamed = suspect(case)
    if blamed is not None:
        draft = _fault(case, blamed)
    elif _all_clear(case):
        draft = _healthy(case)
    else:
        draft = _inconclusive(case)
    draft = replace(draft, unknowns=_unknowns(case, draft))
    if draft.verdict == "inconclusive":
        check = f"Look at this by hand first: {draft.unknowns[0]}"
        draft = replace(draft, actions=((check, ""),))
    return _without(draft.as_json(), case.transcript.complaint)


def _fault(case: Case, blamed: Suspect) -> Draft:
    place = place_of(case, blamed)
    commit = best_commit(case, blamed, place)
    findings = [*blamed.findings, *victims(case, blamed.name)]
    source = source_finding(case, place) if place is not None else None
    findings += [source] if source is not None else []
    if commit is not None:
        findings += [commit_finding(commit), *_rollout(case, commit)]
    file, line = _file(place, commit)
    return Draft(
        verdict="fault",
        summary=_summary(case, blamed, file, line, commit),
        cause=_cause(blamed, file, line),
        confidence=_confidence(blamed, place, commit),
        findings=tuple(findings),
        ref=blamed.ref,
        file=file,
        line=line,
        commit=commit.shown.sha if commit is not None else "",
        actions=tuple(_actions(case, blamed, commit)),
    )


def _cause(blamed: Suspect, file: str, line: int) -> str:
    """The mechanism, without repeating the summary."""
    if blamed.trace is None:
        return f"{blamed.cause}: {blamed.sentence}"
    thrown = blamed.trace.type or "an error"
    return f"{blamed.cause}: {blamed.ref} throws {thrown} at {file or blamed.trace.frame.path}:{line or blamed.trace.frame.line}"


def _file(place: Place | None, commit: Blamed | None) -> tuple[str, int]:
    if place is not None:
        return place.path, place.line
    return (commit.change.path, commit.change.number) if commit is not None else ("", 0)


def _summary(case: Case, blamed: Suspect, file: str, line: int, commit: Blamed | None) -> str:
    parts = [f"{blamed.sentence}."]
    others = [name for name in case.subjects if name != blamed.name]
    if others:
        parts.append(f"{', '.join(others)} is the victim.")
    if file:
        parts.append(f"The place is {file}{f':{line}' if line else ''}.")
    if commit is not None:
        parts.append(f"It came with commit {commit.shown.sha[:10]} ({commit.shown.subject}).")
    return " ".join(parts)


def _confidence(blamed: Suspect, place: Place | None, commit: Blamed | None) -> float:
    sure = blamed.confidence
    sure += 0.1 if place is not None and place.code else 0.0
    sure += 0.1 if commit is not None and commit.score >= CONVINCING else 0.0
    return min(sure, 0.95)


def _rollout(case: Case, commit: Blamed) -> list[Finding]:
    """The rollout whose image carries the commit."""
    short = commit.shown.sha[:7]
    for call in case.transcript.results("rollout_history"):
        for line in call.lines:
            if short in line:
                return [Finding(f"The rollout runs commit {short}", (quote(call, line),))]
    return []


def _actions(case: Case, blamed: Suspect, commit: Blamed | None) -> list[tuple[str, str]]:
    namespace = f" -n {case.place['namespace']}" if case.place else ""
    if blamed.cause == "scaled_to_zero":
        return [
            (
                f"Scale {blamed.ref} up again, after asking who scaled it down.",
                f"kubectl scale {blamed.ref} --replicas=1{namespace}",
            )
        ]
    if commit is not None:
        short = commit.shown.sha[:10]
        return [
            (f"Roll {blamed.ref} back now.", f"kubectl rollout undo {blamed.ref}{namespace}"),
            (
                f"Revert {short}, or take back what it changed in {commit.change.path}.",
                undone(commit.shown, commit.change) or f"git revert {commit.shown.sha}",
            ),
        ]
    return [(f"Look at {blamed.ref}: {blamed.cause.replace('_', ' ')}.", "")]


def _all_clear(case: Case) -> bool:
    """Pods were listed, none is sick, and a log was read without an error in it."""
    read = [view for view in case.logs if not view.of_crash]
    wanted = [name for name in case.subjects if name in case.cluster.names()]
    covered = all(any(view.subject == name for view in read) for name in wanted)
    return bool(case.looked_at_cluster and read and covered and not _troubled(case))


def _troubled(case: Case) -> bool:
    broken = [f for f in case.faults if f.cause != "scaled_to_zero" or f.recent_scale_down]
    return bool(broken) or any(view.errors for view in case.logs)


def _healthy(case: Case) -> Draft:
    pods = list(case.cluster.pods.values())
    calls = (
        case.transcript.results("list_pods")[-1:] or case.transcript.results("list_workloads")[-1:]
    )
    findings = [
        Finding("Everything that should run is ready", (quote(call, call.lines[0]),))
        for call in calls
        if call.lines
    ]
    for view in case.logs[-3:]:
        told = [line for line in view.call.lines[:3] if line.strip()]
        if told:
            claim = f"No recent error in the logs of {view.subject}"
            findings.append(Finding(claim, (quote(view.call, told[:2][-1]),)))
    asked = ", ".join(case.subjects) or "the namespace"
    return Draft(
        verdict="healthy",
        summary=f"Nothing is wrong now with {asked}: {len(pods)} pods are ready and the logs that were read hold no recent error. "
        "The alarm describes something that is over, or was a false alarm.",
        cause="healthy: no fault found in state or logs",
        confidence=0.75,
        findings=tuple(findings),
    )


def _inconclusive(case: Case) -> Draft:
    seen = [
        Finding("This could not be looked at", (quote(call, call.lines[0]),))
        for call in case.gaps[:2]
        if call.lines and call.lines[0].strip()
    ]
    reason = (
        "the tools did not show enough"
        if case.looked_at_cluster
        else "the cluster could not be looked at"
    )
    return Draft(
        verdict="inconclusive",
        summary=f"No cause found: {reason}. What could not be checked is listed below.",
        cause="",
        confidence=0.1,
        findings=tuple(seen),
    )


def _unknowns(case: Case, draft: Draft) -> tuple[str, ...]:
    missing = [what for action, what in _NEEDED.items() if action not in case.transcript.tools]
    told = [f"No tool to look at {', '.join(missing)}."] if missing else []
    for call in case.gaps:
        line = next((line.strip() for line in call.lines if line.strip()), "no text")
        told.append(f"{call.action} failed: {line[:160]}")
    if case.transcript.last_words and next_step(case) is not None:
        told.append("Time was up before every step was made.")
    if draft.verdict == "fault" and not draft.commit:
        told.append("Which change brought it, if any: no commit that was read explains it.")
    told.append("Metrics and traces were not looked at.")
    return tuple(dict.fromkeys(told))[:_MOST_UNKNOWNS]


def _without(diagnosis: dict[str, Any], complaint: str) -> dict[str, Any]:
    """Leave out quotes that the caller refused."""
    if not complaint:
        return diagnosis

    def kept(finding: Mapping[str, Any]) -> dict[str, Any]:
        evidence = [item for item in finding["evidence"] if not _named(item["quote"], complaint)]
        return {**finding, "evidence": evidence}

    findings = [kept(finding) for finding in diagnosis["findings"]]
    return {**diagnosis, "findings": [finding for finding in findings if finding["evidence"]]}


def _named(words: str, complaint: str) -> bool:
    """Whether the complaint names this quote, as it is or in Python's notation."""
    return words[:60] in complaint or repr(words)[1:50] in complaint
