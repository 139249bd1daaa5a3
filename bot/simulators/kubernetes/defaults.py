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
