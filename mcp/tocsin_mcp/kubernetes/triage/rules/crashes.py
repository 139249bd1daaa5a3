"""Containers that end: what the exit code says, and what the last log lines add to it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from tocsin_mcp.kubernetes.masking import without_logins
from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.happenings import latest
from tocsin_mcp.kubernetes.triage.objects import text, words
from tocsin_mcp.kubernetes.triage.pods import ContainerFacts, Ending, PodFacts

from .probes import killed_by_probe

_MISSING = re.compile(
    r"executable file .{0,200}not found|no such file or directory|not found in \$PATH",
    re.IGNORECASE,
)
_OF_COMMAND = re.compile(r"\bexec: [\"'`/]|executable|exec user process|exec format", re.IGNORECASE)
"""What runtimes say when it is the command that they cannot start, not what they prepare for it."""

_FORBIDDEN = re.compile(r"permission denied|exec format error", re.IGNORECASE)
_BY_CODE = {
    126: ("command_not_executable", "The command may not be executed (exit 126)."),
    127: ("command_not_found", "The command was not found (exit 127)."),
    132: ("crash_abort", "The process died of SIGILL (exit 132)."),
    134: ("crash_abort", "The process aborted itself (SIGABRT, exit 134)."),
    135: ("crash_segfault", "The process died of SIGBUS (exit 135)."),
    136: ("crash_abort", "The process died of SIGFPE (exit 136)."),
    137: (
        "crash_killed",
        "Something killed the process (SIGKILL, exit 137); no OOM kill is recorded.",
    ),
    139: ("crash_segfault", "The process touched memory that it must not (SIGSEGV, exit 139)."),
    143: ("crash_killed", "Something ended the process (SIGTERM, exit 143)."),
}
_SURE = {"crash_killed": 0.6, "lifecycle_hook_failed": 0.9, "command_not_executable": 0.9}
_AS_TOLD = frozenset({"crash_killed", "crash_completed", "crash_loop"})
_VAGUE = frozenset({"crash_killed", "init_container_failed", "crash_loop"})
_MOST_HEALTHY_RESTARTS = 2
_LONGEST_BACKOFF = timedelta(minutes=5)
OOM_AT_START = "OOM-killed"
"""What the runtime says when the limit is too low even for the start; the rule of memory reads it."""


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: containers waiting in CrashLoopBackOff or RunContainerError, terminated, or restarted several times within
    the last minutes; the exit code; the last log lines of the instance that ended."""
    for pod in facts.live_pods:
        workload = facts.workload(pod)
        if workload and workload.kind == "job":
            continue
        for container in pod.all_containers:
            ending = container.ending
            if container.waiting in ("RunContainerError", "StartError") or (
                container.waiting == "CreateContainerError" and _OF_COMMAND.search(container.detail)
            ):
                if OOM_AT_START in container.detail:
                    continue
                yield _not_started(facts, pod, container, container.detail)
            elif ending and _ends_now(facts, pod, container, ending):
                yield from _crash(facts, pod, container, ending)


def _ends_now(facts: Facts, pod: PodFacts, container: ContainerFacts, ending: Ending) -> bool:
    """A container that has run for longer than it lived before, and for longer than any back-off, is well however often
    it restarted."""
    if ending.reason == "OOMKilled" or (container.init and ending.code == 0):
        return False
    if container.waiting == "CrashLoopBackOff" or (not container.running and not container.waiting):
        return True
    if pod.ready or container.restarts < _MOST_HEALTHY_RESTARTS:
        return container.restarts > _MOST_HEALTHY_RESTARTS and _may_end_again(facts, ending)
    return ending.finished is None or facts.world.is_recent(ending.finished)


def _may_end_again(facts: Facts, ending: Ending) -> bool:
    if ending.finished is None or not facts.world.is_recent(ending.finished):
        return False
    runs = facts.world.now - ending.finished
    return runs <= _LONGEST_BACKOFF or runs.total_seconds() <= 2 * (ending.lived or 0.0)


