"""A recorded incident's folder as a snapshot: `cluster.json`, and `deploys.yaml` and `metrics.csv` where they exist.

The expected diagnosis in `scenario.yaml` is never read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from tocsin_mcp.kit.output import clip

from .happenings import happenings
from .measured import read_usage
from .objects import Json, dig, entries, labels_of, moment, name_of, text, words
from .recorded_logs import Objects, read_logs
from .snapshot import (
    CLUSTER_WIDE,
    SYSTEM_DAEMONS,
    SYSTEM_DEPLOYMENTS,
    SYSTEM_PODS,
    Rollout,
    Snapshot,
)

_NOT_OBJECTS = frozenset({"namespace", "collectedat", "logs", "kind", "apiversion", "metadata"})
_SYSTEM = "kube-system"
_STALE = timedelta(hours=6)
_SYSTEM_KINDS = {
    "pods": SYSTEM_PODS,
    "daemonsets": SYSTEM_DAEMONS,
    "deployments": SYSTEM_DEPLOYMENTS,
}


class UnreadableRecording(Exception):
    """A folder that is no recorded incident; the text says which file and why."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A snapshot with what the alarm named."""

    id: str
    service: str
    snapshot: Snapshot


def read_recording(folder: Path, namespace: str = "") -> Recording:
    """All but one of `scenario.yaml` and `cluster.json` may be absent. Raises UnreadableRecording."""
    head = _document(folder / "scenario.yaml", yaml.safe_load, optional=True)
    cluster = _document(folder / "cluster.json", json.loads, optional=bool(head))
    place = namespace or _namespace(head, cluster)
    _check_place(namespace, cluster, folder)
    objects, problems = _objects(cluster, place)
    if not cluster:
        path = folder / "cluster.json"
        missing = "is empty" if path.exists() else "does not exist"
        problems.append(f"{path} {missing}, so nothing can be judged")
    elif not cluster.get("logs"):
        problems.append("no logs were recorded: errors that only programs know of cannot be seen")
    snapshot = Snapshot(
        namespace=place,
        now=_present(moment(head, "now") or moment(cluster, "collectedAt"), objects),
        objects=objects,
        logs=read_logs(cluster.get("logs"), objects),
        rollouts=tuple(_rollouts(folder / "deploys.yaml")),
        usage=read_usage(folder / "metrics.csv", objects.get("pods", ())),
        notes=tuple(problems),
    )
    return Recording(text(head, "id") or folder.name, text(head, "service"), snapshot)


def _namespace(head: Json, cluster: Json) -> str:
    """That of the scenario, unless what was recorded is of another one."""
    recorded = text(cluster, "namespace")
    named = text(head, "namespace") or recorded or "default"
    places = {text(each, "metadata", "namespace") for each in entries(cluster, "pods")}
    return recorded if recorded in places and not places & {named, ""} else named


def _check_place(wanted: str, cluster: Json, folder: Path) -> None:
    """A namespace that was asked for and of which nothing was recorded is a mistake, not a healthy one."""
    places = {text(each, "metadata", "namespace") for each in entries(cluster, "pods")} - {""}
    if wanted and places and wanted not in places and wanted != text(cluster, "namespace"):
        raise UnreadableRecording(
            f"{folder} holds nothing of namespace {wanted}, only of {', '.join(sorted(places))}"
        )


def _present(said: datetime | None, objects: Objects) -> datetime:
    """When it was recorded: as said, unless no node's heart has beaten for hours before that; unsaid, the newest time."""
    beats = [
        moment(each, "lastHeartbeatTime")
        for node in objects.get("nodes", ())
        for each in entries(node, "status", "conditions")
    ]
    beat = max(filter(None, beats), default=None)
    if said is not None:
        return beat if beat and said - beat > _STALE else said
    times = [event.last for event in happenings(objects.get("events", ()))]
    times += [moment(each, "metadata", "creationTimestamp") for each in objects.get("pods", ())]
    return max(filter(None, [beat, *times]), default=datetime.now(UTC))


def _document(path: Path, parse: Any, *, optional: bool = False) -> Json:
    try:
        found = parse(path.read_text("utf-8"))
    except FileNotFoundError:
        if optional:
            return {}
        raise UnreadableRecording(f"there is no {path}") from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise UnreadableRecording(f"{path} cannot be read: {clip(str(error), 200)}") from error
    if not isinstance(found, dict):
        raise UnreadableRecording(f"{path} holds no object")
    return found


def _objects(cluster: Json, place: str) -> tuple[Objects, list[str]]:
    """Objects by plural, and what could not be read."""
    found: dict[str, tuple[Json, ...]] = {}
    problems: list[str] = []
    for key, value in cluster.items():
        plural = key.lower()
        if plural in _NOT_OBJECTS or value is None:
            continue
        listed = dig(value, "items") if isinstance(value, dict) else value
        if not isinstance(listed, list):
            problems.append(f"{key} of cluster.json is no list of objects and was not read")
            continue
        items = [{"metadata": {"name": each}} if isinstance(each, str) else each for each in listed]
        objects = [
            each
            for each in items
            if isinstance(each, dict) and (plural == "events" or name_of(each))
        ]
        if len(objects) < len(items):
            problems.append(f"{len(items) - len(objects)} of {key} are no objects with a name")
        found[plural] = tuple(each for each in objects if _is_in(each, plural, place))
        if plural in _SYSTEM_KINDS and place != _SYSTEM:
            found[_SYSTEM_KINDS[plural]] = tuple(
                each for each in objects if text(each, "metadata", "namespace") == _SYSTEM
            )
    if "endpoints" not in found and "endpointslices" in found:
        found["endpoints"] = tuple(_from_slices(found["endpointslices"]))
    return found, problems


def _is_in(item: Json, plural: str, place: str) -> bool:
    own = text(item, "metadata", "namespace")
    about_node = plural == "events" and text(_subject(item), "kind") == "Node"
    return plural in CLUSTER_WIDE or own in ("", place) or about_node


def _subject(event: Json) -> object:
    return dig(event, "involvedObject") or dig(event, "regarding")


def _from_slices(slices: Iterable[Json]) -> Iterable[Json]:
    """The slices of one service together, as its Endpoints."""
    ready: dict[str, list[Json]] = {}
    for item in slices:
        name = labels_of(item).get("kubernetes.io/service-name", "")
        ready.setdefault(name, []).extend(
            {"ip": address}
            for end in entries(item, "endpoints")
            if dig(end, "conditions", "ready") is not False
            for address in words(end, "addresses")
        )
    for name, addresses in ready.items():
        yield {"metadata": {"name": name}, "subsets": [{"addresses": addresses}]}


def _rollouts(path: Path) -> Iterable[Rollout]:
    document = _document(path, yaml.safe_load, optional=True)
    for entry in entries(document, "deploys"):
        when = moment(entry, "time")
        told = [
            f"{key} {text(entry, key)}"
            for key in ("revision", "image", "commit", "name", "value", "by")
            if text(entry, key)
        ]
        if when:
            yield Rollout(when, text(entry, "object"), f"{text(entry, 'kind')} {', '.join(told)}")
