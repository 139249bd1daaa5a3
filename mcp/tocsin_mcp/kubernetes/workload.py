"""describe_workload: one workload with all that decides whether it runs and is reached."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lightkube.models.apps_v1 import DeploymentCondition
from lightkube.resources.apps_v1 import DaemonSet, Deployment, StatefulSet
from lightkube.resources.autoscaling_v2 import HorizontalPodAutoscaler
from lightkube.resources.batch_v1 import CronJob, Job
from lightkube.resources.core_v1 import Endpoints, PersistentVolumeClaim, Pod, Service
from lightkube.resources.networking_v1 import NetworkPolicy

from tocsin_mcp.kit.output import bounded
from tocsin_mcp.kit.tasks import together
from tocsin_mcp.kit.times import age, rfc3339

from .cluster import Cluster, Listing, problems
from .events import recent
from .health import health
from .lookup import Workload, find, pods_of
from .pods import why_lines
from .rollouts import CHANGE_CAUSE, REVISION, Revision, changes, headline, revisions
from .services import backings, matches
from .surroundings import claim_line, policies_of
from .templates import lines as template_lines
from .templates import pairs
from .wording import PodView, message, view

_EVENTS = 10
_REVISIONS = 3
_NARROW = "list_pods, rollout_history and list_events tell each part alone"


@dataclass(frozen=True, slots=True)
class _Around:
    """What the API says about the workload's surroundings."""

    pods: Listing[Pod]
    services: Listing[Service]
    endpoints: Listing[Endpoints]
    policies: Listing[NetworkPolicy]
    scalers: Listing[HorizontalPodAutoscaler]
    claims: Listing[PersistentVolumeClaim]
    revisions: list[Revision]


async def describe_workload(cluster: Cluster, name: str, kind: str, namespace: str | None) -> str:
    """The tool's text. Raises the kit's errors."""
    place, now = await cluster.namespace(namespace), cluster.now()
    found = await find(cluster, name, place, kind)
    around = await _around(cluster, found)
    views = sorted((view(pod, now) for pod in around.pods.items), key=lambda each: each.rank)
    names = [found.name, *(each.name for each in views), *(each.name for each in around.revisions)]
    names += [scaler.metadata.name or "" for scaler in _scalers(found, around) if scaler.metadata]
    lines = [
        *_head(found, now),
        *(
            f"Note: {text}."
            for text in problems(
                around.pods, around.services, around.endpoints, around.policies, around.scalers
            )
        ),
        *_section("Conditions", _conditions(found, now)),
        *_section("Pods", _pods(views, now)),
        *_section("Pod template", _template(found)),
        *_section("Services that select it", _services(found, around)),
        *_section("Network policies that select it", _policies(found, around, now)),
        *_section("Autoscaler", _scaling(found, around)),
        *_section("Volume claims", _claims(found, around)),
        *_section("Latest revisions, newest first", _revisions(around.revisions, now)),
        *_section("Recent events", await recent(cluster, place, names, _EVENTS)),
    ]
    return bounded("\n".join(lines), narrow=_NARROW, head=0.8)


async def _around(cluster: Cluster, found: Workload) -> _Around:
    place = found.namespace
    async with together() as group:
        pods = group.create_task(pods_of(cluster, found))
        services = group.create_task(cluster.permitted(Service, place))
        endpoints = group.create_task(cluster.permitted(Endpoints, place))
        policies = group.create_task(cluster.permitted(NetworkPolicy, place))
        scalers = group.create_task(cluster.permitted(HorizontalPodAutoscaler, place))
        claims = group.create_task(cluster.permitted(PersistentVolumeClaim, place))
        history = (
            group.create_task(revisions(cluster, found))
            if isinstance(found.source, Deployment)
            else None
        )
    return _Around(
        pods.result(),
        services.result(),
        endpoints.result(),
        policies.result(),
        scalers.result(),
        claims.result(),
        history.result()[0] if history else [],
    )


def _head(found: Workload, now: datetime) -> list[str]:
    state = health(found, now)
    notes = found.metadata.annotations or {}
    ready = "" if isinstance(found.source, Job | CronJob) else " ready"
    word = "UNHEALTHY: " + "; ".join(state.problems) if state.problems else "ok"
    lines = [
        f"{found.kind}/{found.name} in namespace {found.namespace}, at {rfc3339(now)}: {state.ready}{ready}, {word}",
        f"Created {age(found.created, now)} ago. Selector {found.selector or 'none'}. Labels {pairs(found.metadata.labels)}.",
    ]
    lines += [f"Note: {text}." for text in state.notes]
    if REVISION in notes:
        cause = f", change-cause: {message(notes[CHANGE_CAUSE])}" if CHANGE_CAUSE in notes else ""
        lines.append(f"Revision {notes[REVISION]}{cause}.")
    strategy = _strategy(found)
    return [*lines, strategy] if strategy else lines


