"""A scenario's `cluster.json` as the store behind the API server: complete objects, by kind, namespace and name.

The recording leaves out what a server always sets (apiVersion, uid, resourceVersion, …); that is filled in here, so
that strict clients can read the answers. Nothing is invented about the state of the cluster.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from .defaults import complete, with_owner_ids, with_status
from .derived import endpoint_slice, endpoints_of, modern_event
from .resources import RESOURCES, Resource, find
from .shapes import Json, as_list, dig, parse_time, stamp

_FIRST_VERSION = 1000
_HIDDEN = ("data", "stringData")


@dataclass(frozen=True, slots=True)
class Scene:
    """What the server serves. `now` is the recorded present; `logs` is the recording's map of log lines."""

    now: datetime
    namespace: str
    objects: Mapping[tuple[str, str], tuple[Json, ...]]
    logs: Mapping[str, tuple[str, ...]] = field(repr=False)
    version: str = str(_FIRST_VERSION)

    def all(self, resource: Resource, namespace: str = "") -> list[Json]:
        """The objects of a kind, in one namespace or in all of them, ordered by namespace and name."""
        items = self.objects.get((resource.group, resource.plural), ())
        return [
            item
            for item in items
            if not namespace or item["metadata"].get("namespace") == namespace
        ]

    def get(self, resource: Resource, namespace: str, name: str) -> Json | None:
        """One object, or None."""
        for item in self.all(resource, namespace):
            if item["metadata"]["name"] == name:
                return item
        return None


