"""What callers may pass: names, kinds, selectors and counts, checked before anything reaches the API.

Checks are validators in code, not JSON Schema patterns: the error can say what would be right, and strict clients
accept the schema.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from tocsin_mcp.kit.arguments import BLANK, between

from .object import object_kind

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
_KEY = r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?/)?[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?"
_VALUE = r"(?:[A-Za-z0-9](?:[\w.-]{0,61}[A-Za-z0-9])?)?"
_REQUIREMENTS = (
    re.compile(rf"{_KEY}\s*(?:==|=|!=)\s*{_VALUE}", re.ASCII),
    re.compile(rf"{_KEY}\s+(?:in|notin)\s*\(\s*{_VALUE}(?:\s*,\s*{_VALUE})*\s*\)", re.ASCII),
    re.compile(rf"!?\s*{_KEY}", re.ASCII),
)
_COMMA = re.compile(r",(?![^(]*\))")
_LONGEST_SELECTOR = 500

KINDS = {
    "deployment": ("deployments", "deploy", "deployments.apps", "deployment.apps"),
    "statefulset": ("statefulsets", "sts", "statefulsets.apps", "statefulset.apps"),
    "daemonset": ("daemonsets", "ds", "daemonsets.apps", "daemonset.apps"),
    "replicaset": ("replicasets", "rs", "replicasets.apps", "replicaset.apps"),
    "job": ("jobs", "jobs.batch", "job.batch"),
    "cronjob": ("cronjobs", "cj", "cronjobs.batch", "cronjob.batch"),
}
_ALIASES = {alias: kind for kind, aliases in KINDS.items() for alias in (kind, *aliases)}


def canonical_kind(text: str) -> str:
    """`Deployment`, `deploy`, `deployments.apps` → `deployment`. Raises ValueError for what is no workload."""
    kind = _ALIASES.get(text.strip().lower())
    if kind is None:
        raise ValueError(f"must be one of {', '.join(KINDS)}")
    return kind


def split_reference(text: str) -> tuple[str | None, str]:
    """`deployment/cart` → (`deployment`, `cart`); `cart` → (None, `cart`). Raises ValueError."""
    kind, slash, name = text.partition("/")
    return (canonical_kind(kind), check_name(name)) if slash else (None, check_name(text))


def check_name(text: str) -> str:
    """A DNS-1123 subdomain, as object names are. Raises ValueError."""
    name = text.strip()
    if not _NAME.fullmatch(name):
        raise ValueError(
            "must be an object's name: lower-case letters, digits, '-' and '.' (at most 253)"
        )
    return name


def _namespace(text: str | None) -> str | None:
    if text is not None and not _LABEL.fullmatch(text):
        raise ValueError("must be one namespace: lower-case letters, digits and '-' (at most 63)")
    return text


def _optional_name(text: str | None) -> str | None:
    return None if text is None else check_name(text)


def _reference(text: str | None) -> str | None:
    if text is not None:
        split_reference(text)
    return text


def _required_reference(text: str) -> str:
    split_reference(text)
    return text.strip()


def _deployment(text: str) -> str:
    kind, name = split_reference(text)
    if kind not in (None, "deployment"):
        raise ValueError("must be a deployment; describe_workload tells about other kinds")
    return name


def _object(text: str | None) -> str | None:
    if text is not None:
        check_name(text.rpartition("/")[2])
    return text


def _selector(text: str | None) -> str | None:
    if text is None:
        return None
    parts = [part.strip() for part in _COMMA.split(text)]
    if len(text) > _LONGEST_SELECTOR or not all(
        any(pattern.fullmatch(part) for pattern in _REQUIREMENTS) for part in parts
    ):
        raise ValueError(
            "must be a label selector like app=cart, tier!=cache, env in (prod,staging), !canary"
        )
    return ",".join(parts)


Namespace = Annotated[
    str | None,
    AfterValidator(_namespace),
    BLANK,
    Field(description="Namespace; leave out for the configured one."),
]
Name = Annotated[str, AfterValidator(check_name)]
WorkloadName = Annotated[
    str, AfterValidator(_required_reference), Field(description="Its name, as list_workloads says.")
]
DeploymentName = Annotated[
    str, AfterValidator(_deployment), Field(description="The deployment's name.")
]
Kind = Annotated[
    str, AfterValidator(canonical_kind), Field(description=f"One of {', '.join(KINDS)}.")
]
ObjectKind = Annotated[
    str, AfterValidator(object_kind), Field(description="service, node, pvc, ingress, hpa, …")
]
Container = Annotated[
    str | None,
    AfterValidator(_optional_name),
    BLANK,
    Field(description="Container name; leave out for the main one, or all of them."),
]
PodName = Annotated[
    str | None, AfterValidator(_optional_name), BLANK, Field(description="Full name of one pod.")
]
Reference = Annotated[
    str | None,
    AfterValidator(_reference),
    BLANK,
    Field(description="Name of a workload, `cartservice` or `statefulset/redis-cart`."),
]
Involved = Annotated[
    str | None,
    AfterValidator(_object),
    BLANK,
    Field(
        description="Only events of this object and of what belongs to it by name: `cartservice` "
        "covers its ReplicaSets and pods; `node/worker-1` only that node."
    ),
]
Selector = Annotated[
    str | None,
    AfterValidator(_selector),
    BLANK,
    Field(description="Label selector, `app=cart,tier!=cache`."),
]
Since = Annotated[
    str | None,
    BLANK,
    Field(description="Only what is newer: a duration back from now (15m, 2h, 1d) or RFC 3339."),
]
ChangedSince = Annotated[
    str,
    Field(description="Beginning: a duration back from now (2h, 24h, 7d) or RFC 3339."),
]
ChangeLimit = Annotated[int, between(1, 200), Field(description="Most changes, 1 to 200.")]
EventLimit = Annotated[int, between(1, 500), Field(description="Most lines to return, 1 to 500.")]
Tail = Annotated[
    int,
    between(1, 2000),
    Field(description="Last lines per container, 1 to 2000; with `grep`, last matches."),
]
Grep = Annotated[
    str | None,
    BLANK,
    Field(
        description="Substring or simple regular expression, any case, at most 200 characters: "
        "`exception|timed out`. Searched in the last 5000 lines per container."
    ),
]
