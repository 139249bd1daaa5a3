"""Fields that the API server fills in when a manifest leaves them out, as far as strict clients trip over them."""

from __future__ import annotations

from .shapes import Json, as_list, dig

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_PROBE_DEFAULTS = {
    "timeoutSeconds": 1,
    "periodSeconds": 10,
    "successThreshold": 1,
    "failureThreshold": 3,
}

_ALWAYS_IN_STATUS: dict[str, Json] = {
    "replicasets": {"replicas": 0},
    "statefulsets": {"replicas": 0},
    "daemonsets": {
        "currentNumberScheduled": 0,
        "desiredNumberScheduled": 0,
        "numberMisscheduled": 0,
        "numberReady": 0,
    },
}
_NODE_INFO = {
    "architecture": "amd64",
    "bootID": "",
    "containerRuntimeVersion": "containerd://2.1.4",
    "kernelVersion": "",
    "kubeProxyVersion": "",
    "kubeletVersion": "v1.34.2",
    "machineID": "",
    "operatingSystem": "linux",
    "osImage": "",
    "systemUUID": "",
}


def with_status(plural: str, item: Json) -> Json:
    """The object with the status fields that the server always sends for its kind."""
    status = {**_ALWAYS_IN_STATUS.get(plural, {}), **(item.get("status") or {})}
    if plural == "nodes":
        status["nodeInfo"] = {**_NODE_INFO, **(status.get("nodeInfo") or {})}
    return {**item, "status": status} if status else item


def with_owner_ids(metadata: Json) -> Json:
    """Metadata whose owner references have the fields that every one has."""
    owners = as_list(metadata.get("ownerReferences"))
    filled = [
        {"apiVersion": "apps/v1", "uid": "", "kind": "", "name": "", **each} for each in owners
    ]
    return {**metadata, "ownerReferences": filled} if owners else metadata


def with_defaults(spec: Json) -> Json:
    """A pod spec whose containers' probes are complete; the argument is not changed."""
    lists: Json = {
        key: [_container(container) for container in as_list(spec[key])]
        for key in ("containers", "initContainers")
        if key in spec
    }
    return {**spec, **lists}


def complete(item: Json) -> Json:
    """A pod or a workload with defaults in its pod spec or pod template; other objects as they are."""
    if as_list(dig(item, "spec", "containers")):
        return {**item, "spec": with_defaults(item["spec"])}
    template = dig(item, "spec", "template")
    if as_list(dig(template, "spec", "containers")):
        filled = {**template, "spec": with_defaults(template["spec"])}
        return {**item, "spec": {**item["spec"], "template": filled}}
    return item


def _container(container: Json) -> Json:
    probes: Json = {key: _probe(container[key]) for key in _PROBES if container.get(key)}
    return {**container, **probes}


def _probe(probe: Json) -> Json:
    filled = {**_PROBE_DEFAULTS, **probe}
    if isinstance(probe.get("grpc"), dict):
        filled["grpc"] = {"service": "", **probe["grpc"]}
    if isinstance(probe.get("httpGet"), dict):
        filled["httpGet"] = {"path": "/", "scheme": "HTTP", **probe["httpGet"]}
    return filled
