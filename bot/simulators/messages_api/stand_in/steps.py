"""What to look at next: each step names the calls it still wants, and the first step that wants any is taken."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from bot.simulators.messages_api.stand_in.blame import Suspect, suspect
from bot.simulators.messages_api.stand_in.case import Case
from bot.simulators.messages_api.stand_in.history import (
    CONVINCING,
    Place,
    best_commit,
    candidates,
    data_file,
    place_of,
    search_words,
)
from bot.simulators.messages_api.stand_in.log_errors import GREP
from bot.simulators.messages_api.stand_in.repository import known_folders
from bot.simulators.messages_api.stand_in.state_faults import StateFault

MOST_CALLS = 48
"""Calls for one question, after which the investigator says what it has."""
_RECENT = "30m"
_HISTORY = "3d"
_NOW = "2m"
_LAST = 3
_LATEST = 10
"""Matching lines and messages to read before the verdict, the newest ones."""
_MATCHES = 40
"""Matching log lines to read of one container."""
_AROUND = 12
"""Lines before and after a failing line."""
_MOST_SICK = 3
_MOST_SAMPLED = 6
_CERTAIN = 8
"""Severity of a fault from which on nobody else's logs need to be read."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A call to make."""

    action: str
    arguments: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """Calls to make together, and a sentence why."""

    thought: str
    calls: tuple[Wanted, ...]


def next_step(case: Case) -> Step | None:
    """The next calls, None when there is nothing left to look at."""
    room = MOST_CALLS - sum(1 for call in case.transcript.calls if call.fresh)
    for step in (
        _survey,
        _closer,
        _follow,
        _find_source,
        _read_source,
        _read_commits,
        _deployed,
        _verify,
    ):
        thought, wanted = step(case)
        calls: list[Wanted] = []
        for call in wanted:
            if case.wants(call.action, call.arguments) and call not in calls:
                calls.append(call)
        if calls and room > 0:
            return Step(thought, tuple(calls[:room]))
    return None


_Looked = tuple[str, Iterator[Wanted]]


def _survey(case: Case) -> _Looked:
    about = case.alerted or "the alarm"
    if case.transcript.follow_up:
        about = ", ".join(case.subjects) or "the question"
    return f"First the state of the namespace, with {about} in mind.", _survey_calls(case)


def _survey_calls(case: Case) -> Iterator[Wanted]:
    yield Wanted("list_workloads", case.place)
    yield Wanted("list_pods", case.place)
    yield Wanted("list_events", case.place)


def _closer(case: Case) -> _Looked:
    sick = [fault.name for fault in _interesting(case)[:_MOST_SICK]]
    if sick:
        thought = (
            f"Not as it should be: {', '.join(sick)}. I look at that and at what {_who(case)} logs."
        )
    else:
        thought = f"Nothing is visibly broken, so I read what {_who(case)} logs."
    return thought, _closer_calls(case)


def _closer_calls(case: Case) -> Iterator[Wanted]:
    for fault in _interesting(case)[:_MOST_SICK]:
        yield from _examine(case, fault)
    names = case.subjects or ([] if case.faults else case.cluster.names()[:_MOST_SAMPLED])
    for name in names:
        yield from _look_at(case, name)


def _examine(case: Case, fault: StateFault) -> Iterator[Wanted]:
    if not fault.pod:
        yield Wanted(
            "describe_workload", {"name": fault.name, **_kind(case, fault.name), **case.place}
        )
        return
    yield Wanted("describe_pod", {"name": fault.pod, **case.place})
    if fault.restarted:
        yield Wanted("read_logs", {"pod": fault.pod, "previous": True, "tail": 100, **case.place})
    elif fault.cause == "not_ready":
        yield Wanted("read_logs", {"pod": fault.pod, "tail": 100, **case.place})


def _look_at(case: Case, name: str) -> Iterator[Wanted]:
    yield Wanted("describe_workload", {"name": name, **_kind(case, name), **case.place})
    yield from _grep(case, name)


def _grep(case: Case, name: str) -> Iterator[Wanted]:
    known = case.cluster.workloads.get(name)
    if known is None or known.desired != 0:
        asked = {"workload": name, "grep": GREP, "since": _RECENT, "tail": _MATCHES}
        yield Wanted("read_logs", {**asked, **case.place})


def _follow(case: Case) -> _Looked:
    accused = ", ".join(case.chain()[len(case.subjects) :])
    thought = (
        f"The errors point to {accused}."
        if accused
        else "The errors come from somebody else: I read the logs of the services behind."
    )
    return thought, _follow_calls(case)


