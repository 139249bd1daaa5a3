"""Pods without a node: the scheduler's message, checked against the nodes."""

from __future__ import annotations

import pytest

from tests.mcp.kubernetes.triage.builders import Shop, ago, meta

CONTROL = "1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }"


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("2 Insufficient cpu", "scheduling_insufficient_cpu"),
        ("2 Insufficient memory", "scheduling_insufficient_memory"),
        ("2 Insufficient ephemeral-storage", "scheduling_insufficient_storage"),
        ("2 Insufficient nvidia.com/gpu", "scheduling_insufficient_device"),
        ("2 Too many pods", "scheduling_too_many_pods"),
        ("2 node(s) had untolerated taint {dedicated: gpu}", "scheduling_untolerated_taint"),
        ("2 node(s) didn't match pod anti-affinity rules", "scheduling_pod_anti_affinity"),
        ("2 node(s) didn't match pod affinity rules", "scheduling_pod_affinity"),
        ("2 node(s) didn't match pod topology spread constraints", "scheduling_topology_spread"),
        ("2 node(s) had volume node affinity conflict", "scheduling_volume_affinity"),
        ("2 node(s) didn't have free ports for the requested pod ports", "scheduling_host_port"),
        ("2 something new", "scheduling_failed"),
    ],
)
def test_the_reason_of_most_workers_counts(reason: str, cause: str) -> None:
    """The control plane refuses every application and is not the reason."""
    shop = Shop()
    shop.pending(
        "pay",
        f"0/3 nodes are available: {CONTROL}, {reason}. preemption: 0/3 nodes are available: 3 No preemption victims found.",
    )
    assert shop.blamed() == ("deployment/pay", cause)


def test_of_several_reasons_the_one_of_more_nodes_counts() -> None:
    """The message is a sum over nodes."""
    shop = Shop()
    shop.add_node("worker-3")
    shop.pending(
        "pay", f"0/4 nodes are available: {CONTROL}, 1 Insufficient cpu, 2 Insufficient memory."
    )
    assert shop.blamed()[1] == "scheduling_insufficient_memory"


def test_a_selector_that_no_node_has_is_found_on_the_nodes() -> None:
    """The message does not tell selector from affinity."""
    shop = Shop()
    shop.pending(
        "pay",
        f"0/3 nodes are available: {CONTROL}, 2 node(s) didn't match Pod's node affinity/selector.",
    )
    shop.set_spec("pay", nodeSelector={"disk": "nvme"})
    assert shop.blamed() == ("deployment/pay", "scheduling_node_selector")


def test_an_affinity_that_no_node_fits_is_found_on_the_nodes() -> None:
    """All terms are tried on all workers."""
    shop = Shop()
    shop.pending(
        "pay",
        f"0/3 nodes are available: {CONTROL}, 2 node(s) didn't match Pod's node affinity/selector.",
    )
    terms = [{"matchExpressions": [{"key": "zone", "operator": "In", "values": ["c"]}]}]
    required = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}
    shop.set_spec("pay", affinity={"nodeAffinity": required})
    assert shop.blamed() == ("deployment/pay", "scheduling_node_affinity")


def test_a_cordoned_worker_that_alone_fits_is_the_cause() -> None:
    """Selector and labels agree; the node takes no pods."""
    shop = Shop()
    shop.pending(
        "pay",
        f"0/3 nodes are available: {CONTROL}, 1 node(s) didn't match Pod's node affinity/selector, 1 node(s) were unschedulable.",
    )
    shop.set_spec("pay", nodeSelector={"kubernetes.io/hostname": "worker-2"})
    shop.get("nodes", "worker-2")["spec"]["unschedulable"] = True
    top = shop.top()
    assert (top.object, top.cause) == ("deployment/pay", "scheduling_node_cordoned")
    assert "node/worker-2" in top.related


