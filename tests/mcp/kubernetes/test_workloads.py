"""list_workloads and describe_workload."""

from __future__ import annotations

import pytest

from .conftest import Ask, Json, Serve, World


def deployment(recording: Json, name: str) -> Json:
    """The recorded deployment of that name."""
    found: Json = next(
        item for item in recording["deployments"] if item["metadata"]["name"] == name
    )
    return found


async def test_unhealthy_workloads_come_first(ask: Ask) -> None:
    """Deployments, statefulsets, daemonsets, jobs and cronjobs in one table, broken ones first."""
    lines = (await ask("list_workloads")).splitlines()
    assert lines[0] == "Namespace shop: 7 workloads, 5 unhealthy, at 2026-11-18T14:25:00Z."
    assert [line.split()[0] for line in lines[2:9]] == [
        "deployment/cartservice",
        "deployment/checkoutservice",
        "statefulset/redis-cart",
        "job/report-29384",
        "cronjob/report",
        "deployment/frontend",
        "daemonset/node-agent",
    ]
    assert " ".join(lines[2].split()) == (
        "deployment/cartservice 0/2 UNHEALTHY 17d registry.example/shop/cartservice:v1.4.2"
    )


async def test_reasons_for_workloads(ask: Ask) -> None:
    """Each unhealthy workload says what is wrong with it, in the controller's words."""
    text = await ask("list_workloads")
    assert "deployment/cartservice: 2 of 2 pods not ready; Available=False" in text
    assert "deployment/checkoutservice: Progressing=False ProgressDeadlineExceeded" in text
    assert "job/report-29384: Failed BackoffLimitExceeded at 2026-11-18T14:02:00Z" in text
    assert "cronjob/report: the run of 2026-11-18T14:00:00Z did not succeed" in text


async def test_services_without_endpoints_and_surroundings(ask: Ask) -> None:
    """What answers nobody, nodes that are down, unbound claims and full quotas are shown too."""
    text = await ask("list_workloads")
    assert (
        "service/cartservice grpc 7070->7070/TCP, selector app=cartservice: NO ready endpoints, not ready: "
        "cartservice-6c9f8d7b5-abcde, cartservice-6c9f8d7b5-fghij" in text
    )
    assert "selector app=legacy: NO ready endpoints; its selector matches no workload" in text
    assert "service/frontend" not in text
    assert "node/node-b: Ready=Unknown since 2026-11-18T14:24:00Z" in text
    assert "persistentvolumeclaim/redis-data: Pending" in text
    assert "resourcequota/shop is used up: pods 8 of 8" in text


async def test_one_request_a_kind(world: World) -> None:
    """Ten kinds, ten requests, whatever the number of objects."""
    await world.ask("list_workloads")
    paths = [request.partition("?")[0] for request in world.cluster.requests]
    assert len(paths) == len(set(paths)) == 10


async def test_missing_permissions_are_notes(world: World) -> None:
    """What may not be read is said, and the rest is shown."""
    world.cluster.faults.forbidden = {"nodes", "cronjobs", "endpoints"}
    text = await world.ask("list_workloads")
    assert "Note: no permission to list nodes." in text
    assert "Note: no permission to list cronjobs." in text
    assert "deployment/cartservice" in text
    assert "NO ready endpoints" not in text


async def test_scaled_to_zero_is_worth_knowing(serve: Serve, recording: Json) -> None:
    """A deployment without replicas is not unhealthy, but stands between the broken and the well ones."""
    frontend = deployment(recording, "frontend")
    frontend["spec"]["replicas"] = 0
    frontend["status"] = {"observedGeneration": 4}
    world = await serve(recording)
    lines = (await world.ask("list_workloads")).splitlines()
    row = next(line for line in lines if line.startswith("deployment/frontend"))
    assert "scaled to 0" in row
    assert lines.index(row) < next(n for n, line in enumerate(lines) if "node-agent" in line)


async def test_empty_namespace(ask: Ask) -> None:
    """Nothing there is said."""
    assert "Nothing is deployed here." in await ask("list_workloads", namespace="empty")


async def test_quota_failure_of_a_rollout(serve: Serve, recording: Json) -> None:
    """ReplicaFailure=True carries the quota's message."""
    item = deployment(recording, "frontend")
    item["status"]["conditions"].append(
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate",
         "message": "exceeded quota: shop, requested: pods=1, used: pods=8, limited: pods=8"}
    )  # fmt: skip
    world = await serve(recording)
    assert "ReplicaFailure=True FailedCreate: exceeded quota: shop" in await world.ask(
        "list_workloads"
    )


