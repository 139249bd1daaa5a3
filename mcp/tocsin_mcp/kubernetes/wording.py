"""Containers and pods in the words of someone who looks for what is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lightkube.models.core_v1 import ContainerState, ContainerStateTerminated, ContainerStatus
from lightkube.resources.core_v1 import Pod

from tocsin_mcp.kit.output import clip, one_line
from tocsin_mcp.kit.times import age, rfc3339

_SIGNALS = {
    132: "SIGILL",
    134: "SIGABRT",
    135: "SIGBUS",
    136: "SIGFPE",
    137: "SIGKILL",
    139: "SIGSEGV",
    143: "SIGTERM",
}
_CODES = {126: "command not executable", 127: "command not found", 128: "could not start"}
_MESSAGE = 600


def exit_text(ended: ContainerStateTerminated) -> str:
    """`OOMKilled, exit 137 (SIGKILL)`."""
    meaning = _SIGNALS.get(ended.exitCode) or _CODES.get(ended.exitCode)
    code = f"exit {ended.exitCode}" + (f" ({meaning})" if meaning else "")
    return f"{ended.reason}, {code}" if ended.reason else code


def ended_text(ended: ContainerStateTerminated, now: datetime) -> str:
    """How and when a container ended, how long it had run, and its termination message."""
    text = exit_text(ended)
    if ended.finishedAt:
        text += f", at {rfc3339(ended.finishedAt)} ({age(ended.finishedAt, now)} ago)"
    if ended.startedAt and ended.finishedAt:
        text += f" after running {age(ended.startedAt, ended.finishedAt)}"
    return text + (f": {message(ended.message)}" if ended.message else "")


def state_text(state: ContainerState | None, now: datetime) -> str:
    """The present state of a container."""
    if state and state.waiting:
        reason = state.waiting.reason or "unknown reason"
        detail = f": {message(state.waiting.message)}" if state.waiting.message else ""
        return f"waiting, {reason}{detail}"
    if state and state.terminated:
        return f"terminated, {ended_text(state.terminated, now)}"
    if state and state.running:
        started = state.running.startedAt
        return f"running since {rfc3339(started)} ({age(started, now)})" if started else "running"
    return "not started"


def message(text: str | None) -> str:
    """Text from the cluster on one line, bounded, without control characters."""
    return clip(one_line(text or ""), _MESSAGE)


@dataclass(frozen=True, slots=True)
class PodView:
    """What a line about a pod says. `why` is set when something is wrong, the worst first."""

    name: str
    status: str
    ready: str
    restarts: int
    last_end: str
    node: str
    created: datetime | None
    why: tuple[str, ...]

    @property
    def rank(self) -> tuple[int, int, str]:
        """For sorting: unhealthy first, then by restarts."""
        return (0 if self.why else 1, -self.restarts, self.name)


def view(pod: Pod, now: datetime) -> PodView:
    """Summarise a pod."""
    status, spec = pod.status, pod.spec
    regular = list((status and status.containerStatuses) or [])
    initial = list((status and status.initContainerStatuses) or [])
    metadata = pod.metadata
    return PodView(
        name=(metadata and metadata.name) or "?",
        status=_status_word(pod, initial, regular),
        ready=f"{sum(1 for entry in regular if entry.ready)}/{len(spec.containers) if spec else 0}",
        restarts=sum(entry.restartCount for entry in [*initial, *regular]),
        last_end=_last_end([*initial, *regular], now),
        node=(spec and spec.nodeName) or "",
        created=metadata.creationTimestamp if metadata else None,
        why=tuple(_reasons(pod, initial, regular, now)),
    )


def finished(pod: Pod) -> bool:
    """Whether the pod ran to completion, as a job's pods do."""
    return bool(pod.status and pod.status.phase == "Succeeded")


def _status_word(pod: Pod, initial: list[ContainerStatus], regular: list[ContainerStatus]) -> str:
    if pod.metadata and pod.metadata.deletionTimestamp:
        return "Terminating"
    for prefix, entries in (("Init:", initial), ("", regular)):
        for entry in entries:
            word = _word(entry.state)
            if word and word != "Completed":
                return prefix + word
    if pod.status and pod.status.reason:
        return pod.status.reason
    return (pod.status and pod.status.phase) or "Unknown"


def _word(state: ContainerState | None) -> str:
    if state and state.waiting:
        return state.waiting.reason or "Waiting"
    if state and state.terminated:
        return state.terminated.reason or f"ExitCode:{state.terminated.exitCode}"
    return ""


def _last_end(entries: Iterable[ContainerStatus], now: datetime) -> str:
    ends = [
        ended
        for entry in entries
        for state in (entry.state, entry.lastState)
        if state and (ended := state.terminated) and (entry.restartCount or ended.exitCode)
    ]
    dated = [ended for ended in ends if ended.finishedAt]
    if not dated:
        return exit_text(ends[0]) if ends else ""
    latest = max(dated, key=lambda ended: ended.finishedAt or now)
    return f"{exit_text(latest)}, {age(latest.finishedAt, now)} ago"


def _reasons(
    pod: Pod, initial: list[ContainerStatus], regular: list[ContainerStatus], now: datetime
) -> Iterable[str]:
    if finished(pod):
        return
    if pod.status and (pod.status.message or pod.status.reason):
        yield f"{pod.status.reason or 'status'}: {message(pod.status.message)}"
    for entry in initial:
        if not _initialised(entry):
            yield f"init container {entry.name}: {state_text(entry.state, now)}{_ending(entry, now)}"
    for entry in regular:
        if not entry.ready:
            yield f"container {entry.name}: {state_text(entry.state, now)}{_ending(entry, now)}"
    if all(entry.ready for entry in regular) and not _is_ready(pod):
        yield "; ".join(_unmet(pod)) or "not ready, no reason given"


def _initialised(entry: ContainerStatus) -> bool:
    """Whether an init container is done, is a sidecar that runs, or only waits for its turn."""
    state = entry.state
    if state is None or (state.terminated and state.terminated.exitCode == 0):
        return True
    if state.waiting:
        return state.waiting.reason == "PodInitializing"
    return bool(state.running and entry.started)


def _ending(entry: ContainerStatus, now: datetime) -> str:
    running = bool(entry.state and entry.state.running)
    ended = entry.lastState.terminated if entry.lastState else None
    not_ready = " but not ready (readiness probe)" if running else ""
    return not_ready + (f"; last ended {ended_text(ended, now)}" if ended else "")


def _is_ready(pod: Pod) -> bool:
    conditions = (pod.status and pod.status.conditions) or []
    return any(entry.type == "Ready" and entry.status == "True" for entry in conditions)


def _unmet(pod: Pod) -> Iterable[str]:
    for entry in (pod.status and pod.status.conditions) or []:
        if entry.status != "True" and (entry.reason or entry.message):
            yield f"{entry.type}={entry.status} {entry.reason or ''}: {message(entry.message)}"
