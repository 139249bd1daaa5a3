"""Too few pods by intention or by accident: scaled to zero, stuck and paused rollouts, autoscalers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.happenings import Happening
from tocsin_mcp.kubernetes.triage.history import latest_change
from tocsin_mcp.kubernetes.triage.objects import (
    Json,
    condition,
    dig,
    labels_of,
    moment,
    name_of,
    number,
    text,
)
from tocsin_mcp.kubernetes.triage.world import Workload

_PATIENCE = timedelta(minutes=3)
_STARTING, _CHRONIC = timedelta(minutes=5), timedelta(days=1)


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: spec.replicas 0 of what others call or what was scaled down lately; Progressing=False; spec.paused; pods
    that are not ready without a known reason; conditions of autoscalers."""
    for workload in facts.world.workloads.values():
        if workload.kind in ("deployment", "statefulset", "rollout"):
            yield from _zero(facts, workload)
            yield from _rollout(facts, workload)
        yield from _not_ready(facts, workload)
    for item in facts.snapshot.all("horizontalpodautoscalers"):
        yield from _autoscaler(facts, item)


def _zero(facts: Facts, workload: Workload) -> Iterator[Fault]:
    if workload.desired or any(pod.ready for pod in workload.pods):
        return
    services = facts.world.services_of(workload)
    callers = sorted(
        {caller for service in services for caller in facts.calls.callers(service.name)}
    )
    scaled = _scaled_down(facts, workload)
    accused = _accused(facts, {workload.name, *(each.name for each in services)})
    if not callers and not scaled and not accused and not services:
        return
    lately = bool(scaled and services and facts.world.is_recent(scaled.last))
    sure = 0.55 + 0.25 * bool(callers) + 0.12 * bool(accused) + 0.05 * bool(scaled)
    note = f" Called by {', '.join(callers)}." if callers else ""
    yield Fault(
        object=workload.ref,
        cause="scaled_to_zero",
        confidence=min(sure if callers or accused or lately else 0.45, 0.97),
        why=f"It is scaled to 0.{note}",
        evidence=evidence(
            f"{workload.ref}: spec.replicas 0", scaled.line if scaled else "", accused
        ),
        about=facts.concerned(workload),
        related=tuple(each.ref for each in services),
        since=scaled.last if scaled else None,
        victims=tuple(callers),
    )


def _scaled_down(facts: Facts, workload: Workload) -> Happening | None:
    for event in facts.world.about(workload.kind, workload.name):
        if (
            event.reason in ("ScalingReplicaSet", "SuccessfulDelete")
            and "Scaled down" in event.message
        ):
            return event if "to 0" in event.message else None
    return None


def _accused(facts: Facts, names: set[str]) -> str:
    for complaint in facts.complaints.signs:
        if complaint.sign.host and facts.calls.service_name(complaint.sign.host) in names:
            return complaint.line
    return ""


def _rollout(facts: Facts, workload: Workload) -> Iterator[Fault]:
    progress = condition(workload.item, "Progressing")
    change = latest_change(workload)
    waiting = _waiting_revision(facts, workload)
    gave_up = text(progress, "status") == "False"
    if gave_up or waiting:
        said = text(progress, "message") if gave_up else f"{waiting} of the newest revision waits"
        yield Fault(
            object=workload.ref,
            cause="rollout_stuck",
            confidence=0.6 if gave_up else 0.52,
            why="Its rollout makes no progress.",
            evidence=evidence(f"{workload.ref}: {said}", change.line if change else ""),
            about=facts.concerned(workload),
            generic=True,
        )
    updated = number(workload.item, "status", "updatedReplicas")
    old = number(workload.item, "status", "replicas") - updated
    if dig(workload.item, "spec", "paused") is True and (updated < workload.desired or old > 0):
        yield Fault(
            object=workload.ref,
            cause="rollout_paused",
            confidence=0.55,
            why=f"Its rollout is paused with {updated} of {workload.desired} pods updated, {max(old, 0)} old ones left.",
            evidence=evidence(f"{workload.ref}: spec.paused true, {updated} updated"),
            about=facts.concerned(workload),
        )


def _waiting_revision(facts: Facts, workload: Workload) -> str:
    """A pod of the newest revision that has not become ready for minutes, while none of that revision is."""
    if len(workload.revisions) < 2:
        return ""
    current = labels_of(workload.revisions[0]).get("pod-template-hash", "")
    mine = [pod for pod in workload.pods if current and pod.hash == current and not pod.deleted]
    old = [pod for pod in mine if pod.created and facts.world.now - pod.created > _PATIENCE]
    return old[0].ref if old and not any(pod.ready for pod in mine) else ""


def _not_ready(facts: Facts, workload: Workload) -> Iterator[Fault]:
    """The last resort: broken, and no other rule says why."""
    sick = [pod for pod in workload.pods if not pod.ready and not pod.finished and not pod.deleted]
    if not workload.short or not sick or workload.kind == "job":
        return
    young = all(
        pod.created and (facts.world.now - pod.created).total_seconds() < 60 for pod in sick
    )
    said = next((event.line for pod in sick for event in facts.events_of(pod) if event.warning), "")
    yield Fault(
        object=workload.ref,
        cause="pod_not_ready",
        confidence=0.35 if young else 0.5,
        why=f"{workload.ready} of {workload.desired} pods are ready; nothing says why.",
        evidence=evidence(f"{sick[0].ref}: {sick[0].phase}, not ready", said),
        about=facts.concerned(workload),
        blames=frozenset({sick[0].node}) if sick[0].node else frozenset(),
        related=(sick[0].ref,),
        generic=True,
    )


def _autoscaler(facts: Facts, item: Json) -> Iterator[Fault]:
    target = text(item, "spec", "scaleTargetRef", "name")
    found = facts.world.named(target)
    ref = f"horizontalpodautoscaler/{name_of(item)}"
    about = frozenset({target, name_of(item)})
    if not found:
        about |= {
            each.name
            for each in facts.world.workloads.values()
            if target.startswith(each.name) or name_of(item).startswith(each.name)
        }
    active, able, limited = (
        condition(item, each) for each in ("ScalingActive", "AbleToScale", "ScalingLimited")
    )
    if text(able, "status") == "False" and text(able, "reason") == "FailedGetScale":
        yield _scaler(
            ref, "hpa_target_missing", 0.7, f"Its target {target} does not exist.", able, about
        )
    elif text(active, "status") == "False" and text(active, "reason").startswith("FailedGet"):
        yield _scaler(
            ref,
            "hpa_no_metrics",
            0.5 if _lasts(facts, active) else 0.45,
            "It cannot read its metrics, so it does not scale.",
            active,
            about,
        )
    elif text(limited, "reason") == "TooManyReplicas" and text(limited, "status") == "True":
        at_most = number(item, "status", "currentReplicas") >= number(
            item, "spec", "maxReplicas", default=1
        )
        sure = 0.5 if found and not found.short and at_most else 0.4
        yield _scaler(
            ref, "hpa_at_maximum", sure, "It wants more pods than it may have.", limited, about
        )


def _lasts(facts: Facts, found: Json) -> bool:
    """Whether it has been so for longer than a metrics server takes to start, and not for days."""
    since = moment(found, "lastTransitionTime")
    return since is not None and _STARTING <= facts.world.now - since <= _CHRONIC


def _scaler(
    ref: str, cause: str, sure: float, why: str, said: Json, about: frozenset[str]
) -> Fault:
    line = f"{ref} {text(said, 'type')}={text(said, 'status')} {text(said, 'reason')}: {text(said, 'message')}"
    return Fault(ref, cause, sure, why, evidence(line), about=about)