def _strategy(found: Workload) -> str:
    match found.source:
        case Deployment() as item if item.spec.strategy:
            rolling = item.spec.strategy.rollingUpdate
            numbers = (
                f", max unavailable {rolling.maxUnavailable}, max surge {rolling.maxSurge}"
                if rolling
                else ""
            )
            deadline = item.spec.progressDeadlineSeconds
            told = f", progress deadline {deadline}s" if deadline else ""
            return f"Strategy {item.spec.strategy.type or 'RollingUpdate'}{numbers}{told}."
        case StatefulSet() | DaemonSet() as item if item.spec.updateStrategy:
            return f"Update strategy {item.spec.updateStrategy.type or 'RollingUpdate'}."
        case Job() as item if item.spec and item.spec.backoffLimit is not None:
            return f"Backoff limit {item.spec.backoffLimit}."
        case CronJob() as item:
            return f"Schedule {item.spec.schedule}, concurrency {item.spec.concurrencyPolicy or 'Allow'}."
        case _:
            return ""


def _conditions(found: Workload, now: datetime) -> list[str]:
    status = found.source.status
    conditions = getattr(status, "conditions", None) or []
    lines = []
    for each in conditions:
        when = each.lastTransitionTime
        if isinstance(each, DeploymentCondition):
            when = each.lastTransitionTime or each.lastUpdateTime
        since = f" since {rfc3339(when)} ({age(when, now)})" if when else ""
        lines.append(
            f"{each.type}={each.status}{since} {each.reason or ''}: {message(each.message)}"
        )
    return lines


def _pods(views: list[PodView], now: datetime) -> list[str]:
    if not views:
        return ["none"]
    lines = [
        f"{each.name} {each.ready} {each.status}, {each.restarts} restarts, {age(each.created, now)} old, "
        f"on {each.node or 'no node'}"
        for each in views[:10]
    ]
    if len(views) > 10:
        lines.append(f"… {len(views) - 10} more: list_pods")
    return lines + [f"why {text.removeprefix('- ')}" for text in why_lines(views[:10])]


def _template(found: Workload) -> list[str]:
    if found.template is None or found.template.spec is None:
        return []
    return [f"labels {pairs(found.pod_labels)}", *template_lines(found.template.spec)]


def _services(found: Workload, around: _Around) -> list[str]:
    joined = backings(around.services.items, around.endpoints.items, not around.endpoints.problem)
    mine = [each for each in joined if matches(each.selector, found.pod_labels)]
    if mine:
        return [each.line(around.pods.items) for each in mine]
    named = [each for each in joined if each.name == found.name]
    return [f"none, although service/{each.name} exists: {each.line()}" for each in named] or (
        ["none"] if not around.services.problem else []
    )


def _policies(found: Workload, around: _Around, now: datetime) -> list[str]:
    return policies_of(around.policies.items, found.pod_labels, now)


def _scalers(found: Workload, around: _Around) -> list[HorizontalPodAutoscaler]:
    return [
        item
        for item in around.scalers.items
        if item.spec.scaleTargetRef.name == found.name
        and item.spec.scaleTargetRef.kind.lower() == found.kind
    ]


def _scaling(found: Workload, around: _Around) -> list[str]:
    lines = []
    for item in _scalers(found, around):
        spec, status = item.spec, item.status
        current = (status and status.currentReplicas) or 0
        wanted = (status and status.desiredReplicas) or 0
        limits = f"{spec.minReplicas or 1} to {spec.maxReplicas}"
        lines.append(
            f"{(item.metadata and item.metadata.name) or '?'}: {current} replicas, wants {wanted}, {limits}"
        )
        lines += [
            f"{each.type}={each.status} {each.reason or ''}: {message(each.message)}"
            for each in (status and status.conditions) or []
            if (each.status != "True") != (each.type == "ScalingLimited")
        ]
    return lines


def _claims(found: Workload, around: _Around) -> list[str]:
    spec = found.template.spec if found.template else None
    names = {
        volume.persistentVolumeClaim.claimName
        for volume in (spec and spec.volumes) or []
        if volume.persistentVolumeClaim
    }
    claims = {claim.metadata.name: claim for claim in around.claims.items if claim.metadata}
    lost = "persistentvolumeclaim/{} does not exist"
    return [
        claim_line(claims[name]) if name in claims else lost.format(name)
        for name in sorted(names)
        if name in claims or not around.claims.problem
    ]


def _revisions(history: list[Revision], now: datetime) -> list[str]:
    lines: list[str] = []
    shown = history[:_REVISIONS]
    for number, revision in enumerate(shown):
        before = history[number + 1] if number + 1 < len(history) else None
        lines.append(headline(revision, now))
        lines += changes(before, revision)
    return lines


def _section(title: str, entries: list[str]) -> list[str]:
    return ["", f"{title}:", *(f"  {entry}" for entry in entries)] if entries else []