def load(folder: Path) -> Scene:
    """Read a scenario folder. Without `cluster.json` the cluster is empty; without `scenario.yaml` now is real.

    Raises OSError for a missing folder and ValueError for a file that is no JSON object or holds no such time.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"no scenario folder {folder}")
    recording = _recording(folder / "cluster.json")
    now = _now(folder / "scenario.yaml") or parse_time(recording.get("collectedAt"))
    return build(recording, now or datetime.now(UTC))


def build(recording: Json, now: datetime) -> Scene:
    """The scene of a recording: `cluster.json` as a JSON object."""
    namespace = str(recording.get("namespace") or "default")
    filler = _Filler(namespace, parse_time(recording.get("collectedAt")) or now)
    objects: dict[tuple[str, str], tuple[Json, ...]] = {}
    for resource in RESOURCES:
        if resource.group not in ("events.k8s.io", "discovery.k8s.io"):
            key = (resource.group, resource.plural)
            objects[key] = filler.fill(resource, recording.get(resource.plural))
    _derive(objects, filler)
    logs = {
        str(name): tuple(str(line) for line in lines)
        for name, lines in (recording.get("logs") or {}).items()
    }
    return Scene(now, namespace, objects, logs, str(filler.counter))


def _derive(objects: dict[tuple[str, str], tuple[Json, ...]], filler: _Filler) -> None:
    services, pods = objects["", "services"], objects["", "pods"]
    recorded = objects["", "endpoints"]
    known = {(item["metadata"]["namespace"], item["metadata"]["name"]) for item in recorded}
    missing = [
        endpoints_of(service, pods)
        for service in services
        if dig(service, "spec", "selector")
        and (service["metadata"]["namespace"], service["metadata"]["name"]) not in known
    ]
    endpoints = (*recorded, *filler.fill(_served("", "endpoints"), missing))
    objects["", "endpoints"] = tuple(sorted(endpoints, key=_order))
    slices = [endpoint_slice(item) for item in objects["", "endpoints"]]
    objects["discovery.k8s.io", "endpointslices"] = filler.fill(
        _served("discovery.k8s.io", "endpointslices"), slices
    )
    identities = {
        (item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"]): item
        for items in objects.values()
        for item in items
    }
    objects["", "events"] = tuple(_identified(event, identities) for event in objects["", "events"])
    objects["events.k8s.io", "events"] = tuple(
        modern_event(event) for event in objects["", "events"]
    )
    objects["", "namespaces"] = filler.namespaces(objects)


def _served(group: str, plural: str) -> Resource:
    resource = find(group, "v1", plural)
    if resource is None:
        raise LookupError(plural)
    return resource


class _Filler:
    """Completes recorded objects with what every server sets, and counts resource versions."""

    def __init__(self, namespace: str, created: datetime) -> None:
        self.counter = _FIRST_VERSION
        self._namespace = namespace
        self._created = stamp(created)

    def fill(self, resource: Resource, recorded: Any) -> tuple[Json, ...]:
        items = recorded if isinstance(recorded, list) else []
        named = [{"metadata": {"name": item}} if isinstance(item, str) else item for item in items]
        return tuple(
            sorted((self._complete(resource, item) for item in as_list(named)), key=_order)
        )

    def namespaces(self, objects: Mapping[tuple[str, str], tuple[Json, ...]]) -> tuple[Json, ...]:
        present = list(objects["", "namespaces"])
        names = {item["metadata"]["name"] for item in present}
        used = {
            item["metadata"]["namespace"]
            for items in objects.values()
            for item in items
            if item["metadata"].get("namespace")
        }
        added = [
            {"metadata": {"name": name}, "spec": {}, "status": {"phase": "Active"}}
            for name in sorted(used | {self._namespace} - names)
            if name not in names
        ]
        return tuple(sorted((*present, *self.fill(_served("", "namespaces"), added)), key=_order))

    def _complete(self, resource: Resource, recorded: Json) -> Json:
        self.counter += 1
        metadata = with_owner_ids(dict(recorded.get("metadata") or {}))
        if resource.namespaced:
            metadata.setdefault("namespace", self._namespace)
        metadata.setdefault("name", f"{resource.kind.lower()}.{self.counter:x}")
        identity = f"{resource.plural}/{metadata.get('namespace', '')}/{metadata['name']}"
        metadata.setdefault("uid", str(uuid.uuid5(uuid.NAMESPACE_URL, identity)))
        metadata.setdefault("resourceVersion", str(self.counter))
        metadata.setdefault("creationTimestamp", self._created)
        item = {
            **with_status(resource.plural, complete(recorded)),
            "apiVersion": resource.api_version,
            "kind": resource.kind,
            "metadata": metadata,
        }
        if resource.plural == "secrets":
            item = {key: value for key, value in item.items() if key not in _HIDDEN}
            item.setdefault("type", "Opaque")
        if resource.plural == "pods":
            item["status"] = _pod_status(item)
        if resource.plural == "events":
            item["involvedObject"] = _involved(item, metadata)
        return item


def _involved(event: Json, metadata: Json) -> Json:
    return {"namespace": metadata["namespace"], **(event.get("involvedObject") or {})}


def _identified(event: Json, objects: Mapping[tuple[str, str, str], Json]) -> Json:
    """The event with the uid and apiVersion of the object it is about, by which clients look for it."""
    involved = event["involvedObject"]
    kind, name = involved.get("kind", ""), involved.get("name", "")
    found = objects.get((kind, involved["namespace"], name)) or objects.get((kind, "", name))
    if not found:
        return event
    identity = {"uid": found["metadata"]["uid"], "apiVersion": found["apiVersion"]}
    return {**event, "involvedObject": {**identity, **involved}}


def _pod_status(pod: Json) -> Json:
    status = dict(pod.get("status") or {"phase": "Pending"})
    for key, where in (
        ("containerStatuses", "containers"),
        ("initContainerStatuses", "initContainers"),
    ):
        if key in status:
            images = {
                container.get("name"): container.get("image", "")
                for container in as_list(dig(pod, "spec", where))
            }
            status[key] = [
                {
                    "image": images.get(entry.get("name"), ""),
                    "imageID": "",
                    "restartCount": 0,
                    "ready": False,
                    "lastState": {},
                    **entry,
                }
                for entry in as_list(status[key])
            ]
    return status


def _order(item: Json) -> tuple[str, str]:
    return (item["metadata"].get("namespace", ""), item["metadata"]["name"])


def _recording(path: Path) -> Json:
    if not path.exists():
        return {}
    recording = json.loads(path.read_text("utf-8"))
    if not isinstance(recording, dict):
        raise ValueError(f"{path}: not a JSON object")
    return recording


def _now(path: Path) -> datetime | None:
    if not path.exists():
        return None
    content = yaml.safe_load(path.read_text("utf-8"))
    value = content.get("now") if isinstance(content, dict) else None
    if isinstance(value, datetime):  # YAML reads an unquoted time by itself
        return value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)
    moment = parse_time(value)
    if value is not None and moment is None:
        raise ValueError(f"{path}: now is not an RFC 3339 time")
    return moment