def _crash(
    facts: Facts, pod: PodFacts, container: ContainerFacts, ending: Ending
) -> Iterator[Fault]:
    if OOM_AT_START in ending.message:
        return
    if ending.reason in ("StartError", "ContainerCannotRun") or ending.code == 128:
        yield _not_started(facts, pod, container, ending.message or container.detail)
        return
    cause, why = _meaning(facts, pod, container, ending)
    if cause in _AS_TOLD and killed_by_probe(facts, pod, container):
        return
    line = last_words(facts, pod, container.name)
    how = f"pod/{pod.name} {container.name}: {container.waiting or 'terminated'}, exit {ending.code} {ending.reason}"
    yield Fault(
        object=facts.world.owner(pod),
        cause=cause,
        confidence=_SURE.get(cause, 0.85),
        why=f"Container {container.name} ended {container.restarts} times. {why}",
        evidence=evidence(f"{how}, {container.restarts} restarts", ending.message, line),
        about=facts.about(pod),
        blames=_blames(facts, pod),
        related=(pod.ref,),
        generic=cause == "crash_killed" or (cause in _VAGUE and not line),
        since=ending.finished,
    )


def _meaning(
    facts: Facts, pod: PodFacts, container: ContainerFacts, ending: Ending
) -> tuple[str, str]:
    """The exit code's meaning; shells and runtimes also say in the log that a command is none."""
    if latest(facts.events_of(pod), "FailedPostStartHook"):
        return "lifecycle_hook_failed", "Its postStart hook fails, which kills the container."
    if ending.code != 0 and facts.said_by(pod, "exec_format"):
        return "command_not_executable", "Its command is not made for this processor."
    if ending.code in (1, 2) and facts.said_by(pod, "command_missing"):
        return "command_not_found", "Its command starts another one that does not exist."
    if ending.code == 0:
        return "crash_completed", "It ends without an error although it should run on."
    if ending.code in _BY_CODE:
        return _BY_CODE[ending.code]
    if container.init:
        return "init_container_failed", f"The init container fails with exit code {ending.code}."
    return "crash_loop", f"The program ends itself with exit code {ending.code}."


def _not_started(facts: Facts, pod: PodFacts, container: ContainerFacts, said: str) -> Fault:
    """The runtime could not even start the command."""
    event = latest(facts.events_of(pod), "Failed")
    told = said or (event.message if event else "")
    if "no space left" in told:
        cause, why = "disk_full", "The node's disk is full."
    elif "mount" in told and not _OF_COMMAND.search(told):
        cause, why = "volume_mount_failed", "A mount below the container's file system fails."
    elif _FORBIDDEN.search(told):
        cause, why = "command_not_executable", "The command may not be executed."
    elif _MISSING.search(told):
        cause, why = "command_not_found", "The command does not exist in the image."
    else:
        cause, why = "container_create_failed", "The runtime cannot start the container."
    return Fault(
        object=facts.world.owner(pod),
        cause=cause,
        confidence=0.92 if cause != "container_create_failed" else 0.7,
        why=f"{why} Command of container {container.name}: {_command(container)}.",
        evidence=evidence(f"pod/{pod.name} {container.name}: {told}"),
        about=facts.about(pod),
        related=(pod.ref,),
    )


def _command(container: ContainerFacts) -> str:
    said = [*words(container.spec, "command"), *words(container.spec, "args")]
    return without_logins(" ".join(said))[:120] or f"that of image {text(container.spec, 'image')}"


def last_words(facts: Facts, pod: PodFacts, container: str) -> str:
    """What explains the end: the exception, else the newest line that complains, else the last line."""
    owner = facts.world.owner(pod)
    thrown = [each for each in facts.complaints.thrown_by(owner) if each.pod == pod.name]
    if thrown:
        frame = thrown[-1].trace.frame
        return f"{thrown[-1].line} at {frame}" if frame else thrown[-1].line
    complaints = [*facts.complaints.of(owner), *facts.complaints.others]
    mine = [each for each in complaints if each.pod == pod.name]
    if mine:
        return mine[0].line
    logs = [log for log in facts.world.logs_of(pod.name) if log.container in ("", container)]
    lines = [line.text for log in logs[:1] for line in log.lines if line.text.strip()]
    return lines[-1] if lines else ""


def _blames(facts: Facts, pod: PodFacts) -> frozenset[str]:
    """The services that its log says it could not reach."""
    said = facts.said_by(
        pod, "refused", "timeout", "unresolved", "unresolved_now", "db_connections", "db_read_only"
    )
    return frozenset(facts.calls.service_name(each.sign.host) for each in said if each.sign.host)
