"""The documents by which a client learns what the server serves: /version, /api, /apis and below."""

from __future__ import annotations

from .resources import GROUPS, RESOURCES, Resource
from .shapes import Json

VERSION: Json = {
    "major": "1",
    "minor": "34",
    "gitVersion": "v1.34.2",
    "gitCommit": "8cc511e399b929453cd98ae65b419c3cc227ec79",
    "gitTreeState": "clean",
    "buildDate": "2025-11-11T19:00:00Z",
    "goVersion": "go1.24.9",
    "compiler": "gc",
    "platform": "linux/amd64",
}


def document(path: str) -> Json | None:
    """The discovery document at `path` (with or without a final slash), or None when there is none."""
    match [part for part in path.split("/") if part]:
        case ["version"]:
            return VERSION
        case ["api"]:
            return {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": []}
        case ["apis"]:
            return {
                "kind": "APIGroupList",
                "apiVersion": "v1",
                "groups": [_group(name) for name in GROUPS],
            }
        case ["api", "v1"]:
            return _resource_list("", "v1")
        case ["apis", name] if name in GROUPS:
            return {"kind": "APIGroup", "apiVersion": "v1", **_group(name)}
        case ["apis", name, version]:
            return _resource_list(name, version)
        case _:
            return None


def _versions(group: str) -> list[str]:
    return list(
        dict.fromkeys(resource.version for resource in RESOURCES if resource.group == group)
    )


def _group(name: str) -> Json:
    versions = [
        {"groupVersion": f"{name}/{version}", "version": version} for version in _versions(name)
    ]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def _resource_list(group: str, version: str) -> Json | None:
    resources = [r for r in RESOURCES if (r.group, r.version) == (group, version)]
    if not resources:
        return None
    entries = [_entry(resource) for resource in resources]
    if not group:
        entries.append(
            {
                "name": "pods/log",
                "singularName": "",
                "namespaced": True,
                "kind": "Pod",
                "verbs": ["get"],
            }
        )
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": resources[0].api_version,
        "resources": entries,
    }


def _entry(resource: Resource) -> Json:
    entry: Json = {
        "name": resource.plural,
        "singularName": resource.kind.lower(),
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": ["get", "list", "watch"],
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.in_all:
        entry["categories"] = ["all"]
    return entry
