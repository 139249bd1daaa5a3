"""recent_changes: what changed in the namespace, when, and by whom."""

from __future__ import annotations

from typing import Any

from .conftest import Ask, Json, Serve, World

OLD = "2026-10-01T00:00:00Z"


def _heads(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("2026-")]


def _aged(recording: Json) -> Json:
    """The recording with every object created long ago and nothing reported."""
    recording["events"] = []
    for each in (
        each
        for items in recording.values()
        if isinstance(items, list)
        for each in items
        if isinstance(each, dict)
    ):
        each["metadata"]["creationTimestamp"] = OLD
    return recording


def _object(recording: Json, plural: str, name: str) -> Any:
    [found] = [each for each in recording[plural] if each["metadata"]["name"] == name]
    return found


def _revision(recording: Json, number: str) -> Any:
    notes = "deployment.kubernetes.io/revision"
    [found] = [
        each
        for each in recording["replicasets"]
        if each["metadata"].get("annotations", {}).get(notes) == number
        and each["metadata"]["name"].startswith("cartservice-")
    ]
    return found


async def test_a_rollout_with_what_it_changed(ask: Ask) -> None:
    text = await ask("recent_changes", since="2h")
    [head] = [line for line in _heads(text) if "cartservice rolled out" in line]
    assert head.startswith(
        "2026-11-18T14:00:00Z (25m ago) deployment/cartservice rolled out revision 5"
    )
    assert "    ~ container server: env REDIS_ADDR: redis-cart:6379 -> redis-carts:6379" in text
    assert "letmein" not in text


async def test_edits_by_people_and_tools_are_told_and_those_of_controllers_are_not(
    serve: Serve, recording: Json
) -> None:
    service = _object(_aged(recording), "services", "cartservice")
    when = "2026-11-18T14:10:00Z"
    service["metadata"]["managedFields"] = [
        {"manager": "kubectl-edit", "operation": "Update", "time": when},
        {"manager": "kubectl", "operation": "Update", "time": when, "subresource": "status"},
        {"manager": "kube-controller-manager", "operation": "Update", "time": when},
        {"manager": "helm", "operation": "Update", "time": OLD},
    ]
    deployment = _object(recording, "deployments", "cartservice")
    deployment["metadata"]["managedFields"] = [
        {"manager": "kubectl", "operation": "Update", "time": when, "subresource": "scale"}
    ]
    world = await serve(recording)
    assert _heads(await world.ask("recent_changes")) == [
        f"{when} (15m ago) deployment/cartservice was scaled by kubectl",
        f"{when} (15m ago) service/cartservice was changed by kubectl-edit",
    ]


async def test_new_objects_scaling_and_rollbacks(serve: Serve, recording: Json) -> None:
    """What was created is told once; a ReplicaSet that came back does not lie about the time."""
    _aged(recording)
    recording["networkpolicies"] = [
        {
            "metadata": {
                "name": "deny-all",
                "namespace": recording["namespace"],
                "creationTimestamp": "2026-11-18T14:05:00Z",
                "managedFields": [
                    {"manager": "kubectl", "operation": "Update", "time": "2026-11-18T14:05:00Z"}
                ],
            },
            "spec": {"podSelector": {}},
        }
    ]
    recording["events"] = [
        {
            "metadata": {"name": "e1", "namespace": recording["namespace"]},
            "involvedObject": {"kind": "Deployment", "name": "redis-cart"},
            "reason": "ScalingReplicaSet",
            "message": "Scaled down replica set redis-cart-1 from 1 to 0",
            "type": "Normal",
            "lastTimestamp": "2026-11-18T14:20:00Z",
        }
    ]
    current, undone = (_revision(recording, number) for number in ("5", "4"))
    current["metadata"]["creationTimestamp"] = "2026-11-18T14:02:00Z"
    undone["metadata"]["creationTimestamp"] = "2026-11-18T14:10:00Z"
    world = await serve(recording)
    assert _heads(await world.ask("recent_changes", since="1h")) == [
        "2026-11-18T14:20:00Z (5m ago) deployment/redis-cart Scaled down replica set redis-cart-1 from 1 to 0",
        "2026-11-18T14:10:00Z (15m ago) deployment/cartservice rolled out revision 4 [change-cause: release 4]",
        "2026-11-18T14:05:00Z (20m ago) networkpolicy/deny-all was created",
    ]


async def test_nothing_changed_and_what_could_not_be_read(serve: Serve, recording: Json) -> None:
    world = await serve(_aged(recording))
    world.cluster.faults.forbidden = ["networkpolicies"]
    text = await world.ask("recent_changes", since="30m")
    assert "nothing was rolled out, created, edited or scaled" in text
    assert "Note: no permission to list networkpolicies." in text


async def test_bad_arguments(world: World) -> None:
    assert "since" in await world.refusal("recent_changes", since="yesterday")
    assert "limit" in await world.refusal("recent_changes", limit=0)