def _follow_calls(case: Case) -> Iterator[Wanted]:
    """Whoever logs errors without an exception of its own may be a victim: look at those behind it."""
    if any(fault.severity >= _CERTAIN for fault in _interesting(case)):
        return
    for name in case.chain():
        yield from _look_at(case, name)
    for view in case.logs:
        if not view.errors or view.own_trace is not None:
            continue
        yield Wanted(
            "describe_workload", {"name": view.subject, **_kind(case, view.subject), **case.place}
        )
        if not case.chain()[len(case.subjects) :]:
            for name in case.dependencies(view.subject):
                yield from _grep(case, name)


def _find_source(case: Case) -> _Looked:
    blamed = suspect(case)
    if blamed is None:
        return "", iter(())
    return f"I look for the source of what {blamed.ref} does.", _source_calls(case, blamed)


def _source_calls(case: Case, blamed: Suspect) -> Iterator[Wanted]:
    words = search_words(blamed)
    if words:
        yield Wanted("search_code", {"query": words})
    if data_file(blamed):
        yield Wanted("list_tree")
    if blamed.trace is None or place_of(case, blamed) is not None:
        return
    yield Wanted("list_tree")
    for folder in known_folders(case.transcript, blamed.name)[:2]:
        yield Wanted("list_tree", {"path": folder})
    if case.transcript.made("list_tree", {}) or "list_tree" not in case.transcript.tools:
        yield Wanted("search_code", {"query": blamed.trace.frame.function})


def _read_source(case: Case) -> _Looked:
    blamed = suspect(case)
    if blamed is None:
        return "", iter(())
    place = place_of(case, blamed)
    where = f"{place.path}:{place.line}" if place else blamed.ref
    return f"I read {where} and what changed there.", _history_calls(case, blamed, place)


def _history_calls(case: Case, blamed: Suspect, place: Place | None) -> Iterator[Wanted]:
    if place is not None:
        yield Wanted("read_file", {"path": place.path, **_span(place)})
        yield Wanted("list_commits", {"path": place.path, "limit": 10})
        return
    if blamed.fault is not None or blamed.words:
        yield Wanted("list_commits", {"since": _HISTORY, "limit": 30})
    yield from _rollouts(case, blamed)


def _rollouts(case: Case, blamed: Suspect) -> Iterator[Wanted]:
    known = case.cluster.workloads.get(blamed.name)
    if known is not None and known.kind == "deployment":
        yield Wanted("rollout_history", {"deployment": blamed.name, **case.place})


def _span(place: Place) -> dict[str, int]:
    if not place.line:
        return {}
    return {"start_line": max(1, place.line - _AROUND), "end_line": place.line + _AROUND}


def _read_commits(case: Case) -> _Looked:
    blamed = suspect(case)
    if blamed is None:
        return "", iter(())
    place = place_of(case, blamed)
    found = candidates(case, blamed, place)
    thought = f"{len(found)} commits could have brought it; I read one diff after the other."
    return thought, _next_diff(case, blamed, place)


def _next_diff(case: Case, blamed: Suspect, place: Place | None) -> Iterator[Wanted]:
    """The newest candidate that was not read yet, until one explains the fault."""
    best = best_commit(case, blamed, place)
    if best is not None and best.score >= CONVINCING:
        return
    for commit in candidates(case, blamed, place):
        diff = Wanted("show_commit", {"sha": commit.sha})
        if case.wants(diff.action, diff.arguments):
            yield diff
            return


def _deployed(case: Case) -> _Looked:
    """Whether what was found in the source is what runs."""
    blamed = suspect(case)
    if blamed is None:
        return "", iter(())
    return f"Which revision of {blamed.ref} runs, and since when?", _rollouts(case, blamed)


def _verify(case: Case) -> _Looked:
    """Before the verdict: does it still happen, and does somebody in the channel know more?"""
    blamed = suspect(case)
    if blamed is None:
        return "", iter(())
    return f"It looks like {blamed.ref}. Is it still so, and what do people say?", _verify_calls(
        case, blamed
    )


def _verify_calls(case: Case, blamed: Suspect) -> Iterator[Wanted]:
    known = case.cluster.workloads.get(blamed.name)
    if blamed.fault is None and known is not None and known.desired != 0:
        asked = {"workload": blamed.name, "grep": GREP, "since": _NOW, "tail": _LAST}
        yield Wanted("read_logs", {**asked, **case.place})
    yield Wanted("read_channel", {"limit": _LATEST})


def _interesting(case: Case) -> list[StateFault]:
    """Faults to look into; what is scaled to zero is normal unless it just happened or somebody misses it."""
    accused = case.chain()
    return [
        fault
        for fault in case.faults
        if fault.cause != "scaled_to_zero" or fault.recent_scale_down or fault.name in accused
    ]


def _kind(case: Case, name: str) -> dict[str, str]:
    known = case.cluster.workloads.get(name)
    return {"kind": known.kind} if known is not None and known.kind != "deployment" else {}


def _who(case: Case) -> str:
    return ", ".join(case.subjects) or "everybody"
