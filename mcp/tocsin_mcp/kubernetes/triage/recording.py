"""A recorded incident's folder as a snapshot: `cluster.json`, and `deploys.yaml` and `metrics.csv` where they exist.

The expected diagnosis in `scenario.yaml` is never read.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from tocsin_mcp.kit.output import clip, plain
from tocsin_mcp.kit.times import parse_rfc3339

from .measured import read_usage
from .objects import Json, dig, entries, labels_of, moment, name_of, text, words
from .snapshot import CLUSTER_WIDE, SYSTEM_DAEMONS, SYSTEM_PODS, Log, LogLine, Rollout, Snapshot

_NOT_OBJECTS = frozenset({"namespace", "collectedat", "logs"})
_SYSTEM = "kube-system"
_LONGEST_LINE = 4000


class UnreadableRecording(Exception):
    """A folder that is no recorded incident; the text says which file and why."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A snapshot with what the alarm named."""

    id: str
    service: str
    snapshot: Snapshot


def read_recording(folder: Path, namespace: str = "") -> Recording:
    """Raises UnreadableRecording."""
    cluster = _document(folder / "cluster.json", json.loads)
    head = _document(folder / "scenario.yaml", yaml.safe_load, optional=True)
    place = namespace or text(head, "namespace") or text(cluster, "namespace") or "default"
    objects = _objects(cluster, place)
    now = moment(head, "now") or moment(cluster, "collectedAt") or _newest(objects)
    pods = objects.get("pods", ())
    snapshot = Snapshot(
        namespace=place,
        now=now,
        objects=objects,
        logs=tuple(_logs(cluster.get("logs"), pods)),
        rollouts=tuple(_rollouts(folder / "deploys.yaml")),
        usage=read_usage(folder / "metrics.csv", pods),
    )
    return Recording(text(head, "id") or folder.name, text(head, "service"), snapshot)


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


def _objects(cluster: Json, place: str) -> dict[str, tuple[Json, ...]]:
    found: dict[str, tuple[Json, ...]] = {}
    for key, listed in cluster.items():
        plural = key.lower()
        if plural in _NOT_OBJECTS or not isinstance(listed, list):
            continue
        items = [{"metadata": {"name": each}} if isinstance(each, str) else each for each in listed]
        items = [each for each in items if isinstance(each, dict)]
        found[plural] = tuple(each for each in items if _is_in(each, plural, place))
        if plural in ("pods", "daemonsets") and place != _SYSTEM:
            system = SYSTEM_PODS if plural == "pods" else SYSTEM_DAEMONS
            found[system] = tuple(
                each for each in items if text(each, "metadata", "namespace") == _SYSTEM
            )
    if "endpoints" not in found and "endpointslices" in found:
        found["endpoints"] = tuple(_from_slices(found["endpointslices"]))
    return found


def _is_in(item: Json, plural: str, place: str) -> bool:
    own = text(item, "metadata", "namespace")
    about_node = plural == "events" and text(item, "involvedObject", "kind") == "Node"
    return plural in CLUSTER_WIDE or own in ("", place) or about_node


def _from_slices(slices: Iterable[Json]) -> Iterable[Json]:
    for item in slices:
        ready = [
            {"ip": address}
            for end in entries(item, "endpoints")
            if dig(end, "conditions", "ready") is not False
            for address in words(end, "addresses")
        ]
        name = labels_of(item).get("kubernetes.io/service-name", "")
        yield {"metadata": {"name": name}, "subsets": [{"addresses": ready}]}


def _newest(objects: Mapping[str, tuple[Json, ...]]) -> datetime:
    times = [moment(each, "lastTimestamp") for each in objects.get("events", ())]
    times += [moment(each, "metadata", "creationTimestamp") for each in objects.get("pods", ())]
    return max((each for each in times if each), default=datetime.now(UTC))


def _logs(recorded: object, pods: tuple[Json, ...]) -> Iterable[Log]:
    for key, lines in recorded.items() if isinstance(recorded, dict) else ():
        if not isinstance(lines, list):
            continue
        whole = str(key).removesuffix(":previous")
        owner, _, container = whole.partition("/")
        pod = _pod_of(owner, pods)
        parsed = tuple(_stamped(str(line) for line in lines))
        yield Log(pod, container, parsed, previous=str(key).endswith(":previous"))


def _pod_of(owner: str, pods: tuple[Json, ...]) -> str:
    """A log may be recorded for a whole service: then it is taken for its first pod's."""
    if any(name_of(each) == owner for each in pods):
        return owner
    mine = [name_of(each) for each in pods if owner in labels_of(each).values()]
    return mine[0] if mine else owner


def _stamped(lines: Iterable[str]) -> Iterable[LogLine]:
    """A line without a time belongs to the one before."""
    last: datetime | None = None
    for line in lines:
        head, _, rest = line.partition(" ")
        when = parse_rfc3339(head)
        last = when or last
        yield LogLine(last, clip(plain(rest if when else line), _LONGEST_LINE))


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
