"""The Kubernetes server over a real MCP session, against a simulated cluster."""

from __future__ import annotations

import copy
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastmcp import Client
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kubernetes.server import build

from bot.simulators.kubernetes import Faults, KubernetesSimulator

SHOP = Path(__file__).parents[2] / "samples" / "kubernetes" / "shop"
NOW = "2026-11-18T14:25:00Z"

Json = dict[str, Any]
Ask = Callable[..., Awaitable[str]]


@dataclass(frozen=True)
class World:
    """A simulated cluster and the environment of a server that is configured for it."""

    cluster: KubernetesSimulator
    environment: Environment

    async def call(self, tool: str, **arguments: object) -> tuple[bool, str]:
        """Call a tool in a session of its own: whether it failed, and its one text."""
        async with Client(build(self.environment)) as client:
            result = await client.call_tool(tool, dict(arguments), raise_on_error=False)
        (block,) = result.content
        assert block.type == "text"
        return bool(result.is_error), block.text

    async def ask(self, tool: str, **arguments: object) -> str:
        """The text of a call that must succeed."""
        failed, text = await self.call(tool, **arguments)
        assert not failed, text
        return text

    async def refusal(self, tool: str, **arguments: object) -> str:
        """The text of a call that must fail."""
        failed, text = await self.call(tool, **arguments)
        assert failed, text
        return text


def settings(kubeconfig: Path, **more: str) -> Environment:
    """The environment of a server for that kubeconfig at the recorded present."""
    return Environment({"KUBECONFIG": str(kubeconfig), "TOCSIN_NOW": NOW, **more})


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """The `shop` sample."""
    async with KubernetesSimulator(SHOP, faults=Faults()) as cluster:
        yield World(cluster, settings(cluster.write_kubeconfig(tmp_path / "kubeconfig")))


@pytest.fixture
def ask(world: World) -> Ask:
    """`await ask("list_pods", namespace="shop")`: the text of a call that must succeed."""
    return world.ask


@pytest.fixture
def recording() -> Json:
    """A copy of the sample's cluster.json, to be changed by a test."""
    content: Json = json.loads((SHOP / "cluster.json").read_text("utf-8"))
    return copy.deepcopy(content)


@pytest.fixture
async def serve(tmp_path: Path) -> AsyncIterator[Callable[[Json], Awaitable[World]]]:
    """`world = await serve(recording)`: a cluster with that content, until the test ends."""
    running: list[KubernetesSimulator] = []

    async def start(content: Json) -> World:
        folder = tmp_path / f"scenario-{len(running)}"
        folder.mkdir()
        (folder / "cluster.json").write_text(json.dumps(content), "utf-8")
        (folder / "scenario.yaml").write_text(f"now: {NOW}\n", "utf-8")
        cluster = await KubernetesSimulator(folder).__aenter__()
        running.append(cluster)
        return World(cluster, settings(cluster.write_kubeconfig(folder / "kubeconfig")))

    yield start
    for cluster in running:
        await cluster.__aexit__(None, None, None)


Serve = Callable[[Json], Awaitable[World]]
