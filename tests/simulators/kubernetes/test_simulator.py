"""The server as a whole: life, faults, kubeconfig, and a real client."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import aiohttp
import pytest
from lightkube import ApiError, AsyncClient, KubeConfig
from lightkube.resources.apps_v1 import DaemonSet, Deployment, ReplicaSet, StatefulSet
from lightkube.resources.batch_v1 import CronJob, Job
from lightkube.resources.core_v1 import Endpoints, Event, Node, Pod, Service

from bot.simulators.kubernetes import KubernetesSimulator

from .conftest import SHOP, TOKEN, Ask


async def test_lightkube_reads_every_kind(simulator: KubernetesSimulator, tmp_path: Path) -> None:
    """A strict typed client, configured by the written kubeconfig, decodes all recorded kinds."""
    config = KubeConfig.from_file(simulator.write_kubeconfig(tmp_path / "config"))
    async with AsyncClient(config, trust_env=False) as client:
        assert client.namespace == "shop"
        counts = {
            kind.__name__: len([item async for item in client.list(kind)])
            for kind in (
                Pod, Service, Endpoints, Event, Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob,
            )
        }  # fmt: skip
        assert counts == {
            "Pod": 8, "Service": 4, "Endpoints": 4, "Event": 7, "Deployment": 3, "ReplicaSet": 6,
            "StatefulSet": 1, "DaemonSet": 1, "Job": 1, "CronJob": 1,
        }  # fmt: skip
        assert [node.metadata.name async for node in client.list(Node) if node.metadata] == [
            "node-a",
            "node-b",
        ]
        with pytest.raises(ApiError, match='pods "nope" not found'):
            await client.get(Pod, "nope")


async def test_kubeconfig_is_private(simulator: KubernetesSimulator, tmp_path: Path) -> None:
    """The kubeconfig holds a token, so only its owner may read it."""
    path = simulator.write_kubeconfig(tmp_path / "config")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert TOKEN in path.read_text("utf-8")


async def test_empty_token_lets_everyone_in() -> None:
    """kubectl sends no token over plain HTTP; with an empty token none is needed."""
    async with (
        KubernetesSimulator(SHOP, token="") as open_server,
        aiohttp.ClientSession() as session,
        session.get(f"{open_server.url}/api/v1/namespaces/shop/pods") as response,
    ):
        assert response.status == 200


async def test_requests_are_noted(ask: Ask, simulator: KubernetesSimulator) -> None:
    """A test can see which requests were made, in order."""
    await ask("/version")
    await ask("/api/v1/pods", limit="1")
    assert simulator.requests == ["GET /version", "GET /api/v1/pods?limit=1"]


async def test_down_cuts_connections(ask: Ask, simulator: KubernetesSimulator) -> None:
    """A server that is down gives no answer, and is back when the fault is lifted."""
    simulator.faults.down = True
    with pytest.raises(aiohttp.ClientError):
        await ask("/version")
    simulator.faults.down = False
    assert (await ask("/version")).status == 200


async def test_overloaded_answers_503(ask: Ask, simulator: KubernetesSimulator) -> None:
    """An overloaded server says so with a Status."""
    simulator.faults.overloaded = True
    answer = await ask("/api/v1/pods")
    assert (answer.status, answer.body["reason"]) == (503, "ServiceUnavailable")


async def test_latency_delays_the_answer(ask: Ask, simulator: KubernetesSimulator) -> None:
    """With latency an answer is not there at once, but comes."""
    simulator.faults.latency = 0.2
    answer = asyncio.ensure_future(ask("/version"))
    done, _ = await asyncio.wait({answer}, timeout=0.05)
    assert not done
    assert (await answer).status == 200


async def test_closing_frees_the_port() -> None:
    """After the context nothing listens at the address."""
    async with KubernetesSimulator(SHOP) as running:
        url = running.url
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(f"{url}/version")


async def test_closing_ends_open_watches() -> None:
    """A watch that still waits does not keep the server from closing."""
    async with asyncio.timeout(10), aiohttp.ClientSession() as session:
        async with KubernetesSimulator(SHOP, token="") as running:
            response = await session.get(f"{running.url}/api/v1/pods?watch=true")
            assert await response.content.readline()
        response.close()
