"""Volumes that cannot be attached, mounted, read or written."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin_mcp.kubernetes.triage.facts import Facts, evidence
from tocsin_mcp.kubernetes.triage.fault import Fault
from tocsin_mcp.kubernetes.triage.happenings import latest
from tocsin_mcp.kubernetes.triage.objects import entries, text
from tocsin_mcp.kubernetes.triage.pods import PodFacts

from .configuration import understood

_SAYS = (
    ("volume_multi_attach", re.compile(r"Multi-Attach|already (?:used|attached|exclusively attached)|volume is in use", re.IGNORECASE)),
    ("volume_driver_missing", re.compile(r"driver name \S+ not found|no volume plugin matched|unknown filesystem|driver .{0,60}not (?:registered|found)", re.IGNORECASE)),
    ("volume_permission_denied", re.compile(r"permission denied|access denied|Operation not permitted", re.IGNORECASE)),
    ("volume_read_only", re.compile(r"read-only file ?system", re.IGNORECASE)),
    ("disk_full", re.compile(r"no space left", re.IGNORECASE)),
)  # fmt: skip
_WHY = {
    "volume_multi_attach": "The volume is still attached to another node.",
    "volume_driver_missing": "The node has no driver for this kind of volume.",
    "volume_attach_failed": "The volume cannot be attached to the node.",
    "volume_mount_failed": "The volume cannot be mounted.",
    "volume_permission_denied": "The process may not use its volume.",
    "file_permission_denied": "The process may not use a file.",
    "volume_read_only": "The process writes to what is mounted read-only.",
    "disk_full": "There is no space left.",
}
_GIVEN = frozenset({"configMap", "secret", "projected", "downwardAPI"})
"""Volumes that the kubelet fills and programs only read."""

_PRIVILEGE = re.compile(
    r"must be root|\b(?:ip6?|nf)tables|\bCAP_[A-Z]|capabilit|raw socket|ptrace", re.IGNORECASE
)
"""What the process may not do is no file."""

_KINDS = {
    "permission": "file_permission_denied",
    "read_only_fs": "volume_read_only",
    "disk_full": "disk_full",
}


def find(facts: Facts) -> Iterator[Fault]:
    """Signals: FailedAttachVolume or FailedMount of a pod that has a node and has not started; "permission denied",
    "read-only file system" and "no space left" in the log of a program, against its mounts."""
    for pod in facts.live_pods:
        if not pod.ready and pod.node and not _started(pod):
            yield from _not_mounted(facts, pod)
    yield from _complained(facts)


def _started(pod: PodFacts) -> bool:
    return any(each.running or each.endings for each in pod.all_containers)


def _not_mounted(facts: Facts, pod: PodFacts) -> Iterator[Fault]:
    events = facts.events_of(pod)
    attach = latest(events, "FailedAttachVolume")
    mounts = [each for each in events if each.reason in ("FailedMount", "FailedMapVolume")]
    telling = [each for each in mounts if not _is_waiting_only(each.message)]
    event = next(iter((*telling, *([attach] if attach else []), *mounts)), None)
    if event is None or understood(event.message)[0]:
        return
    fallback = "volume_attach_failed" if event is attach else "volume_mount_failed"
    cause = next((cause for cause, pattern in _SAYS if pattern.search(event.message)), fallback)
    yield Fault(
        object=facts.world.owner(pod),
        cause=cause,
        confidence=0.85,
        why=f"{_WHY[cause]} Pod {pod.name} waits for it.",
        evidence=evidence(event.line),
        about=facts.about(pod),
        related=(pod.ref, *claims_of(pod)),
        since=event.first,
    )


def _is_waiting_only(message: str) -> bool:
    """The kubelet also reports that it waited in vain; the attach controller says why."""
    return (
        "timed out waiting for the condition" in message or "Unable to attach or mount" in message
    )


def claims_of(pod: PodFacts) -> tuple[str, ...]:
    """The claims that a pod uses, as `persistentvolumeclaim/name`."""
    names = (
        text(each, "persistentVolumeClaim", "claimName") for each in entries(pod.spec, "volumes")
    )
    return tuple(f"persistentvolumeclaim/{name}" for name in names if name)


def _complained(facts: Facts) -> Iterator[Fault]:
    for complaint in facts.complaints.signs:
        cause = _KINDS.get(complaint.sign.kind)
        pod = facts.world.pods.get(complaint.pod)
        if cause is None or (cause == "file_permission_denied" and pod and _cannot_start(pod)):
            continue
        if complaint.sign.kind == "permission" and _PRIVILEGE.search(complaint.line):
            continue
        workload = facts.world.workloads.get(complaint.workload)
        mount = _mount_of(pod, complaint.sign.detail) if pod else ""
        if pod and not complaint.sign.detail:
            mount = _data_folder(pod)
        if cause == "file_permission_denied" and mount:
            cause = "volume_permission_denied"
        broken = pod is not None and not pod.ready
        yield Fault(
            object=complaint.workload,
            cause=cause,
            confidence=0.9
            if broken
            else 0.7
            if cause == "disk_full"
            else _harmless(complaint.count),
            why=_WHY[cause] + (f" The path is below the mount {mount}." if mount else ""),
            evidence=evidence(complaint.line),
            about=facts.concerned(workload) if workload else frozenset(),
            related=claims_of(pod) if pod and mount else (),
            since=complaint.first,
        )


def _cannot_start(pod: PodFacts) -> bool:
    """Whether the file that may not be used is the command itself: a shell says so and ends with 126."""
    return any(ending.code == 126 for each in pod.all_containers for ending in each.endings)


def _harmless(count: int) -> float:
    """A program that is ready lives without that file, or will say so again."""
    return 0.5 if count > 2 else 0.28


def _data_folder(pod: PodFacts) -> str:
    """Where the only volume that can be written to is mounted: a program that names no path works in its data folder."""
    data = {
        text(each, "name")
        for each in entries(pod.spec, "volumes")
        if not _GIVEN & each.keys() and text(each, "name")
    }
    paths = [
        text(mount, "mountPath")
        for container in pod.all_containers
        for mount in entries(container.spec, "volumeMounts")
        if text(mount, "name") in data
    ]
    return paths[0] if len(paths) == 1 else ""


def _mount_of(pod: PodFacts, path: str) -> str:
    mounts = [
        text(mount, "mountPath").rstrip("/")
        for container in pod.all_containers
        for mount in entries(container.spec, "volumeMounts")
    ]
    below = [each for each in mounts if each and (path == each or path.startswith(f"{each}/"))]
    return max(below, key=len, default="")
