"""Probes as their author wrote them: a service mesh lets the kubelet ask its own agent, which asks the program.

Istio's injector replaces the handler of a probe by port 15020 and a path below `/app-health/`, and keeps the original in
a variable of its agent (ISTIO_KUBE_APP_PROBERS).
"""

from __future__ import annotations

import json

from .objects import Json, entries, text

_VARIABLE = "ISTIO_KUBE_APP_PROBERS"
_PREFIX = "/app-health/"
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HANDLERS = ("httpGet", "tcpSocket", "grpc", "exec")


def written_by_author(pod: Json, container: Json) -> tuple[Json, frozenset[str]]:
    """A container's spec with the original probes, and which of them (`livenessProbe`) had been replaced."""
    paths = {
        key: path
        for key in _PROBES
        if (path := text(container, key, "httpGet", "path")).startswith(_PREFIX)
    }
    kept = _kept(pod) if paths else {}
    found = {key: kept[path] for key, path in paths.items() if isinstance(kept.get(path), dict)}
    restored = {key: _restored(container[key], before) for key, before in found.items()}
    return {**container, **restored}, frozenset(paths)


def _kept(pod: Json) -> Json:
    for where in ("containers", "initContainers"):
        for container in entries(pod, "spec", where):
            for variable in entries(container, "env"):
                if text(variable, "name") == _VARIABLE:
                    return _read(text(variable, "value"))
    return {}


def _read(value: str) -> Json:
    try:
        found = json.loads(value)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _restored(probe: Json, before: Json) -> Json:
    """The timing of the present probe with the handler of the original."""
    timing = {key: value for key, value in probe.items() if key not in _HANDLERS}
    return timing | {key: before[key] for key in _HANDLERS if key in before}
