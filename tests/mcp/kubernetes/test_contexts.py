"""Several clusters: the call's `_meta` chooses among those that are configured, and no argument does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from fastmcp import Client, FastMCP
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kubernetes.server import build

from bot.simulators.kubernetes import KubernetesSimulator

from .conftest import NOW, SHOP


@pytest.fixture
async def clusters(tmp_path: Path) -> AsyncIterator[dict[str, KubernetesSimulator]]:
    """Clusters `eu` (the shop), `us` (empty) and `lab`, all in one kubeconfig whose current context is `lab`."""
    empty = tmp_path / "empty"
    empty.mkdir()
    async with AsyncExitStack() as stack:
        running = {
            name: await stack.enter_async_context(KubernetesSimulator(folder))
            for name, folder in (("eu", SHOP), ("us", empty), ("lab", empty))
        }
        together: dict[str, Any] = {"current-context": "lab"}
        for name, cluster in running.items():
            path = cluster.write_kubeconfig(tmp_path / name)
            text = path.read_text("utf-8").replace("scenario", name)
            for key, value in yaml.safe_load(text).items():
                if isinstance(value, list):
                    together.setdefault(key, []).extend(value)
        (tmp_path / "kubeconfig").write_text(yaml.safe_dump(together), "utf-8")
        yield running


def server(folder: Path, **more: str) -> FastMCP[Any]:
    """A server for that kubeconfig."""
    settings = {"KUBECONFIG": str(folder / "kubeconfig"), "TOCSIN_NOW": NOW, **more}
    return build(Environment({**settings, "TOCSIN_NAMESPACE": "shop"}))


async def ask(client: Client[Any], cluster: str = "") -> tuple[bool, str]:
    """Whether list_pods failed, and its text, for a call about a cluster."""
    meta = {"tocsin/cluster": cluster} if cluster else None
    got = await client.call_tool("list_pods", {}, meta=meta, raise_on_error=False)
    [block] = got.content
    assert block.type == "text"
    return bool(got.is_error), block.text


async def test_the_meta_of_a_call_chooses_the_cluster(
    clusters: dict[str, KubernetesSimulator], tmp_path: Path
) -> None:
    """Calls at the same time reach each its own; answers say whose they are."""
    built = server(tmp_path, TOCSIN_KUBE_CONTEXT="us", TOCSIN_KUBE_CONTEXTS="eu, us")
    async with Client(built) as client:
        (_, eu), (_, us), (_, own) = await asyncio.gather(
            ask(client, "eu"), ask(client, "us"), ask(client)
        )
    assert eu.startswith("Cluster eu. Namespace shop")
    assert "cartservice-" in eu
    assert us == own
    assert us.startswith("Cluster us. Namespace shop: no pods")
    assert clusters["lab"].requests == []


async def test_a_cluster_that_is_not_configured_is_refused(
    clusters: dict[str, KubernetesSimulator], tmp_path: Path
) -> None:
    """Although the kubeconfig has it: nothing is asked there."""
    built = server(tmp_path, TOCSIN_KUBE_CONTEXT="us", TOCSIN_KUBE_CONTEXTS="eu")
    async with Client(built) as client:
        failed, text = await ask(client, "lab")
    assert failed
    assert "'lab' is none of TOCSIN_KUBE_CONTEXT and TOCSIN_KUBE_CONTEXTS" in text
    assert clusters["lab"].requests == []


async def test_one_cluster_needs_no_word(
    clusters: dict[str, KubernetesSimulator], tmp_path: Path
) -> None:
    """Without further contexts the current one is asked and answers do not name it."""
    async with Client(server(tmp_path)) as client:
        _, text = await ask(client)
    assert text.startswith("Namespace shop: no pods")
    assert clusters["lab"].requests


async def test_it_works_below_a_server_of_servers(
    clusters: dict[str, KubernetesSimulator], tmp_path: Path
) -> None:
    """As the bot starts them, all in one process."""
    together: FastMCP[Any] = FastMCP("together")
    together.mount(server(tmp_path, TOCSIN_KUBE_CONTEXTS="eu"), namespace="kubernetes")
    async with Client(together) as client:
        got = await client.call_tool("kubernetes_list_pods", {}, meta={"tocsin/cluster": "eu"})
    [block] = got.content
    assert block.type == "text"
    assert "cartservice-" in block.text