async def test_describe_tells_all_that_decides(ask: Ask) -> None:
    """Conditions, pods, template, service, policy, revisions and events are in one text."""
    text = await ask("describe_workload", name="cartservice")
    assert text.startswith("deployment/cartservice in namespace shop")
    for part in (
        "0/2 ready, UNHEALTHY: 2 of 2 pods not ready",
        "Selector app=cartservice.",
        "Revision 5, change-cause: release 5.",
        "Strategy RollingUpdate, max unavailable 25%, max surge 25%, progress deadline 600s.",
        "Available=False since 2026-11-18T14:21:10Z (3m) MinimumReplicasUnavailable",
        "cartservice-6c9f8d7b5-abcde 0/1 CrashLoopBackOff, 7 restarts",
        "image: registry.example/shop/cartservice:v1.4.2",
        "env REDIS_ADDR: redis-carts:6379",
        "env API_KEY: <secret cart-keys, key api>",
        "cpu: request 200m, limit 300m",
        "readiness probe: gRPC :7070; delay 15s, period 10s, timeout 1s, success 1×, failure 3×",
        "volume keys: secret cart-keys",
        "service/cartservice grpc 7070->7070/TCP",
        "networkpolicy/deny-egress (created 1h25m ago) selects app=cartservice: egress all denied",
        "~ container server: env REDIS_ADDR: redis-cart:6379 -> redis-carts:6379",
        "ScalingReplicaSet deployment/cartservice",
    ):
        assert part in text


@pytest.mark.parametrize("tool", ["describe_workload", "rollout_history"])
async def test_secrets_in_manifests_are_not_shown(world: World, tool: str) -> None:
    """Literal secrets, and the copy of them in last-applied-configuration, stay hidden."""
    argument = {"describe_workload": "name", "rollout_history": "deployment"}[tool]
    text = await world.ask(tool, **{argument: "cartservice"})
    assert "not-real" not in text
    assert "last-applied" not in text
    assert "DB_PASSWORD" in text


async def test_other_kinds_are_found_by_name_alone(ask: Ask) -> None:
    """A name that is no deployment may be a statefulset; the text says which it is."""
    text = await ask("describe_workload", name="redis-cart")
    assert text.startswith("statefulset/redis-cart in namespace shop")
    assert "volume data: persistentvolumeclaim redis-data" in text
    assert "FailedScheduling" in text


async def test_wrong_target_port_is_pointed_out(serve: Serve, recording: Json) -> None:
    """A service whose target port no container declares is said to be so."""
    recording["services"][0]["spec"]["ports"][0]["targetPort"] = 7001
    world = await serve(recording)
    text = await world.ask("describe_workload", name="cartservice")
    assert "target port 7001 is declared by no container (they declare 7070)" in text


async def test_service_that_selects_nothing_is_pointed_out(serve: Serve, recording: Json) -> None:
    """A service of the workload's name whose selector misses it is named."""
    recording["services"][0]["spec"]["selector"] = {"app": "cart"}
    world = await serve(recording)
    text = await world.ask("describe_workload", name="cartservice")
    assert "none, although service/cartservice exists" in text


async def test_autoscaler_is_shown(serve: Serve, recording: Json) -> None:
    """The autoscaler's numbers and its complaints belong to the workload."""
    recording["horizontalpodautoscalers"] = [
        {
            "metadata": {"name": "cart"},
            "spec": {
                "minReplicas": 2,
                "maxReplicas": 4,
                "scaleTargetRef": {"kind": "Deployment", "name": "cartservice"},
            },
            "status": {
                "currentReplicas": 2,
                "desiredReplicas": 4,
                "conditions": [
                    {
                        "type": "ScalingActive",
                        "status": "False",
                        "reason": "FailedGetResourceMetric",
                    },
                    {"type": "AbleToScale", "status": "True", "reason": "ReadyForNewScale"},
                ],
            },
        }
    ]
    world = await serve(recording)
    text = await world.ask("describe_workload", name="cartservice")
    assert "cart: 2 replicas, wants 4, 2 to 4" in text
    assert "ScalingActive=False FailedGetResourceMetric" in text
    assert "AbleToScale" not in text


async def test_cronjob(ask: Ask) -> None:
    """A cronjob is described with its schedule and the pods of its jobs."""
    text = await ask("describe_workload", name="report", kind="cronjob")
    assert "Schedule 0 * * * *, concurrency Allow." in text
    assert "report-29384-zzzzz 0/1 Error" in text


async def test_unknown_workload(world: World) -> None:
    """An explicit kind is taken seriously."""
    text = await world.refusal("describe_workload", name="deployment/redis-cart")
    assert text.startswith("No deployment named redis-cart in namespace shop.")