def test_a_cordoned_worker_is_no_cause_where_another_would_fit() -> None:
    """One worker is cordoned, the other lacks CPU: the CPU is missing."""
    shop = Shop()
    shop.pending(
        "pay",
        f"0/3 nodes are available: {CONTROL}, 1 Insufficient cpu, 1 node(s) were unschedulable.",
    )
    shop.get("nodes", "worker-2")["spec"]["unschedulable"] = True
    assert shop.blamed() == ("deployment/pay", "scheduling_insufficient_cpu")


def test_a_cordoned_control_plane_is_as_it_should_be() -> None:
    """It is always there and never the cause."""
    shop = Shop()
    shop.get("nodes", "control-1")["spec"]["unschedulable"] = True
    assert shop.blamed() == ("", "healthy")
    shop.pending(
        "pay", "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient memory."
    )
    assert shop.blamed() == ("deployment/pay", "scheduling_insufficient_memory")


def test_a_request_larger_than_any_node_is_found_on_the_nodes() -> None:
    """Whatever the message counts first."""
    shop = Shop()
    shop.pending(
        "pay", f"0/3 nodes are available: {CONTROL}, 2 Insufficient cpu, 2 Insufficient memory."
    )
    shop.set_container("pay", resources={"requests": {"cpu": "500m", "memory": "64Gi"}})
    assert shop.blamed() == ("deployment/pay", "scheduling_insufficient_memory")


def test_taints_are_compared_with_tolerations() -> None:
    """Every worker that fits is tainted."""
    shop = Shop()
    shop.pending("pay", "0/3 nodes are available: 3 node(s) had untolerated taints.")
    for name in ("worker-1", "worker-2"):
        shop.get("nodes", name)["spec"]["taints"] = [
            {"key": "team", "value": "data", "effect": "NoSchedule"}
        ]
    top = shop.top()
    assert (top.object, top.cause) == ("deployment/pay", "scheduling_untolerated_taint")
    assert "team=data:NoSchedule" in top.why


def test_a_gate_is_told_from_a_failure() -> None:
    """SchedulingGated pods wait on purpose of somebody else."""
    shop = Shop()
    pod = shop.pending("pay", "Scheduling is blocked due to non-empty scheduling gates")
    pod["status"]["conditions"][0]["reason"] = "SchedulingGated"
    assert shop.blamed() == ("deployment/pay", "scheduling_gated")


def test_pods_that_no_scheduler_speaks_of_mean_that_none_runs() -> None:
    """No condition, no event, for minutes."""
    shop = Shop()
    shop.pending("pay")
    shop.pending("store")
    top = shop.top()
    assert top.cause == "scheduler_unavailable"
    scheduler = meta("kube-scheduler-control-1")
    scheduler["status"] = {"phase": "Running", "conditions": [{"type": "Ready", "status": "False"}]}
    shop.objects["system_pods"].append(scheduler)
    assert shop.blamed() == ("pod/kube-scheduler-control-1", "scheduler_unavailable")


def test_a_pod_made_seconds_ago_may_wait() -> None:
    """The scheduler is given a moment."""
    shop = Shop()
    shop.pending("pay", minutes=0.1)
    assert shop.blamed()[1] != "scheduler_unavailable"


def test_a_scheduler_of_ones_own_that_does_not_exist_is_the_pods_fault() -> None:
    """The default scheduler is well and not concerned."""
    shop = Shop()
    shop.pending("pay")
    shop.set_spec("pay", schedulerName="fancy")
    assert shop.blamed() == ("deployment/pay", "scheduler_unknown")


def test_an_old_scheduling_failure_of_a_running_pod_is_history() -> None:
    """The event is still there; the pod runs."""
    shop = Shop()
    shop.event(
        "Pod",
        "pay-r1-0",
        "FailedScheduling",
        "0/3 nodes are available: 3 Insufficient cpu.",
        minutes=30,
    )
    assert shop.blamed() == ("", "healthy")
    assert ago(0) > ago(30)
