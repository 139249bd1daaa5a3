"""Which resources the API server knows, under which group, and how a request path names one of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object: its API group ("" is core), version and names, as discovery announces them."""

    group: str
    version: str
    plural: str
    kind: str
    short_names: tuple[str, ...] = ()
    namespaced: bool = True
    in_all: bool = False

    @property
    def api_version(self) -> str:
        """`v1` or `apps/v1`."""
        return f"{self.group}/{self.version}" if self.group else self.version


@dataclass(frozen=True, slots=True)
class Target:
    """What a request path asks for; empty strings where the path says nothing."""

    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""


RESOURCES = (
    Resource("", "v1", "configmaps", "ConfigMap", ("cm",)),
    Resource("", "v1", "endpoints", "Endpoints", ("ep",)),
    Resource("", "v1", "events", "Event", ("ev",)),
    Resource("", "v1", "limitranges", "LimitRange", ("limits",)),
    Resource("", "v1", "namespaces", "Namespace", ("ns",), namespaced=False),
    Resource("", "v1", "nodes", "Node", ("no",), namespaced=False),
    Resource("", "v1", "persistentvolumeclaims", "PersistentVolumeClaim", ("pvc",)),
    Resource("", "v1", "persistentvolumes", "PersistentVolume", ("pv",), namespaced=False),
    Resource("", "v1", "pods", "Pod", ("po",), in_all=True),
    Resource("", "v1", "replicationcontrollers", "ReplicationController", ("rc",), in_all=True),
    Resource("", "v1", "resourcequotas", "ResourceQuota", ("quota",)),
    Resource("", "v1", "secrets", "Secret"),
    Resource("", "v1", "serviceaccounts", "ServiceAccount", ("sa",)),
    Resource("", "v1", "services", "Service", ("svc",), in_all=True),
    Resource("apps", "v1", "daemonsets", "DaemonSet", ("ds",), in_all=True),
    Resource("apps", "v1", "deployments", "Deployment", ("deploy",), in_all=True),
    Resource("apps", "v1", "replicasets", "ReplicaSet", ("rs",), in_all=True),
    Resource("apps", "v1", "statefulsets", "StatefulSet", ("sts",), in_all=True),
    Resource(
        "autoscaling",
        "v2",
        "horizontalpodautoscalers",
        "HorizontalPodAutoscaler",
        ("hpa",),
        in_all=True,
    ),
    Resource("batch", "v1", "cronjobs", "CronJob", ("cj",), in_all=True),
    Resource("batch", "v1", "jobs", "Job", in_all=True),
    Resource("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice"),
    Resource("events.k8s.io", "v1", "events", "Event", ("ev",)),
    Resource("networking.k8s.io", "v1", "ingresses", "Ingress", ("ing",)),
    Resource("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", ("netpol",)),
    Resource("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", ("pdb",)),
    Resource("storage.k8s.io", "v1", "storageclasses", "StorageClass", ("sc",), namespaced=False),
)

GROUPS = tuple(dict.fromkeys(resource.group for resource in RESOURCES if resource.group))


def find(group: str, version: str, plural: str) -> Resource | None:
    """The resource that a path names, or None."""
    for resource in RESOURCES:
        if (resource.group, resource.version, resource.plural) == (group, version, plural):
            return resource
    return None


def parse_path(path: str) -> Target | None:
    """The target of `/api/v1/…` or `/apis/<group>/<version>/…`, or None when no such resource is served."""
    parts = [part for part in path.split("/") if part]
    if len(parts) >= 3 and parts[:2] == ["api", "v1"]:
        return _target("", "v1", parts[2:])
    if len(parts) >= 4 and parts[0] == "apis":
        return _target(parts[1], parts[2], parts[3:])
    return None


def _target(group: str, version: str, rest: list[str]) -> Target | None:
    namespace = ""
    if rest[0] == "namespaces" and len(rest) >= 3:
        namespace, rest = rest[1], rest[2:]
    resource = find(group, version, rest[0])
    if resource is None or len(rest) > 3 or (namespace and not resource.namespaced):
        return None
    name, subresource, *_ = [*rest[1:], "", ""]
    if name and resource.namespaced and not namespace:
        return None
    return Target(resource, namespace, name, subresource)
