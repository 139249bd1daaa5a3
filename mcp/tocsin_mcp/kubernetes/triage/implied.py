"""Deployments that could not be read, as their ReplicaSets and pods imply them: they are what others call things by."""

from __future__ import annotations

from collections.abc import Iterable

from .objects import Json, dig, labels_of, name_of, number, pairs
from .pods import owner_of
from .snapshot import Snapshot

HASH = "pod-template-hash"
_REVISION = "deployment.kubernetes.io/revision"


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


def _revision(item: Json) -> tuple[int, str]:
    said = pairs(item, "metadata", "annotations").get(_REVISION, "")
    return int(said) if said.isascii() and said.isdigit() else 0, name_of(item)
