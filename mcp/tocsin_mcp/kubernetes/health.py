"""Is a workload well? One summary for each kind, from the status that its controller wrote."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from lightkube.models.apps_v1 import DeploymentCondition
from lightkube.models.batch_v1 import JobCondition
from lightkube.resources.apps_v1 import DaemonSet, Deployment, StatefulSet
from lightkube.resources.batch_v1 import CronJob, Job

from tocsin_mcp.kit.times import age, rfc3339

from .lookup import Workload
from .wording import message


@dataclass(frozen=True, slots=True)
class Health:
    """`ready` of `desired` in words, what is wrong, and what is merely worth knowing."""

    ready: str
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def rank(self) -> int:
        """For sorting: broken, remarkable, well."""
        return 0 if self.problems else 1 if self.notes else 2


def health(found: Workload, now: datetime) -> Health:
    """The health of any workload; of kinds that another one governs (ReplicaSets) only the numbers."""
    match found.source:
        case Deployment() as deployment:
            return _deployment(deployment)
        case StatefulSet() as stateful:
            return _stateful(stateful)
        case DaemonSet() as daemon:
            return _daemon(daemon)
        case Job() as job:
            return _job(job, now)
        case CronJob() as cron:
            return _cron(cron, now)
        case other:
            ready = (other.status and other.status.readyReplicas) or 0
            return Health(f"{ready}/{other.spec.replicas or 0}")


def _deployment(item: Deployment) -> Health:
    status, spec = item.status, item.spec
    desired = 1 if spec.replicas is None else spec.replicas
    ready = (status and status.readyReplicas) or 0
    updated = (status and status.updatedReplicas) or 0
    problems = [f"{desired - ready} of {desired} pods not ready"] if ready < desired else []
    problems += _failing((status and status.conditions) or [])
    if updated < desired:
        problems.append(f"rollout not finished: {updated} of {desired} pods updated")
    notes = _numbers_notes(desired, bool(spec.paused))
    return Health(f"{ready}/{desired}", tuple(problems), tuple(notes))


def _failing(conditions: Iterable[DeploymentCondition]) -> list[str]:
    wanted = {"Progressing": "True", "Available": "True", "ReplicaFailure": "False"}
    return [
        f"{each.type}={each.status} {each.reason or ''}: {message(each.message)}"
        for each in conditions
        if each.type in wanted and wanted[each.type] != each.status
    ]


def _numbers_notes(desired: int, paused: bool) -> list[str]:
    notes = ["scaled to 0"] if desired == 0 else []
    return [*notes, "rollouts are paused"] if paused else notes


def _stateful(item: StatefulSet) -> Health:
    status, spec = item.status, item.spec
    desired = 1 if spec.replicas is None else spec.replicas
    ready = (status and status.readyReplicas) or 0
    problems = [f"{desired - ready} of {desired} pods not ready"] if ready < desired else []
    revisions = {status.currentRevision, status.updateRevision} - {None} if status else set()
    if len(revisions) == 2:
        problems.append("rollout not finished: two revisions run")
    return Health(f"{ready}/{desired}", tuple(problems), tuple(_numbers_notes(desired, False)))


def _daemon(item: DaemonSet) -> Health:
    status = item.status
    if status is None:
        return Health("0/0", ("no status yet",))
    desired, ready = status.desiredNumberScheduled, status.numberReady
    problems = [f"{desired - ready} of {desired} pods not ready"] if ready < desired else []
    if status.numberMisscheduled:
        problems.append(f"{status.numberMisscheduled} pods on nodes where they should not run")
    if (status.updatedNumberScheduled or desired) < desired:
        problems.append(
            f"rollout not finished: {status.updatedNumberScheduled} of {desired} updated"
        )
    return Health(f"{ready}/{desired}", tuple(problems))


def _job(item: Job, now: datetime) -> Health:
    status, spec = item.status, item.spec
    wanted = 1 if spec is None or spec.completions is None else spec.completions
    done = f"{(status and status.succeeded) or 0}/{wanted} done"
    conditions = (status and status.conditions) or []
    problems = [
        _condition(each) for each in conditions if each.type == "Failed" and each.status == "True"
    ]
    failed, active = (status and status.failed) or 0, (status and status.active) or 0
    if failed and not problems and not complete(item):
        problems.append(f"{failed} pods failed so far")
    started = status.startTime if status else None
    notes = [f"{active} pods active, started {age(started, now)} ago"] if active else []
    if spec and spec.suspend:
        notes.append("suspended")
    return Health(done, tuple(problems), tuple(notes))


def complete(item: Job) -> bool:
    """Whether the job has succeeded."""
    conditions = (item.status and item.status.conditions) or []
    return any(each.type == "Complete" and each.status == "True" for each in conditions)


def _condition(each: JobCondition) -> str:
    when = f" at {rfc3339(each.lastTransitionTime)}" if each.lastTransitionTime else ""
    return f"{each.type} {each.reason or ''}{when}: {message(each.message)}"


def _cron(item: CronJob, now: datetime) -> Health:
    status, spec = item.status, item.spec
    last = status.lastScheduleTime if status else None
    success = status.lastSuccessfulTime if status else None
    problems = []
    if last and (success is None or success < last) and not (status and status.active):
        since = f"the last success was {age(success, now)} ago" if success else "none has succeeded"
        problems.append(f"the run of {rfc3339(last)} did not succeed; {since}")
    schedule = spec.schedule
    notes = ["suspended"] if spec.suspend else []
    return Health(
        f"{schedule}, last {age(last, now)} ago" if last else schedule,
        tuple(problems),
        tuple(notes),
    )
