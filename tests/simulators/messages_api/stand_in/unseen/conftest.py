"""Small incidents made for one test each: services, logs and commits that no recorded scenario has."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

NOW = "2026-03-05T10:30:00Z"
BEFORE = "2026-02-01T08:00:00Z"
_RECENT = "2026-03-05T10:2"


@dataclass(frozen=True)
class Service:
    """A deployment with one pod. `waiting` and `ended` are (reason, message) and (reason, exit code)."""

    env: Mapping[str, str] = field(default_factory=dict)
    image: str = ""
    replicas: int = 1
    logs: Sequence[str] = ()
    previous: Sequence[str] = ()
    restarts: int = 0
    waiting: tuple[str, str] = ("", "")
    ended: tuple[str, int] = ("", 0)
    events: Sequence[tuple[str, str]] = ()
    """Warnings about the pod: (reason, message)."""
    memory: str = "128Mi"

    @property
    def ready(self) -> bool:
        """Whether the pod serves."""
        return not self.waiting[0]


@dataclass(frozen=True)
class Commit:
    """A commit by the whole content of the files it changes."""

    time: str
    message: str
    files: Mapping[str, str]

    @property
    def sha(self) -> str:
        """Forty hexadecimal digits that depend on the message."""
        return hashlib.sha1(self.message.encode(), usedforsecurity=False).hexdigest()


def _container(name: str, service: Service) -> dict[str, Any]:
    return {
        "name": "app",
        "image": service.image or f"registry.example/{name}:1",
        "env": [{"name": key, "value": value} for key, value in service.env.items()],
        "resources": {"limits": {"memory": service.memory}},
    }


def _deployment(name: str, service: Service) -> dict[str, Any]:
    ready = service.replicas if service.ready else 0
    status: dict[str, Any] = {"replicas": service.replicas, "observedGeneration": 1}
    if ready:
        status |= {"readyReplicas": ready, "availableReplicas": ready}
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": [_container(name, service)]},
    }
    return {
        "metadata": {"name": name, "namespace": "shop", "creationTimestamp": BEFORE},
        "spec": {
            "replicas": service.replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": template,
        },
        "status": status,
    }


def _pod(name: str, service: Service) -> dict[str, Any]:
    state: dict[str, Any] = {"running": {"startedAt": BEFORE}}
    if service.waiting[0]:
        state = {"waiting": {"reason": service.waiting[0], "message": service.waiting[1]}}
    status: dict[str, Any] = {
        "name": "app",
        "ready": service.ready,
        "restartCount": service.restarts,
        "image": service.image,
        "imageID": "",
        "state": state,
    }
    if service.ended[0]:
        ended = {
            "reason": service.ended[0],
            "exitCode": service.ended[1],
            "finishedAt": f"{_RECENT}8:00Z",
        }
        status["lastState"] = {"terminated": ended}
    return {
        "metadata": {
            "name": _pod_name(name),
            "namespace": "shop",
            "creationTimestamp": BEFORE,
            "labels": {"app": name},
        },
        "spec": {"nodeName": "node-1", "containers": [_container(name, service)]},
        "status": {
            "phase": "Running" if service.restarts or service.ready else "Pending",
            "conditions": [{"type": "Ready", "status": str(service.ready)}],
            "containerStatuses": [status],
        },
    }


def _pod_name(name: str) -> str:
    return f"{name}-7d9f8b6c5d-x2x4z"


def _event(name: str, reason: str, message: str) -> dict[str, Any]:
    return {
        "metadata": {"name": f"{name}.{reason.lower()}", "namespace": "shop"},
        "involvedObject": {"kind": "Pod", "name": _pod_name(name), "namespace": "shop"},
        "type": "Warning",
        "reason": reason,
        "message": message,
        "count": 3,
        "firstTimestamp": f"{_RECENT}0:00Z",
        "lastTimestamp": f"{_RECENT}9:00Z",
    }


def _service(name: str) -> dict[str, Any]:
    return {
        "metadata": {"name": name, "namespace": "shop"},
        "spec": {"selector": {"app": name}, "ports": [{"port": 80}], "clusterIP": "10.96.0.9"},
    }


def _node(trouble: str) -> dict[str, Any]:
    ready = {
        "type": "Ready",
        "status": "Unknown" if trouble else "True",
        "reason": "NodeStatusUnknown" if trouble else "KubeletReady",
        "message": trouble or "kubelet is posting ready status",
        "lastTransitionTime": f"{_RECENT}0:00Z",
    }
    return {"metadata": {"name": "node-1"}, "status": {"conditions": [ready]}}


def _stamped(lines: Sequence[str]) -> list[str]:
    return [f"{_RECENT}{n % 10}:00.000000001Z {line}" for n, line in enumerate(lines)]


@pytest.fixture
def incident(tmp_path: Path) -> Callable[..., Path]:
    """Writes a scenario folder from services and commits, oldest first, and returns it."""

    def write(
        services: Mapping[str, Service], commits: Sequence[Commit], alarm: str, node_down: str = ""
    ) -> Path:
        folder = tmp_path / "incident"
        repo: dict[str, str] = {}
        for commit in commits:
            repo |= commit.files
        for path, content in repo.items():
            target = folder / "repo" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, "utf-8")
        logs = {_pod_name(name): _stamped(service.logs) for name, service in services.items()}
        logs |= {
            f"{_pod_name(name)}:previous": _stamped(service.previous)
            for name, service in services.items()
            if service.previous
        }
        running = {name: service for name, service in services.items() if service.replicas}
        cluster = {
            "namespace": "shop",
            "collectedAt": NOW,
            "deployments": [_deployment(name, service) for name, service in services.items()],
            "pods": [_pod(name, service) for name, service in running.items()],
            "services": [_service(name) for name in services],
            "nodes": [_node(node_down)],
            "events": [
                _event(name, reason, message)
                for name, service in services.items()
                for reason, message in service.events
            ],
            "logs": logs,
        }
        scenario = {"id": "incident", "now": NOW, "alarm": {"question": alarm}, "expected": {}}
        history = [
            {
                "sha": commit.sha,
                "author": "Kim <kim@shop.example>",
                "time": commit.time,
                "message": commit.message,
                "files": dict(commit.files),
            }
            for commit in commits
        ]
        (folder / "cluster.json").write_text(json.dumps(cluster), "utf-8")
        (folder / "scenario.yaml").write_text(yaml.safe_dump(scenario), "utf-8")
        (folder / "history.yaml").write_text(yaml.safe_dump({"commits": history}), "utf-8")
        return folder

    return write


@pytest.fixture
def kit() -> Any:
    """The building blocks."""
    return type("Kit", (), {"Service": Service, "Commit": Commit})
