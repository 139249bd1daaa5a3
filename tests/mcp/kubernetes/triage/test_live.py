"""The rules over a live cluster: what is asked of the API, how fast, and what the tool says."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kubernetes.cluster import Cluster
from tocsin_mcp.kubernetes.triage.engine import triage
from tocsin_mcp.kubernetes.triage.gather import gather
from tocsin_mcp.kubernetes.triage.suspects import MOST

from bot.simulators.kubernetes import Faults, KubernetesSimulator
from tests.mcp.kubernetes.conftest import World
from tests.mcp.kubernetes.triage.builders import NOW, Shop

Serve = Callable[[Shop], Awaitable[World]]


def recorded(shop: Shop) -> str:
    """The shop as a scenario's cluster.json."""
    content: dict[str, object] = {
        "namespace": "shop",
        "collectedAt": NOW.isoformat().replace("+00:00", "Z"),
    }
    content |= {
        kind: items for kind, items in shop.objects.items() if not kind.startswith("system")
    }
    logs: dict[str, list[str]] = {}
    for log in shop.logs:
        key = log.pod + (":previous" if log.previous else "")
        stamp = [f"{line.time:%Y-%m-%dT%H:%M:%S.000000000Z} {line.text}" for line in log.lines]
        logs.setdefault(key, []).extend(stamp)
    return json.dumps(content | {"logs": logs})


@pytest.fixture
async def serving(tmp_path: Path) -> AsyncIterator[Serve]:
    """`world = await serving(shop)`: a simulated cluster with that shop."""
    running: list[KubernetesSimulator] = []

    async def start(shop: Shop) -> World:
        (tmp_path / "cluster.json").write_text(recorded(shop), "utf-8")
        cluster = await KubernetesSimulator(tmp_path, faults=Faults()).__aenter__()
        running.append(cluster)
        kubeconfig = cluster.write_kubeconfig(tmp_path / "kubeconfig")
        settings = {"KUBECONFIG": str(kubeconfig), "TOCSIN_NOW": "2026-05-04T12:00:00Z"}
        return World(cluster, Environment(settings))

    yield start
    for cluster in running:
        await cluster.__aexit__(None, None, None)


def broken() -> Shop:
    """store crashes; cart and web complain."""
    shop = Shop()
    shop.crashes("store", 1)
    shop.log("store", "FATAL: bad checksum in /data/dump.rdb", previous=True)
    shop.log("cart", "Error 111 connecting to store:6379. Connection refused.")
    return shop


async def test_the_tool_names_cause_evidence_and_victims(serving: Serve) -> None:
    """One call, one text, for any MCP client."""
    world = await serving(broken())
    text = await world.ask("triage", service="web")
    assert "Namespace shop, service web, at 2026-05-04T12:00:00Z: fault." in text
    assert "1. deployment/store: crash_loop" in text
    assert "FATAL: bad checksum" in text
    assert "Suffering from it: deployment/cart" in text


async def test_the_tool_says_healthy(serving: Serve) -> None:
    """In so many words, and nothing else."""
    text = await (await serving(Shop())).ask("triage")
    assert (
        text
        == "Namespace shop, at 2026-05-04T12:00:00Z: healthy. Nothing is broken now; old restarts and events are history."
    )


@pytest.mark.parametrize("service", ["deployment/web", "web"])
async def test_a_service_may_be_given_with_its_kind(serving: Serve, service: str) -> None:
    """As other tools write it."""
    assert "service web" in await (await serving(broken())).ask("triage", service=service)


async def test_a_service_that_is_not_there_is_said(serving: Serve) -> None:
    """The namespace is judged all the same."""
    text = await (await serving(broken())).ask("triage", service="wbe")
    assert "Note: no workload or service named wbe in namespace shop." in text
    assert "deployment/store" in text


async def test_what_may_not_be_listed_is_said_and_the_rest_is_judged(serving: Serve) -> None:
    """A narrow role is common."""
    world = await serving(broken())
    world.cluster.faults.forbidden = ("networkpolicies", "nodes", "persistentvolumes", "pods/log")
    text = await world.ask("triage", service="web")
    assert "Note: no permission to list networkpolicies." in text
    assert "persistentvolumes" not in text
    assert "1. deployment/store: crash_loop" in text


async def test_a_namespace_with_nothing_in_it_is_told_by_name(serving: Serve) -> None:
    """It was mistyped, as a rule."""
    text = await (await serving(Shop())).ask("triage", namespace="shpo")
    assert "inconclusive. Nothing could be judged." in text
    assert "Note: no workload and no pod in namespace shpo: see whether its name is right." in text


async def test_a_cluster_that_is_down_is_an_error(serving: Serve) -> None:
    """Never "healthy"."""
    world = await serving(broken())
    world.cluster.faults.down = True
    assert "Kubernetes API" in await world.refusal("triage")


async def test_two_hundred_pods_take_a_list_of_each_kind(serving: Serve) -> None:
    """Lists once each, logs of a few suspects, no request for a single pod, no Secret."""
    shop = broken()
    for number in range(49):
        shop.add_workload(f"more-{number}", 9000, {"STORE_ADDR": "store:6379"}, replicas=4)
    world = await serving(shop)
    cluster = Cluster(world.environment)
    try:
        snapshot = await gather(cluster, "shop", "web")
        found = triage(snapshot, "web")
    finally:
        await cluster.close()
    assert len(snapshot.all("pods")) == 200
    assert all(
        snapshot.knows(kind) for kind in ("nodes", "persistentvolumes", "events", "endpoints")
    )
    assert (found.candidates[0].object, found.candidates[0].cause) == (
        "deployment/store",
        "crash_loop",
    )
    paths = [each.partition(" ")[2].partition("?")[0] for each in world.cluster.requests]
    logs = [each for each in paths if each.endswith("/log")]
    lists = [each for each in paths if not each.endswith("/log")]
    assert len(logs) <= MOST
    assert len(lists) == len(set(lists)) <= 26
    assert not any("/secrets" in each or "/pods/" in each for each in lists)
