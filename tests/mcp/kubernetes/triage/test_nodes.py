"""Nodes, kubelets, runtimes and the control plane."""

from __future__ import annotations

import pytest

from tests.mcp.kubernetes.triage.builders import Json, Shop, ago, meta


def condition(
    shop: Shop, node: str, kind: str, status: str, reason: str = "", message: str = ""
) -> None:
    conditions = shop.get("nodes", node)["status"]["conditions"]
    conditions[:] = [each for each in conditions if each["type"] != kind]
    conditions.append({"type": kind, "status": status, "reason": reason, "message": message})


@pytest.mark.parametrize(
    ("kind", "status", "message", "cause"),
    [
        ("Ready", "Unknown", "Kubelet stopped posting node status.", "kubelet_down"),
        (
            "Ready",
            "False",
            "container runtime is down, PLEG is not healthy",
            "container_runtime_down",
        ),
        (
            "Ready",
            "False",
            "container runtime network not ready: cni plugin not initialized",
            "node_network_unavailable",
        ),
        ("Ready", "False", "node is shutting down", "node_not_ready"),
        (
            "MemoryPressure",
            "True",
            "kubelet has insufficient memory available",
            "node_memory_pressure",
        ),
        ("DiskPressure", "True", "kubelet has disk pressure", "node_disk_pressure"),
        ("PIDPressure", "True", "", "node_pid_pressure"),
    ],
)
def test_a_nodes_condition_explains_its_pods(
    kind: str, status: str, message: str, cause: str
) -> None:
    """Both pods of the node are not ready; the node is named and they are its victims."""
    shop = Shop()
    for name in ("pay", "store"):
        shop.unready(name)
    condition(shop, "worker-2", kind, status, message=message)
    top = shop.top("web")
    assert (top.object, top.cause) == ("node/worker-2", cause)
    assert set(top.victims) >= {"deployment/pay", "deployment/store"}


def test_a_sick_node_without_a_sick_pod_is_said_with_less_confidence() -> None:
    """It may be the cause of something else."""
    shop = Shop()
    shop.add_node("worker-3")
    condition(shop, "worker-3", "Ready", "Unknown", message="Kubelet stopped posting node status.")
    top = shop.top()
    assert (top.object, top.cause) == ("node/worker-3", "kubelet_down")
    assert top.confidence < 0.6


def test_a_node_that_came_back_is_history() -> None:
    """Events of an hour ago; all is ready."""
    shop = Shop()
    shop.event(
        "Node", "worker-2", "NodeNotReady", "Node worker-2 status is now: NodeNotReady", minutes=40
    )
    shop.event("Pod", "pay-r1-0", "NodeNotReady", "Node is not ready", minutes=40)
    assert shop.blamed() == ("", "healthy")


def test_a_silent_kubelet_is_found_by_its_heartbeat() -> None:
    """Its condition still says Ready; the others reported a minute ago."""
    shop = Shop()
    shop.unready("pay")
    shop.get("nodes", "worker-2")["status"]["conditions"][0]["lastHeartbeatTime"] = ago(12)
    assert shop.blamed() == ("node/worker-2", "kubelet_down")


def test_a_kubelet_that_starts_nothing_is_found_by_its_pods() -> None:
    """Bound for minutes, no container status, no word."""
    shop = Shop()
    pod = shop.unready("pay")
    pod["status"] = {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "True"}]}
    pod["metadata"]["creationTimestamp"] = ago(6)
    shop.event("Pod", "pay-r1-0", "Scheduled", "Successfully assigned", type="Normal", minutes=6)
    assert shop.blamed() == ("node/worker-2", "kubelet_down")


def test_a_runtime_that_does_not_answer_is_found_by_its_socket() -> None:
    """The sandbox error names it."""
    shop = Shop()
    shop.waits("pay", "ContainerCreating")
    said = "rpc error: code = Unavailable desc = transport: dial unix /run/containerd/containerd.sock: connect: connection refused"
    shop.event("Pod", "pay-r1-0", "FailedCreatePodSandBox", said)
    assert shop.blamed() == ("node/worker-2", "container_runtime_down")


def system(name: str, ready: bool, node: str = "") -> Json:
    item = meta(name)
    item["spec"] = {"nodeName": node}
    item["status"] = {"phase": "Running", "conditions": [{"type": "Ready", "status": str(ready)}]}
    return item


def test_a_sick_kube_proxy_is_that_of_its_node() -> None:
    """Services cannot be reached from there."""
    shop = Shop()
    shop.objects["system_pods"] += [
        system("kube-proxy-a", True, "worker-1"),
        system("kube-proxy-b", False, "worker-2"),
    ]
    assert shop.blamed() == ("node/worker-2", "kube_proxy_down")


def test_a_kube_proxy_that_is_nowhere_is_counted_by_its_daemonset() -> None:
    """One node has no pod of it at all."""
    shop = Shop()
    daemon = meta("kube-proxy")
    daemon["status"] = {"desiredNumberScheduled": 3, "numberReady": 2}
    shop.objects["system_daemonsets"].append(daemon)
    assert shop.blamed() == ("daemonset/kube-proxy", "kube_proxy_down")


def test_controllers_that_do_not_act_are_found_by_the_generation() -> None:
    """The deployment was changed and nobody has looked at it."""
    shop = Shop()
    deployment = shop.get("deployments", "pay")
    deployment["metadata"]["generation"] = 4
    deployment["status"]["observedGeneration"] = 3
    assert shop.blamed() == ("component/kube-controller-manager", "controller_manager_down")


def test_a_node_out_of_memory_is_told_from_a_limit() -> None:
    """SystemOOM is an event of the node."""
    shop = Shop()
    shop.crashes("pay", 137)
    shop.event(
        "Node", "worker-2", "SystemOOM", "System OOM encountered, victim process: java, pid: 4711"
    )
    assert shop.blamed() == ("node/worker-2", "node_out_of_memory")
