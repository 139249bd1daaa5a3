"""The cells of server-side printing, one function a column: `(object, now) -> value`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from .shapes import Json, as_list, dig, parse_time

Cell = Callable[[Json, datetime], Any]

_NONE = "<none>"


def human(seconds: float) -> str:
    """A duration as kubectl prints it: `43s`, `5m12s`, `47m`, `3h20m`, `26h`, `4d`, `12d`, `2y10d`."""
    total = max(0, int(seconds))
    minutes, hours, days = total // 60, total // 3600, total // 86400
    for limit, text in (
        (total < 120, f"{total}s"),
        (minutes < 10, f"{minutes}m{total % 60}s" if total % 60 else f"{minutes}m"),
        (minutes < 180, f"{minutes}m"),
        (hours < 8, f"{hours}h{minutes % 60}m" if minutes % 60 else f"{hours}h"),
        (hours < 48, f"{hours}h"),
        (days < 8, f"{days}d{hours % 24}h" if hours % 24 else f"{days}d"),
        (days < 730, f"{days}d"),
    ):
        if limit:
            return text
    return f"{days // 365}y{days % 365}d"


def since(*path: str) -> Cell:
    """How long ago the time at `path` was."""

    def cell(item: Json, now: datetime) -> str:
        moment = parse_time(dig(item, *path))
        return human((now - moment).total_seconds()) if moment else _NONE

    return cell


age_cell = since("metadata", "creationTimestamp")


def name(item: Json, _: datetime) -> str:
    return str(item["metadata"]["name"])


def _statuses(pod: Json) -> list[Json]:
    return as_list(dig(pod, "status", "containerStatuses"))


def pod_ready(pod: Json, _: datetime) -> str:
    total = len(as_list(dig(pod, "spec", "containers")))
    return f"{sum(1 for status in _statuses(pod) if status.get('ready'))}/{total}"


def pod_status(pod: Json, _: datetime) -> str:
    """The one word kubectl shows: the first waiting or failed container's reason, else the phase."""
    if dig(pod, "metadata", "deletionTimestamp"):
        return "Terminating"
    reason = str(dig(pod, "status", "reason") or dig(pod, "status", "phase") or "Unknown")
    for number, status in enumerate(as_list(dig(pod, "status", "initContainerStatuses"))):
        text = _container_reason(status)
        if text and text != "Completed":
            return f"Init:{text}"
        if not dig(status, "state", "terminated") and not status.get("started"):
            total = len(as_list(dig(pod, "spec", "initContainers")))
            return f"Init:{number}/{total}"
    return next((text for text in map(_container_reason, _statuses(pod)) if text), reason)


def _container_reason(status: Json) -> str:
    waiting, terminated = dig(status, "state", "waiting"), dig(status, "state", "terminated")
    if waiting:
        return str(waiting.get("reason") or "")
    if terminated:
        code = f"Signal:{terminated['signal']}" if terminated.get("signal") else ""
        return str(terminated.get("reason") or code or f"ExitCode:{terminated.get('exitCode', 0)}")
    return ""


def pod_restarts(pod: Json, now: datetime) -> str:
    count = sum(int(status.get("restartCount") or 0) for status in _statuses(pod))
    ended = [
        moment
        for status in _statuses(pod)
        if (moment := parse_time(dig(status, "lastState", "terminated", "finishedAt")))
    ]
    if not count or not ended:
        return str(count)
    return f"{count} ({human((now - max(ended)).total_seconds())} ago)"


def ready_of(*path: str) -> Cell:
    """`ready/desired`, the desired number at `path` (1 when absent, as the server defaults it)."""

    def cell(item: Json, _: datetime) -> str:
        desired = dig(item, *path)
        return f"{dig(item, 'status', 'readyReplicas') or 0}/{1 if desired is None else desired}"

    return cell


def _containers(item: Json) -> list[Json]:
    return as_list(dig(item, "spec", "template", "spec", "containers"))


def container_names(item: Json, _: datetime) -> str:
    return ",".join(str(container.get("name")) for container in _containers(item))


def images(item: Json, _: datetime) -> str:
    return ",".join(str(container.get("image")) for container in _containers(item))


def _labels(labels: object) -> str:
    pairs = labels.items() if isinstance(labels, dict) else ()
    return ",".join(f"{key}={value}" for key, value in sorted(pairs)) or _NONE


def selector(item: Json, _: datetime) -> str:
    return _labels(dig(item, "spec", "selector", "matchLabels"))


def service_selector(item: Json, _: datetime) -> str:
    return _labels(dig(item, "spec", "selector"))


def node_selector(item: Json, _: datetime) -> str:
    return _labels(dig(item, "spec", "template", "spec", "nodeSelector"))


