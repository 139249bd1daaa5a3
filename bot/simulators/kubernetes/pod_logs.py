"""Pod logs as the kubelet gives them: which container is meant, which lines, and the refusals in its own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from .listing import number
from .scene import Scene
from .shapes import Json, as_list, dig, parse_time
from .status import bad_request

_SERVICE_LABELS = ("app", "app.kubernetes.io/name", "k8s-app", "name")
_IMAGE_WAITS = {
    "ErrImagePull": "image can't be pulled",
    "ImagePullBackOff": "trying and failing to pull image",
}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line: when the container runtime received it, and what the container wrote."""

    time: datetime
    text: str
    stamp: str


def pod_log(scene: Scene, pod: Json, query: Mapping[str, str]) -> str:
    """The text of `GET …/pods/<name>/log`, each line ending with a newline.

    Raises Refusal (400) where the real server refuses: no container chosen among several, an unknown one, one that has
    not started, a previous one that does not exist, a parameter that is no number or no time.
    """
    container = _container(pod, query.get("container", ""))
    previous = query.get("previous", "").lower() in ("true", "1")
    _refuse_unstarted(pod, container, previous)
    lines = _recorded(scene, pod, container, previous)
    if previous and lines is None:
        return _collected(pod, container)
    chosen = _window(_stamped(lines or (), scene), query, scene.now)
    stamps = query.get("timestamps", "").lower() in ("true", "1")
    text = "".join(f"{line.stamp} {line.text}\n" if stamps else f"{line.text}\n" for line in chosen)
    limit = number(query, "limitBytes")
    return text.encode()[:limit].decode("utf-8", "ignore") if limit else text


def _container(pod: Json, asked: str) -> str:
    name = pod["metadata"]["name"]
    regular = [str(entry["name"]) for entry in as_list(dig(pod, "spec", "containers"))]
    init = [str(entry["name"]) for entry in as_list(dig(pod, "spec", "initContainers"))]
    if not asked:
        if len(regular) == 1:
            return regular[0]
        text = f"a container name must be specified for pod {name}, choose one of: [{' '.join(regular)}]"
        if init:
            text += f" or one of the init containers: [{' '.join(init)}]"
        raise bad_request(text)
    if asked not in regular + init:
        raise bad_request(f"container {asked} is not valid for pod {name}")
    return asked


def _status(pod: Json, container: str) -> Json:
    for key in ("containerStatuses", "initContainerStatuses"):
        for entry in as_list(dig(pod, "status", key)):
            if entry.get("name") == container:
                return entry
    return {}


def _refuse_unstarted(pod: Json, container: str, previous: bool) -> None:
    status, name = _status(pod, container), pod["metadata"]["name"]
    if previous:
        if not dig(status, "lastState", "terminated"):
            raise bad_request(
                f'previous terminated container "{container}" in pod "{name}" not found'
            )
        return
    ran = dig(status, "state", "running") or dig(status, "state", "terminated")
    waiting = dig(status, "state", "waiting")
    if waiting and not ran and not dig(status, "lastState", "terminated"):
        reason = str(waiting.get("reason") or "ContainerCreating")
        raise bad_request(
            f'container "{container}" in pod "{name}" is waiting to start: {_IMAGE_WAITS.get(reason, reason)}'
        )


def _recorded(scene: Scene, pod: Json, container: str, previous: bool) -> Sequence[str] | None:
    suffix = ":previous" if previous else ""
    for key in _keys(scene, pod, container):
        if f"{key}{suffix}" in scene.logs:
            return scene.logs[f"{key}{suffix}"]
    # While a container waits to be restarted, its current and its previous log are one and the same.
    if dig(_status(pod, container), "state", "waiting"):
        for key in _keys(scene, pod, container):
            other = key if previous else f"{key}:previous"
            if other in scene.logs:
                return scene.logs[other]
    return None


def _keys(scene: Scene, pod: Json, container: str) -> list[str]:
    name = pod["metadata"]["name"]
    keys = [f"{name}/{container}"]
    regular = as_list(dig(pod, "spec", "containers"))
    if regular and regular[0].get("name") == container:
        keys.append(name)
        service = _service(pod)
        if service and _first_of(scene, pod, service):
            keys.append(service)
    return keys


def _service(pod: Json) -> str:
    labels = pod["metadata"].get("labels") or {}
    return next((str(labels[key]) for key in _SERVICE_LABELS if labels.get(key)), "")


def _first_of(scene: Scene, pod: Json, service: str) -> bool:
    """Whether this pod owns a log recorded for its whole service: the first one that has started."""
    peers = [
        other
        for other in scene.objects["", "pods"]
        if _service(other) == service
        and other["metadata"]["namespace"] == pod["metadata"]["namespace"]
    ]
    started = [peer for peer in peers if dig(peer, "status", "phase") != "Pending"] or peers
    return bool(started[0]["metadata"]["name"] == pod["metadata"]["name"])


def _collected(pod: Json, container: str) -> str:
    """What the kubelet answers (with 200) once the previous container's log file is gone."""
    terminated = dig(_status(pod, container), "lastState", "terminated") or {}
    return (
        f"unable to retrieve container logs for {terminated.get('containerID') or 'containerd://'}"
    )


def _stamped(lines: Sequence[str], scene: Scene) -> list[LogLine]:
    result: list[LogLine] = []
    last, last_stamp = datetime.min.replace(tzinfo=UTC), ""
    for line in lines:
        head, _, rest = line.partition(" ")
        moment = parse_time(head) if "T" in head else None
        if moment:
            last, last_stamp, line = moment, head, rest
        result.append(LogLine(last, line, last_stamp))
    first = next((line for line in result if line.stamp), None)
    fallback = (first.time, first.stamp) if first else (scene.now, scene.now.isoformat())
    return [
        line if line.stamp else LogLine(fallback[0], line.text, fallback[1].replace("+00:00", "Z"))
        for line in result
    ]


def _window(lines: list[LogLine], query: Mapping[str, str], now: datetime) -> list[LogLine]:
    if query.get("tailLines"):
        tail = number(query, "tailLines")
        lines = lines[-tail:] if tail else []
    since = _since(query, now)
    return [line for line in lines if line.time >= since] if since else lines


def _since(query: Mapping[str, str], now: datetime) -> datetime | None:
    if query.get("sinceTime") and query.get("sinceSeconds"):
        raise bad_request("at most one of `sinceTime` or `sinceSeconds` may be specified")
    if seconds := number(query, "sinceSeconds"):
        return now - timedelta(seconds=min(seconds, 10**9))
    if text := query.get("sinceTime", ""):
        moment = parse_time(text)
        if moment is None:
            raise bad_request(
                f'parsing time "{text[:50]}" as "2006-01-02T15:04:05Z07:00": cannot parse'
            )
        return moment
    return None
