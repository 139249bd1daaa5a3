"""A small healthy shop as API objects, to be broken in one place by each test."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tocsin_mcp.kit.times import rfc3339
from tocsin_mcp.kubernetes.triage.engine import Candidate, Triage, triage
from tocsin_mcp.kubernetes.triage.snapshot import Log, LogLine, Snapshot, Usage

Json = dict[str, Any]
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
KINDS = (
    "pods", "deployments", "replicasets", "statefulsets", "daemonsets", "jobs", "cronjobs", "services", "endpoints",
    "configmaps", "secrets", "serviceaccounts", "nodes", "persistentvolumeclaims", "persistentvolumes", "storageclasses",
    "resourcequotas", "horizontalpodautoscalers", "networkpolicies", "ingresses", "ingressclasses", "events",
    "system_pods", "system_daemonsets",
)  # fmt: skip
CONTROL_PLANE = "node-role.kubernetes.io/control-plane"


def ago(minutes: float) -> str:
    """An RFC 3339 time so many minutes before NOW."""
    return rfc3339(NOW - timedelta(minutes=minutes))


class Shop:
    """web calls cart and pay; cart calls store; all run and are ready on two workers. Two days old."""

    def __init__(self) -> None:
        self.objects: dict[str, list[Json]] = {kind: [] for kind in KINDS}
        self.logs: list[Log] = []
        self.usage: list[Usage] = []
        self._clusters = 0
        self.add_node("control-1", control=True)
        self.add_node("worker-1")
        self.add_node("worker-2")
        self.objects["serviceaccounts"].append(meta("default"))
        self.add_workload(
            "web", 8080, {"CART_ADDR": "cart:7070", "PAY_ADDR": "pay:5051"}, node="worker-1"
        )
        self.add_workload("cart", 7070, {"STORE_ADDR": "store:6379"}, node="worker-1")
        self.add_workload("pay", 5051, {}, node="worker-2")
        self.add_workload("store", 6379, {}, node="worker-2", image="redis:7")

    def add_node(self, name: str, *, control: bool = False) -> Json:
        """A ready node with four cores and eight gibibytes."""
        node = meta(
            name, labels={"kubernetes.io/hostname": name} | ({CONTROL_PLANE: ""} if control else {})
        )
        taints = [{"key": CONTROL_PLANE, "effect": "NoSchedule"}] if control else []
        node["spec"] = {"taints": taints}
        node["status"] = {
            "allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"},
            "conditions": [
                {
                    "type": "Ready",
                    "status": "True",
                    "reason": "KubeletReady",
                    "lastHeartbeatTime": ago(1),
                }
            ],
        }
        self.objects["nodes"].append(node)
        return node

    def add_workload(
        self,
        name: str,
        port: int,
        env: dict[str, str],
        *,
        node: str = "worker-1",
        image: str = "",
        replicas: int = 1,
    ) -> None:
        """A Deployment with its ReplicaSet, ready pods, Service and Endpoints."""
        container = {
            "name": "app",
            "image": image or f"registry.example/shop/{name}:1.0",
            "ports": [{"containerPort": port}],
            "env": [{"name": key, "value": value} for key, value in env.items()],
            "resources": {
                "requests": {"cpu": "100m", "memory": "64Mi"},
                "limits": {"cpu": "200m", "memory": "128Mi"},
            },
        }
        spec = {"containers": [container], "serviceAccountName": "default"}
        labels = {"app": name}
        template = {"metadata": {"labels": labels}, "spec": spec}
        deployment = meta(name, labels=labels)
        deployment["spec"] = {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": template,
        }
        deployment["status"] = {
            "replicas": replicas,
            "readyReplicas": replicas,
            "updatedReplicas": replicas,
        }
        self.objects["deployments"].append(deployment)
        self.add_revision(name, 1)
        for number in range(replicas):
            self.add_pod(name, f"{name}-r1-{number}", node)
        service = meta(name)
        service["spec"] = {
            "selector": dict(labels),
            "clusterIP": f"10.96.0.{len(self.objects['services']) + 10}",
            "ports": [{"port": port, "targetPort": port, "protocol": "TCP"}],
        }
        self.objects["services"].append(service)
        ends = meta(name)
        ends["subsets"] = [{"addresses": [{"ip": "10.0.0.1"}], "ports": [{"port": port}]}]
        self.objects["endpoints"].append(ends)

    def add_revision(
        self, name: str, number: int, minutes_ago: float = 2880, **container: Any
    ) -> Json:
        """A ReplicaSet with the deployment's template, its container changed as given."""
        deployment = self.get("deployments", name)
        template = copied(deployment["spec"]["template"])
        template["spec"]["containers"][0].update(container)
        item = meta(f"{name}-r{number}", owner=("Deployment", name), minutes_ago=minutes_ago)
        item["metadata"]["annotations"] = {"deployment.kubernetes.io/revision": str(number)}
        wanted = deployment["spec"]["replicas"]
        item["spec"] = {"replicas": wanted, "template": template}
        item["status"] = {"replicas": wanted, "readyReplicas": wanted}
        self.objects["replicasets"].append(item)
        return item

    def add_pod(self, workload: str, name: str, node: str = "worker-1") -> Json:
        """A ready pod of a deployment's first revision."""
        template = copied(self.get("deployments", workload)["spec"]["template"])
        pod = meta(
            name,
            owner=("ReplicaSet", f"{workload}-r1"),
            labels={**template["metadata"]["labels"], "pod-template-hash": "r1"},
        )
        self._clusters += 1
        pod["spec"] = {**template["spec"], "nodeName": node}
        pod["status"] = {
            "phase": "Running",
            "podIP": f"10.0.1.{self._clusters}",
            "conditions": [
                {"type": "Ready", "status": "True"},
                {"type": "PodScheduled", "status": "True"},
            ],
            "containerStatuses": [
                {
                    "name": "app",
                    "ready": True,
                    "restartCount": 0,
                    "state": {"running": {"startedAt": ago(2880)}},
                    "lastState": {},
                }
            ],
        }
        self.objects["pods"].append(pod)
        return pod

    def get(self, kind: str, name: str) -> Json:
        """One object."""
        return next(each for each in self.objects[kind] if each["metadata"]["name"] == name)

    def drop(self, kind: str, name: str) -> None:
        """Delete one object."""
        self.objects[kind].remove(self.get(kind, name))

    def pod(self, workload: str) -> Json:
        """The first pod of a workload."""
        return next(
            each
            for each in self.objects["pods"]
            if each["metadata"]["name"].startswith(f"{workload}-")
        )

    def container(self, workload: str) -> Json:
        """The container in a deployment's template; its pods have their own copy."""
        found: Json = self.get("deployments", workload)["spec"]["template"]["spec"]["containers"][0]
        return found

    def set_container(self, workload: str, **fields: Any) -> None:
        """Change the container in the template, in the newest ReplicaSet and in the pods."""
        self.container(workload).update(copied(fields))
        for item in self.objects["replicasets"]:
            if item["metadata"]["name"] == f"{workload}-r1":
                item["spec"]["template"]["spec"]["containers"][0].update(copied(fields))
        for pod in self.pods_of(workload):
            pod["spec"]["containers"][0].update(copied(fields))

    def set_spec(self, workload: str, **fields: Any) -> None:
        """Change the pod spec in the template and in the pods."""
        self.get("deployments", workload)["spec"]["template"]["spec"].update(copied(fields))
        for pod in self.pods_of(workload):
            pod["spec"].update(copied(fields))

    def pods_of(self, workload: str) -> list[Json]:
        """All pods of a workload."""
        return [
            each
            for each in self.objects["pods"]
            if each["metadata"]["labels"].get("app") == workload
        ]

    def unready(self, workload: str, **status: Any) -> Json:
        """Its first pod runs and is not ready; `status` changes the container's status."""
        pod = self.pod(workload)
        pod["status"]["conditions"][0]["status"] = "False"
        pod["status"]["containerStatuses"][0].update({"ready": False, **status})
        self.get("deployments", workload)["status"]["readyReplicas"] = 0
        self.get("endpoints", workload)["subsets"] = []
        return pod

    def waits(self, workload: str, reason: str, message: str = "") -> Json:
        """Its first pod's container waits and has never run."""
        pod = self.unready(workload, state={"waiting": {"reason": reason, "message": message}})
        pod["status"]["phase"] = "Pending"
        return pod

    def crashes(
        self,
        workload: str,
        code: int,
        reason: str = "Error",
        *,
        restarts: int = 6,
        lived: float = 20,
        message: str = "",
    ) -> Json:
        """Its first pod is in CrashLoopBackOff; the last instance ended two minutes ago with this code."""
        ended = {
            "exitCode": code, "reason": reason, "message": message, "finishedAt": ago(2), "startedAt": ago(2 + lived / 60),
        }  # fmt: skip
        waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 5m0s"}}
        return self.unready(
            workload, state=waiting, restartCount=restarts, lastState={"terminated": ended}
        )

    def pending(self, workload: str, message: str = "", *, minutes: float = 5) -> Json:
        """Its first pod has no node; with a message the scheduler said so."""
        pod = self.unready(workload)
        pod["spec"].pop("nodeName")
        pod["status"] = {"phase": "Pending", "conditions": []}
        pod["metadata"]["creationTimestamp"] = ago(minutes)
        if message:
            pod["status"]["conditions"] = [
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "Unschedulable",
                    "message": message,
                }
            ]
            self.event("Pod", pod["metadata"]["name"], "FailedScheduling", message)
        return pod

    def uncreated(self, workload: str, message: str = "", *, minutes: float = 3) -> None:
        """Its pods are gone and the ReplicaSet cannot create new ones."""
        for pod in self.pods_of(workload):
            self.objects["pods"].remove(pod)
        self.get("replicasets", f"{workload}-r1")["status"] = {"replicas": 0}
        self.get("deployments", workload)["status"] = {}
        self.get("endpoints", workload)["subsets"] = []
        if message:
            self.event("ReplicaSet", f"{workload}-r1", "FailedCreate", message, minutes=minutes)

    def event(
        self,
        kind: str,
        name: str,
        reason: str,
        message: str,
        *,
        minutes: float = 2,
        count: int = 3,
        type: str = "Warning",
    ) -> None:
        """An event whose last occurrence was so many minutes ago."""
        item = meta(f"{name}.{len(self.objects['events'])}")
        item |= {
            "involvedObject": {"kind": kind, "name": name}, "reason": reason, "message": message, "type": type,
            "count": count, "firstTimestamp": ago(minutes + 10), "lastTimestamp": ago(minutes),
        }  # fmt: skip
        self.objects["events"].append(item)

    def log(
        self, workload: str, *lines: str, minutes: float = 2, previous: bool = False, pod: str = ""
    ) -> None:
        """Lines that the workload's first pod wrote so many minutes ago."""
        name = pod or self.pod(workload)["metadata"]["name"]
        when = NOW - timedelta(minutes=minutes)
        self.logs.append(Log(name, "app", tuple(LogLine(when, line) for line in lines), previous))

    def snapshot(self) -> Snapshot:
        """The shop as it is now."""
        objects = {kind: tuple(copied(items)) for kind, items in self.objects.items()}
        return Snapshot("shop", NOW, objects, tuple(self.logs), (), tuple(self.usage))

    def judged(self, service: str = "") -> Triage:
        """What the rules say."""
        return triage(self.snapshot(), service)

    def top(self, service: str = "") -> Candidate:
        """The first candidate; fails when there is none."""
        found = self.judged(service)
        assert found.candidates, found
        return found.candidates[0]

    def blamed(self, service: str = "") -> tuple[str, str]:
        """Object and cause of the first candidate, or the verdict when there is none."""
        found = self.judged(service)
        if not found.candidates:
            return "", found.verdict
        return found.candidates[0].object, found.candidates[0].cause


def meta(
    name: str,
    *,
    labels: dict[str, str] | None = None,
    owner: tuple[str, str] | None = None,
    minutes_ago: float = 2880,
) -> Json:
    """An object with metadata."""
    found: Json = {
        "metadata": {
            "name": name,
            "namespace": "shop",
            "labels": dict(labels or {}),
            "creationTimestamp": ago(minutes_ago),
        }
    }
    if owner:
        found["metadata"]["ownerReferences"] = [
            {"kind": owner[0], "name": owner[1], "controller": True}
        ]
    return found


def copied(item: Any) -> Any:
    """A deep copy of JSON."""
    if isinstance(item, dict):
        return {key: copied(value) for key, value in item.items()}
    return [copied(value) for value in item] if isinstance(item, list) else item