def policy_selector(item: Json, _: datetime) -> str:
    return _labels(dig(item, "spec", "podSelector", "matchLabels"))


def job_status(job: Json, _: datetime) -> str:
    for condition in as_list(dig(job, "status", "conditions")):
        if condition.get("type") in ("Complete", "Failed") and condition.get("status") == "True":
            return str(condition["type"])
    return "Suspended" if dig(job, "spec", "suspend") else "Running"


def job_completions(job: Json, _: datetime) -> str:
    wanted = dig(job, "spec", "completions")
    return f"{dig(job, 'status', 'succeeded') or 0}/{1 if wanted is None else wanted}"


def job_duration(job: Json, now: datetime) -> str:
    start = parse_time(dig(job, "status", "startTime"))
    end = parse_time(dig(job, "status", "completionTime")) or now
    return human((end - start).total_seconds()) if start else ""


def suspend(item: Json, _: datetime) -> str:
    return str(bool(dig(item, "spec", "suspend")))


def active(item: Json, _: datetime) -> int:
    return len(as_list(dig(item, "status", "active")))


def external_ip(service: Json, _: datetime) -> str:
    ingress = as_list(dig(service, "status", "loadBalancer", "ingress"))
    addresses = [str(entry.get("ip") or entry.get("hostname")) for entry in ingress]
    waiting = "<pending>" if dig(service, "spec", "type") == "LoadBalancer" else _NONE
    return ",".join(addresses) or waiting


def service_ports(service: Json, _: datetime) -> str:
    texts = []
    for port in as_list(dig(service, "spec", "ports")):
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        texts.append(f"{port.get('port')}{node}/{port.get('protocol', 'TCP')}")
    return ",".join(texts) or _NONE


def endpoint_addresses(endpoints: Json, _: datetime) -> str:
    found = [
        f"{address.get('ip')}:{port.get('port')}"
        for subset in as_list(endpoints.get("subsets"))
        for port in as_list(subset.get("ports"))
        for address in as_list(subset.get("addresses"))
    ]
    more = f" + {len(found) - 3} more..." if len(found) > 3 else ""
    return ",".join(found[:3]) + more if found else _NONE


def node_status(node: Json, _: datetime) -> str:
    ready = [
        condition.get("status")
        for condition in as_list(dig(node, "status", "conditions"))
        if condition.get("type") == "Ready"
    ]
    word = {"True": "Ready", "False": "NotReady"}.get(str(ready[0]) if ready else "", "NotReady")
    if not ready:
        word = "Unknown"
    return f"{word},SchedulingDisabled" if dig(node, "spec", "unschedulable") else word


def node_roles(node: Json, _: datetime) -> str:
    prefix = "node-role.kubernetes.io/"
    labels = node["metadata"].get("labels") or {}
    roles = [key.removeprefix(prefix) for key in sorted(labels) if key.startswith(prefix)]
    return ",".join(roles) or _NONE


def event_seen(event: Json, now: datetime) -> str:
    for path in (
        ("series", "lastObservedTime"),
        ("lastTimestamp",),
        ("eventTime",),
        ("firstTimestamp",),
    ):
        if moment := parse_time(dig(event, *path)):
            return human((now - moment).total_seconds())
    return "<unknown>"


def event_object(event: Json, _: datetime) -> str:
    involved = event.get("involvedObject") or event.get("regarding") or {}
    return f"{str(involved.get('kind', '')).lower()}/{involved.get('name', '')}"


def event_message(event: Json, _: datetime) -> str:
    return str(event.get("message") or event.get("note") or "").strip()


def access_modes(item: Json, _: datetime) -> str:
    short = {
        "ReadWriteOnce": "RWO",
        "ReadOnlyMany": "ROX",
        "ReadWriteMany": "RWX",
        "ReadWriteOncePod": "RWOP",
    }
    modes = dig(item, "status", "accessModes") or dig(item, "spec", "accessModes") or []
    return ",".join(short.get(mode, mode) for mode in modes)


def data_count(item: Json, _: datetime) -> int:
    return sum(len(item.get(key) or {}) for key in ("data", "binaryData"))


def quota(*prefixes: str) -> Cell:
    """`name: used/hard` of the quota's entries with one of these prefixes."""

    def cell(item: Json, _: datetime) -> str:
        hard, used = dig(item, "status", "hard") or {}, dig(item, "status", "used") or {}
        return ", ".join(
            f"{key}: {used.get(key, '0')}/{hard[key]}"
            for key in sorted(hard)
            if key.startswith(prefixes)
        )

    return cell


def scale_target(item: Json, _: datetime) -> str:
    return f"{dig(item, 'spec', 'scaleTargetRef', 'kind')}/{dig(item, 'spec', 'scaleTargetRef', 'name')}"
