"""Answers to questions that came after a diagnosis: the new look first, then what still stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.simulators.messages_api.stand_in.case import Case
from bot.simulators.messages_api.stand_in.evidence import Finding, quote
from bot.simulators.messages_api.stand_in.log_errors import message_of
from bot.simulators.messages_api.stand_in.report import LABEL, diagnose

_STANDS = "The diagnosis stands: "


def answer(case: Case) -> dict[str, Any]:
    """The input of `submit_diagnosis` that answers the latest question."""
    earlier = case.transcript.diagnosis
    looked = diagnose(case)
    if earlier is None or not _about_others(case, earlier):
        return looked
    if (
        looked["verdict"] == "fault"
        and looked["culprit"] != earlier["culprit"]
        and _own(case, looked)
    ):
        return looked
    return _stands(case, earlier)


def _about_others(case: Case, earlier: Mapping[str, Any]) -> bool:
    """Whether the question is about something else than what was blamed, with a fault still on the table."""
    blamed = str(earlier["culprit"]["object"]).rpartition("/")[2]
    return earlier["verdict"] == "fault" and bool(case.subjects) and blamed not in case.subjects


def _own(case: Case, looked: Mapping[str, Any]) -> bool:
    return str(looked["culprit"]["object"]).rpartition("/")[2] in case.subjects


def _stands(case: Case, earlier: Mapping[str, Any]) -> dict[str, Any]:
    findings = [finding.as_json() for name in case.subjects for finding in _state_of(case, name)]
    told = " ".join(_sentence(case, name) for name in case.subjects)
    before = str(earlier["summary"]).removeprefix(LABEL).rpartition(_STANDS)[2]
    return {
        **earlier,
        "summary": f"{LABEL}{told} {_STANDS}{before}",
        "findings": [*findings, *earlier["findings"]],
    }


def _state_of(case: Case, name: str) -> list[Finding]:
    found: list[Finding] = []
    pods = case.cluster.pods_of(name)
    workload = case.cluster.workloads.get(name)
    if pods:
        pod = pods[0]
        claim = f"{name}: {sum(not p.sick for p in pods)} of {len(pods)} pods are healthy"
        found.append(Finding(claim, (quote(pod.call, pod.line),)))
    elif workload is not None:
        found.append(Finding(f"{name} has no pods", (quote(workload.call, workload.line),)))
    for view in case.logs_of(name)[:1]:
        line = view.errors[0].line if view.errors else next(iter(view.call.lines), "")
        claim = f"{name} logs errors" if view.errors else f"{name} logs no recent errors"
        found += [Finding(claim, (quote(view.call, line),))] if line.strip() else []
    return found


def _sentence(case: Case, name: str) -> str:
    fault = next((fault for fault in case.faults if fault.name == name), None)
    if fault is not None:
        return f"{fault.sentence}."
    errors = [error for view in case.logs_of(name) for error in view.errors]
    if errors:
        return f"{name} is up but logs errors: “{message_of(errors[0].line)[:160]}”."
    pods = case.cluster.pods_of(name)
    if not pods:
        return f"Nothing is known about {name}: no pods were found."
    clean = (
        "and its recent logs hold no errors" if case.logs_of(name) else "its logs could not be read"
    )
    return f"{name} is not to blame: {len(pods)} of {len(pods)} pods are ready {clean}."
