"""Controllers that could not be read, as their ReplicaSets and pods imply them: they are what others call things by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .objects import Json, dig, labels_of, name_of, number, pairs
from .pods import owner_of
from .snapshot import Snapshot

HASH = "pod-template-hash"
REVISIONS = ("deployment.kubernetes.io/revision", "rollout.argoproj.io/revision")
"""Annotations with the number of a ReplicaSet's revision."""

_WELL_KNOWN = frozenset(
    {"deployment", "statefulset", "daemonset", "job", "cronjob", "replicaset", "replicationcontroller", "node", ""}
)  # fmt: skip


def deployments_of(snapshot: Snapshot) -> tuple[Json, ...]:
    """The Deployments as read; where the kind is unknown one for each owner that ReplicaSets or pods name."""
    if snapshot.knows("deployments"):
        return snapshot.all("deployments")
    found: dict[str, Json] = {}
    for item in sorted(snapshot.all("replicasets"), key=_revision):
        kind, name = owner_of(item)
        if kind == "deployment":
            found[name] = _deployment(name, dig(item, "spec", "template"), _wanted(item))
    for name, pods in _of_pods(snapshot.all("pods")).items():
        found.setdefault(name, _deployment(name, pods[0], len(pods)))
    return tuple(found.values())


def custom_of(snapshot: Snapshot) -> dict[tuple[str, str], Json]:
    """Controllers of kinds that Kubernetes itself does not have (Argo's Rollout, an operator's Cluster), by kind and name:
    as read, else as implied by the ReplicaSets or pods that name them as their owner."""
    found: dict[tuple[str, str], Json] = {}
    wanted: Counter[tuple[str, str]] = Counter()
    for item in sorted(snapshot.all("replicasets"), key=_revision):
        owner = owner_of(item)
        if owner[0] not in _WELL_KNOWN:
            wanted[owner] += _wanted(item)
            found[owner] = _deployment(owner[1], dig(item, "spec", "template"), wanted[owner])
    pods: dict[tuple[str, str], list[Json]] = {}
    for pod in snapshot.all("pods"):
        if (owner := owner_of(pod))[0] not in _WELL_KNOWN:
            pods.setdefault(owner, []).append(pod)
    for owner, owned in pods.items():
        found.setdefault(owner, _deployment(owner[1], owned[0], len(owned)))
    for owner in found:
        listed = [each for each in snapshot.all(f"{owner[0]}s") if name_of(each) == owner[1]]
        found[owner] = next(
            (each for each in listed if dig(each, "spec", "template")), found[owner]
        )
    return found


def _of_pods(pods: Iterable[Json]) -> dict[str, list[Json]]:
    """Pods by the name of the Deployment that their ReplicaSet's name holds."""
    found: dict[str, list[Json]] = {}
    for pod in pods:
        kind, name = owner_of(pod)
        ending = f"-{labels_of(pod).get(HASH, '')}"
        if kind == "replicaset" and ending != "-" and name.endswith(ending):
            found.setdefault(name.removesuffix(ending), []).append(pod)
    return found


def _deployment(name: str, template: object, replicas: int) -> Json:
    labels = {key: value for key, value in labels_of(template).items() if key != HASH}
    return {
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": dig(template, "spec")},
        },
    }


def _wanted(replica_set: Json) -> int:
    return number(replica_set, "spec", "replicas", default=1)


def revision_of(item: Json) -> str:
    """The number of a ReplicaSet's revision as it is written, empty when there is none."""
    notes = pairs(item, "metadata", "annotations")
    return next((notes[key] for key in REVISIONS if key in notes), "")


def _revision(item: Json) -> tuple[int, str]:
    said = revision_of(item)
    return int(said) if said.isascii() and said.isdigit() else 0, name_of(item)
