"""What changed in a workload's pod template, read from the ReplicaSets of a deployment."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tocsin_mcp.kubernetes.masking import shown, without_logins

from .implied import revision_of
from .objects import Json, dig, entries, moment, pairs, quote, text
from .world import Workload

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_WHOLE = ("nodeSelector", "affinity", "tolerations", "imagePullSecrets", "serviceAccountName", "dnsPolicy", "dnsConfig",
          "securityContext", "schedulerName", "volumes", "priorityClassName", "hostNetwork")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """What one revision changed against the one before. `lines` are `key: old -> new`, `keys` the keys alone."""

    workload: str
    revision: str
    time: datetime | None
    image: str
    lines: tuple[str, ...]
    keys: frozenset[str]

    @property
    def line(self) -> str:
        """One line for a person."""
        when = f" of {self.time:%Y-%m-%dT%H:%M:%SZ}" if self.time else ""
        return f"{self.workload} revision {self.revision}{when}: {'; '.join(self.lines[:4])}"


def latest_change(workload: Workload) -> Change | None:
    """What the current revision changed; None when there is no earlier one to compare with."""
    if len(workload.revisions) < 2:
        return None
    new, old = workload.revisions[:2]
    after, before = _facts(_spec(new)), _facts(_spec(old))
    keys = [key for key in dict.fromkeys([*after, *before]) if after.get(key) != before.get(key)]
    return Change(
        workload.ref,
        revision_of(new) or "?",
        moment(new, "metadata", "creationTimestamp"),
        next((text(each, "image") for each in entries(_spec(new), "containers")), ""),
        tuple(f"{key}: {before.get(key, 'none')} -> {after.get(key, 'none')}" for key in keys),
        frozenset(keys),
    )


def changed(workload: Workload | None, part: str) -> bool:
    """Whether the current revision changed something whose key holds `part`."""
    change = latest_change(workload) if workload else None
    return change is not None and any(part in key for key in change.keys)


def previous_spec(workload: Workload | None) -> Json:
    """The pod spec of the revision before the current one; empty when there is none."""
    return _spec(workload.revisions[1]) if workload and len(workload.revisions) > 1 else {}


def _spec(replica_set: Json) -> Json:
    found = dig(replica_set, "spec", "template", "spec")
    return found if isinstance(found, dict) else {}


def _facts(spec: Json) -> dict[str, str]:
    found: dict[str, str] = {}
    for container in [*entries(spec, "initContainers"), *entries(spec, "containers")]:
        name = text(container, "name")
        found |= {f"{name} {key}": value for key, value in _container(container)}
    for key in _WHOLE:
        if dig(spec, key) not in (None, [], {}):
            found[key] = quote(str(dig(spec, key)))
    return found


def _container(container: Json) -> Iterable[tuple[str, str]]:
    yield "image", text(container, "image")
    for variable in entries(container, "env"):
        name = text(variable, "name")
        source = dig(variable, "valueFrom")
        yield f"env {name}", str(source) if source else shown(name, text(variable, "value"))
    for where in ("requests", "limits"):
        for name, value in pairs(container, "resources", where).items():
            yield f"{where} {name}", value
    for key in _PROBES:
        yield from ((f"{key} {field}", str(value)) for field, value in _map(container, key))
    for key in ("command", "args", "ports", "volumeMounts", "envFrom", "securityContext"):
        if dig(container, key):
            yield key, without_logins(quote(str(dig(container, key))))


def _map(item: Json, key: str) -> list[tuple[str, object]]:
    found = dig(item, key)
    return list(found.items()) if isinstance(found, dict) else []
