"""Which fields of Kubernetes' and GitHub's objects never help to find a cause. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

BOOKKEEPING = frozenset(
    {
        *("managedFields", "resourceVersion", "selfLink", "generation", "observedGeneration", "uid"),
        *("fieldsV1", "terminationMessagePath", "terminationMessagePolicy", "imageID", "containerID"),
        *("preemptionPolicy", "enableServiceLinks", "lastProbeTime", "hostIPs", "podIPs"),
        *("node_id", "gravatar_id", "avatar_url", "verification", "comment_count", "site_admin"),
        "kubectl.kubernetes.io/last-applied-configuration",
    }
)  # fmt: skip
USUAL = frozenset(
    {("dnsPolicy", "ClusterFirst"), ("schedulerName", "default-scheduler"), ("priority", 0)}
)
"""Fields that only say something when they have another value."""
_EVERY_POD_TOLERATES = frozenset({"node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"})
_TOKEN_VOLUME = "kube-api-access-"


def without_bookkeeping(value: Mapping[str, Any]) -> dict[str, Any]:
    """An object's fields, less those that never help: bookkeeping, and links that an id beside them gives as well."""
    if "login" in value and ("avatar_url" in value or "node_id" in value or "html_url" in value):
        return {"login": value["login"]}
    identified = any(key in value for key in ("sha", "node_id", "number", "filename", "path"))
    return {
        key: _items(item)
        for key, item in value.items()
        if key not in BOOKKEEPING
        and not (isinstance(item, str | int) and (key, item) in USUAL)
        and not (identified and _is_link(key, item))
    }


def _is_link(key: str, value: Any) -> bool:
    return (
        (key == "url" or key.endswith(("_url", "Url")))
        and isinstance(value, str)
        and value.startswith(("http://", "https://"))
    )


def _items(value: Any) -> Any:
    """A list without what every pod has."""
    if not isinstance(value, list):
        return value
    return [item for item in value if not (isinstance(item, Mapping) and _is_in_every_pod(item))]


def _is_in_every_pod(item: Mapping[str, Any]) -> bool:
    if item.get("key") in _EVERY_POD_TOLERATES and item.get("tolerationSeconds", 300) == 300:
        return item.get("effect") == "NoExecute"
    return str(item.get("name", "")).startswith(_TOKEN_VOLUME)
