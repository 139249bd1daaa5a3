"""Faults of configuration, images, memory, nodes and certificates that no recorded scenario has, and a healthy world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Open = Callable[[str], Any]
Write = Callable[..., Any]

OLD = "2026-02-02T09:00:00Z"
GUILTY = "2026-03-05T09:10:00Z"
INNOCENT = "2026-03-05T10:05:00Z"


async def diagnose(world: Open, folder: Any, alarm: str) -> dict[str, Any]:
    """The diagnosis of an incident, its quotes checked."""
    async with world(str(folder)) as scene:
        diagnosis: dict[str, Any] = await scene.talk.ask(alarm)
        for finding in diagnosis["findings"]:
            for evidence in finding["evidence"]:
                assert evidence["quote"] in scene.talk.results[evidence["tool_call_id"]]
        return diagnosis


MANIFEST = "kind: Deployment\nmetadata:\n  name: %s\nspec:\n  image: registry.example/%s\n  memory: %s\n  env: %s\n"


async def test_image_that_does_not_exist(world: Open, incident: Write, kit: Any) -> None:
    """A tag with a typo is blamed on the commit that wrote it into the manifest."""
    message = 'Failed to pull image "registry.example/search:2.1O": not found'
    services = {
        "search": kit.Service(
            image="registry.example/search:2.1O",
            waiting=("ImagePullBackOff", 'Back-off pulling image "registry.example/search:2.1O"'),
            events=[("Failed", message)],
        ),
    }
    start = {"deploy/search.yaml": MANIFEST % ("search", "search:2.0", "1Gi", "none")}
    guilty = kit.Commit(
        GUILTY,
        "search: release 2.1",
        {"deploy/search.yaml": MANIFEST % ("search", "search:2.1O", "1Gi", "none")},
    )
    commits = [
        kit.Commit(OLD, "start", start),
        guilty,
        kit.Commit(INNOCENT, "search: readme", {"README.md": "x\n"}),
    ]
    alarm = "KubeDeploymentReplicasMismatch: deployment/search in namespace shop"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["culprit"]["object"] == "deployment/search"
    assert diagnosis["culprit"]["commit"] == guilty.sha
    assert diagnosis["culprit"]["file"] == "deploy/search.yaml"
    assert diagnosis["cause"].startswith("image_pull")


async def test_out_of_memory_after_a_lower_limit(world: Open, incident: Write, kit: Any) -> None:
    """OOM kills are blamed on the commit that changed the memory of that service."""
    services = {
        "indexer": kit.Service(
            memory="32Mi",
            waiting=("CrashLoopBackOff", "back-off"),
            ended=("OOMKilled", 137),
            restarts=9,
            previous=["loading index"],
        ),
    }
    guilty = kit.Commit(
        GUILTY,
        "indexer: less memory",
        {"deploy/indexer.yaml": MANIFEST % ("indexer", "indexer:1", "32Mi", "none")},
    )
    commits = [
        kit.Commit(
            OLD,
            "start",
            {"deploy/indexer.yaml": MANIFEST % ("indexer", "indexer:1", "256Mi", "none")},
        ),
        guilty,
        kit.Commit(INNOCENT, "indexer: docs", {"indexer/README.md": "x\n"}),
    ]
    alarm = "indexer restarts, service: indexer"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["cause"].startswith("out_of_memory")
    assert diagnosis["culprit"]["commit"] == guilty.sha


async def test_address_with_a_typo(world: Open, incident: Write, kit: Any) -> None:
    """A host that settings name and nobody has is blamed on the caller's configuration and its commit."""
    services = {
        "web": kit.Service(
            env={"BILLING_ADDR": "biling:7000"},
            logs=["error: dial tcp: lookup biling on 10.96.0.10:53: no such host"],
        ),
        "billing": kit.Service(logs=["ready"]),
    }
    guilty = kit.Commit(
        GUILTY,
        "web: tidy addresses",
        {"deploy/web.yaml": MANIFEST % ("web", "web:1", "1Gi", "BILLING_ADDR=biling:7000")},
    )
    commits = [
        kit.Commit(
            OLD,
            "start",
            {"deploy/web.yaml": MANIFEST % ("web", "web:1", "1Gi", "BILLING_ADDR=billing:7000")},
        ),
        guilty,
        kit.Commit(INNOCENT, "billing: docs", {"billing/README.md": "x\n"}),
    ]
    alarm = "web cannot check out (service: web, namespace: shop)"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["cause"].startswith("wrong_address")
    assert diagnosis["culprit"]["object"] == "deployment/web"
    assert diagnosis["culprit"]["commit"] == guilty.sha
    assert diagnosis["culprit"]["file"] == "deploy/web.yaml"


async def test_a_message_without_a_trace_is_classified(
    world: Open, incident: Write, kit: Any
) -> None:
    """An expired certificate is named as such, and no commit is blamed for it."""
    expired = "ERROR tls: x509: certificate has expired or is not yet valid"
    services = {"gateway": kit.Service(logs=[expired] * 3), "web": kit.Service()}
    commits = [
        kit.Commit(OLD, "start", {"gateway/main.go": "package main\n"}),
        kit.Commit(INNOCENT, "gateway: tidy", {"gateway/main.go": "package main // tidy\n"}),
    ]
    alarm = "service: gateway, namespace: shop"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["culprit"]["object"] == "deployment/gateway"
    assert diagnosis["cause"].startswith("certificate")
    assert diagnosis["culprit"]["commit"] == ""


async def test_a_node_explains_what_is_on_it(world: Open, incident: Write, kit: Any) -> None:
    """Several services that lost their pods on one node: the node is to blame."""
    lost = kit.Service(waiting=("ContainerCreating", ""))
    services = {"web": lost, "stock": lost, "billing": lost}
    commits = [kit.Commit(OLD, "start", {"web/a.go": "package main\n"})]
    alarm = "service: web, namespace: shop"
    folder = incident(services, commits, alarm, node_down="Kubelet stopped posting node status.")
    diagnosis = await diagnose(world, folder, alarm)
    assert diagnosis["culprit"]["object"] == "node/node-1"
    assert "Kubelet stopped posting" in str(diagnosis["findings"])


async def test_healthy_namespace(world: Open, incident: Write, kit: Any) -> None:
    """With everything ready and quiet logs, nothing is wrong, and nobody is blamed."""
    services = {"web": kit.Service(logs=["GET / 200", "0 errors"]), "cache": kit.Service()}
    commits = [
        kit.Commit(OLD, "start", {"web/a.go": "x\n"}),
        kit.Commit(GUILTY, "b", {"web/a.go": "y\n"}),
    ]
    alarm = "Watchdog for service: web"
    diagnosis = await diagnose(world, incident(services, commits, alarm), alarm)
    assert diagnosis["verdict"] == "healthy"
    assert diagnosis["culprit"] == {"object": "", "file": "", "line": 0, "commit": ""}
