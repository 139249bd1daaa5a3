"""Jobs that failed and schedules that do not run."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.happenings import latest
from tocsin_mcp.kubernetes.triage.objects import (
    Json,
    condition,
    dig,
    entries,
    moment,
    name_of,
    text,
)
from tocsin_mcp.kubernetes.triage.pods import owner_of

from .crashes import last_words

_RECORD = timedelta(days=1)
_CAUSES = {"BackoffLimitExceeded": "job_failed", "DeadlineExceeded": "job_deadline"}


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: condition Failed of a job whose schedule has had no success since; events FailedNeedsStart and
    UnparseableSchedule of a CronJob that is not suspended."""
    for item in facts.snapshot.all("jobs"):
        failed = condition(item, "Failed")
        if text(failed, "status") == "True" and not _succeeded_since(facts, item):
            yield _job(facts, item, failed)
    for item in facts.snapshot.all("cronjobs"):
        yield from _schedule(facts, item)


def _succeeded_since(facts: Facts, job: Json) -> bool:
    kind, name = owner_of(job)
    if kind != "cronjob":
        return False
    ended = moment(condition(job, "Failed"), "lastTransitionTime")
    for cron in facts.snapshot.all("cronjobs"):
        success = moment(cron, "status", "lastSuccessfulTime")
        if name_of(cron) == name and success and ended and success > ended:
            return True
    later = [
        each for each in facts.snapshot.all("jobs")
        if owner_of(each) == (kind, name) and text(condition(each, "Complete"), "status") == "True"
    ]  # fmt: skip
    return any(
        (done := moment(each, "status", "completionTime")) and ended and done > ended
        for each in later
    )


def _job(facts: Facts, item: Json, failed: Json) -> Fault:
    name = name_of(item)
    reason = text(failed, "reason")
    pods = [pod for pod in facts.world.pods.values() if pod.owner == ("job", name)]
    words = next((line for pod in pods if (line := last_words(facts, pod, _first(pod.item)))), "")
    owner = owner_of(item)
    ended = moment(failed, "lastTransitionTime")
    killed = any(
        ending.reason == "OOMKilled"
        for pod in pods
        for container in pod.all_containers
        for ending in container.endings
    )
    return Fault(
        object=f"job/{name}",
        cause="oom_killed" if killed else _CAUSES.get(reason, "job_failed"),
        confidence=_sure(facts, ended, scheduled=bool(owner[1])),
        why=f"The job failed: {text(failed, 'message') or reason}."
        + (" Its pod was killed for using more memory than it may." if killed else ""),
        evidence=evidence(f"job/{name} Failed {reason}: {text(failed, 'message')}", words),
        about=frozenset({name, owner[1]} - {""}),
        related=(*([f"{owner[0]}/{owner[1]}"] if owner[1] else []), *(pod.ref for pod in pods[:2])),
        since=ended,
    )


def _sure(facts: Facts, ended: datetime | None, *, scheduled: bool) -> float:
    """A job that ran once and failed days ago, as a release's hook, is a record; a schedule stays broken until it succeeds."""
    if facts.world.is_recent(ended):
        return 0.8
    old = ended is not None and facts.world.now - ended > _RECORD
    return 0.28 if old and not scheduled else 0.55


def _first(pod: Json) -> str:
    return next((text(each, "name") for each in entries(pod, "spec", "containers")), "")


def _schedule(facts: Facts, item: Json) -> Iterator[Fault]:
    name = name_of(item)
    if dig(item, "spec", "suspend") is True:
        return
    event = latest(
        facts.world.about("cronjob", name),
        "FailedNeedsStart",
        "TooManyMissedTimes",
        "UnparseableSchedule",
        "InvalidSchedule",
        "UnParseableCronJobSchedule",
    )
    if event is None:
        return
    last = moment(item, "status", "lastScheduleTime")
    if last and event.last and last > event.last:
        return
    invalid = "arse" in event.reason or "Invalid" in event.reason
    yield Fault(
        object=f"cronjob/{name}",
        cause="cronjob_invalid_schedule" if invalid else "cronjob_missed",
        confidence=0.85,
        why="Its schedule cannot be parsed."
        if invalid
        else "It missed its schedule too often to start.",
        evidence=evidence(event.line),
        about=frozenset({name}),
    )
