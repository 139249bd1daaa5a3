"""Faults that the objects themselves show: crash loops, images that cannot be pulled, nothing running at all."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.simulators.messages_api.stand_in.cluster import ClusterView, Pod, Workload
from bot.simulators.messages_api.stand_in.evidence import Quote, quote


@dataclass(frozen=True, slots=True)
class StateFault:
    """A workload that is not as it should be. `words` are what a change that caused it would touch."""

    name: str
    cause: str
    sentence: str
    quotes: tuple[Quote, ...]
    severity: int
    pod: str = ""
    restarted: bool = False
    words: tuple[str, ...] = ()
    recent_scale_down: bool = False

    @property
    def crashed(self) -> bool:
        """The log of the container before the last restart tells more."""
        return self.restarted


_CLASSES: tuple[tuple[str, str, str, int, tuple[str, ...]], ...] = (
    (
        r"OOMKilled|OOM-killed",
        "out_of_memory",
        "is killed for using more memory than its limit",
        9,
        ("memory", "Mi", "limits"),
    ),
    (
        r"ImagePullBackOff|ErrImagePull|InvalidImageName|ErrImageNeverPull|manifest unknown",
        "image_pull",
        "cannot pull its image",
        9,
        ("image:",),
    ),
    (
        r"CreateContainerConfigError|couldn't find key|(?:secret|configmap) \"[^\"]+\" not found",
        "container_config",
        "cannot start: something that its configuration refers to is missing",
        9,
        ("secretKeyRef", "configMapKeyRef", "secret", "configMap"),
    ),
    (
        r"StartError|exec format|executable file not found",
        "cannot_start",
        "cannot execute its command",
        9,
        ("command", "args", "ENTRYPOINT", "CMD"),
    ),
    (
        r"CrashLoopBackOff|terminated, .*exit [1-9]|ExitCode:[1-9]|BackOff restarting",
        "crash_loop",
        "crashes again and again",
        8,
        (),
    ),
    (
        r"exceeded quota|forbidden: .*quota",
        "quota",
        "cannot create pods: a quota is used up",
        8,
        ("quota", "requests", "limits"),
    ),
    (
        r"FailedMount|FailedAttachVolume|MountVolume",
        "volume",
        "waits for a volume",
        7,
        ("volume", "claimName"),
    ),
    (
        r"Unschedulable|FailedScheduling|Insufficient|Pending",
        "unschedulable",
        "finds no node to run on",
        7,
        ("nodeSelector", "affinity", "requests", "tolerations", "storageClassName"),
    ),
    (r"Error\b", "crash_loop", "ended with an error", 6, ()),
    (
        r"not ready|readiness|Unhealthy",
        "not_ready",
        "runs but is not ready",
        5,
        ("readinessProbe", "probe", "port"),
    ),
)


def state_faults(view: ClusterView) -> list[StateFault]:
    """All faults, the gravest first."""
    found = [_of_pods(view, name) for name in view.names()]
    found += [_of_workload(view, workload) for workload in view.workloads.values()]
    faults: dict[str, StateFault] = {}
    for fault in found:
        if fault is not None and fault.name not in faults:
            faults[fault.name] = fault
    return sorted(faults.values(), key=lambda fault: -fault.severity)


def _of_pods(view: ClusterView, name: str) -> StateFault | None:
    sick = [pod for pod in view.pods_of(name) if pod.sick]
    if not sick:
        return None
    worst = max(sick, key=lambda pod: (pod.restarts, pod.name))
    told = f"{worst.status} {worst.why} {worst.line}"
    cause, sentence, severity, words = _classify(told)
    quotes = [quote(worst.call, worst.line)]
    if worst.why_line:
        quotes.append(quote(worst.call, worst.why_line))
    event = _warning(view, name, worst)
    return StateFault(
        name=name,
        cause=cause,
        sentence=f"{view.ref(name)} {sentence} ({_short(worst)})",
        quotes=(*quotes, *event),
        severity=severity,
        pod=worst.name,
        restarted=worst.restarts > 0,
        words=words,
    )


def _of_workload(view: ClusterView, workload: Workload) -> StateFault | None:
    if workload.desired == 0:
        return _scaled_to_zero(view, workload)
    if workload.desired is None or workload.ready is None or workload.ready >= workload.desired:
        return None
    warnings = [(e, c) for e, c in view.events_of(workload.name) if e.warning]
    told = " ".join(f"{event.reason} {event.text}" for event, _ in warnings[:3]) or "not ready"
    cause, sentence, severity, words = _classify(told)
    quotes = [quote(call, event.line) for event, call in warnings[:1]]
    return StateFault(
        name=workload.name,
        cause=cause,
        sentence=f"{workload.ref} {sentence} ({workload.ready} of {workload.desired} replicas ready)",
        quotes=(quote(workload.call, workload.line), *quotes),
        severity=severity,
        words=words,
    )


def _scaled_to_zero(view: ClusterView, workload: Workload) -> StateFault:
    scaling = [
        (event, call)
        for event, call in view.events_of(workload.name)
        if event.reason == "ScalingReplicaSet"
        and re.search(r"(?i)scaled down .* to 0\b", event.text)
    ]
    when = f" since {scaling[0][0].time}" if scaling and scaling[0][0].time else ""
    quotes = [quote(call, event.line) for event, call in scaling[:1]]
    return StateFault(
        name=workload.name,
        cause="scaled_to_zero",
        sentence=f"{workload.ref} is scaled to zero replicas{when}, so nothing answers behind its Service",
        quotes=(quote(workload.call, workload.line), *quotes),
        severity=8,
        words=("replicas: 0",),
        recent_scale_down=bool(scaling),
    )


def _classify(told: str) -> tuple[str, str, int, tuple[str, ...]]:
    for pattern, cause, sentence, severity, words in _CLASSES:
        if re.search(pattern, told):
            return cause, sentence, severity, words
    return "not_ready", "is not ready", 4, ()


def _short(pod: Pod) -> str:
    restarts = f", {pod.restarts} restarts" if pod.restarts else ""
    return f"pod {pod.name} is {pod.status}, {pod.ready}/{pod.wanted} ready{restarts}"


def _warning(view: ClusterView, name: str, pod: Pod) -> list[Quote]:
    """The newest warning about the pod."""
    for event, call in view.events_of(name):
        if event.warning and event.name == pod.name:
            return [quote(call, event.line)]
    return []
