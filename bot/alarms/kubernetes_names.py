"""What the names that Kubernetes makes tell: the workload behind a pod's name."""

from __future__ import annotations

import re
from typing import Final

_SAFE: Final = "bcdfghjklmnpqrstvwxz2456789"
"""The alphabet of generated name parts (k8s.io/apimachinery/pkg/util/rand): no vowels, no 0, 1, 3."""
_SUFFIX = re.compile(
    rf"(?:-(?:[{_SAFE}]{{6,10}}|\d{{8,10}})-[{_SAFE}]{{5}}"  # ReplicaSet (older hashes are decimal) or CronJob
    rf"|-(?=[{_SAFE}]*[2456789])[{_SAFE}]{{5}}"  # DaemonSet or Job
    r"|-\d{1,3})\Z"  # StatefulSet
)
_POD_IN_TEXT = re.compile(
    rf"(?<![\w./-])((?:[a-z0-9-]{{1,63}}/)?[a-z0-9](?:[a-z0-9-]{{0,200}}[a-z0-9])?)-(?:[{_SAFE}]{{6,10}}|\d{{8,10}})-[{_SAFE}]{{5}}(?![\w-])"
)
_OBJECT_IN_TEXT = re.compile(
    r"\b(?:deployment|statefulset|daemonset|replicaset|pod)s?(?:\.apps)?"
    r"(?:/|\s+[`'\"*]?(?P<namespace>[a-z0-9][a-z0-9-]{0,62})/)(?P<name>[a-z0-9][a-z0-9-]{1,200})(?![\w./-])",
    re.IGNORECASE,
)
_NAMESPACE_IN_TEXT = re.compile(
    r"\bnamespaces?\b[\s:='\"`*]{1,6}(?P<name>[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?![\w/.-])"
)
_NOT_NAMESPACES: Final = frozenset(
    {"is", "has", "and", "or", "of", "in", "the", "for", "with", "was"}
)
_SERVICE_LIKE = re.compile(
    r"(?<![\w./-])([a-z][a-z0-9-]{0,60}(?:[a-z]service|-service|-svc|-api|-server|-worker|-gateway|-frontend|-backend))"
    r"(?![\w/-]|\.\w)"
)
_COMMON: Final = frozenset(
    {"microservice", "webservice", "self-service", "in-service", "kube-api", "rest-api"}
)
_NAME = re.compile(r"\A[a-z0-9](?:[a-z0-9-]{0,251}[a-z0-9])?\Z")


def is_object_name(text: str) -> bool:
    """Whether Kubernetes would take it as the name of a workload (an RFC 1123 label)."""
    return bool(_NAME.match(text)) and any(character.isalpha() for character in text)


def workload_of(pod: str) -> str:
    """`cartservice-7d9f8b6c5d-x2x4p` is of `cartservice`, `redis-0` of `redis`. An unknown shape stays."""
    name = pod.strip().lower().rpartition("/")[2]
    return _SUFFIX.sub("", name) or name


def without_pods(text: str) -> str:
    """A text in which the names of Deployment pods are replaced by their workload's."""
    return _POD_IN_TEXT.sub(r"\1", text)


def pods_in(text: str) -> list[str]:
    """The names of Deployment pods in a text, in order."""
    return [match[0] for match in _POD_IN_TEXT.finditer(text[:20_000])]


def object_in(text: str) -> tuple[str, str]:
    """Namespace and workload of the first object named `Deployment boutique/cart` or `deployment/cart`, else empty."""
    match = _OBJECT_IN_TEXT.search(text[:20_000])
    return ((match["namespace"] or "").lower(), workload_of(match["name"])) if match else ("", "")


def namespace_in(text: str) -> str:
    """The name after the word `namespace`, as in `in namespace boutique` and `(namespace: boutique)`, else empty."""
    names = (match["name"] for match in _NAMESPACE_IN_TEXT.finditer(text[:20_000]))
    return next((name for name in names if name not in _NOT_NAMESPACES), "")


def service_like(text: str) -> str:
    """The first word that is built like the name of a service (`cartservice`, `orders-api`), else empty."""
    names = (match[1] for match in _SERVICE_LIKE.finditer(text[:5_000]))
    return next((name for name in names if name not in _COMMON), "")
