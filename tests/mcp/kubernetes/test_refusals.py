"""What the caller hears when the API refuses, or cannot be reached."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from lightkube.resources.core_v1 import Pod
from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kubernetes import refusals
from tocsin_mcp.kubernetes.cluster import Cluster

from bot.simulators.kubernetes import KubernetesSimulator

from .conftest import SHOP, World, settings

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def server(handler: Handler, folder: Path) -> AsyncIterator[World]:
    """A kubeconfig that points to a server with one answer for everything."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        cluster = KubernetesSimulator(SHOP, port=int(runner.addresses[0][1]))
        yield World(cluster, settings(cluster.write_kubeconfig(folder / "kubeconfig")))
    finally:
        await runner.cleanup()


async def test_missing_permission_is_named(world: World) -> None:
    """403 says verb, resource and namespace, and that the caller may go on."""
    world.cluster.faults.forbidden = {"pods"}
    text = await world.refusal("list_pods")
    assert text.startswith("Not permitted to list pods in namespace shop.")
    assert 'must grant `list` on "pods"' in text
    assert "Go on without it" in text


async def test_wrong_credentials_are_said_to_be_final(tmp_path: Path) -> None:
    """401 names the setting and that trying again will not help."""
    async with KubernetesSimulator(SHOP, token="right") as cluster:
        path = cluster.write_kubeconfig(tmp_path / "kubeconfig")
        path.write_text(path.read_text("utf-8").replace("right", "wrong"), "utf-8")
        text = await World(cluster, settings(path)).refusal("list_pods")
    assert "refused the credentials (401)" in text
    assert "KUBECONFIG" in text


async def test_unreachable_names_the_host(tmp_path: Path) -> None:
    """Nothing listening: the host and port are named, the token is not."""
    async with KubernetesSimulator(SHOP, token="letmein") as cluster:
        path = cluster.write_kubeconfig(tmp_path / "kubeconfig")
        host = cluster.url.removeprefix("http://")
    text = await World(cluster, settings(path)).refusal("list_pods")
    assert text.startswith(f"Cannot reach the Kubernetes API at {host}.")
    assert "letmein" not in text


async def test_broken_connection(world: World) -> None:
    """A connection that is cut is said so, and another try suggested."""
    world.cluster.faults.down = True
    assert "Try once more" in await world.refusal("list_pods")


async def test_overloaded_server(world: World) -> None:
    """A 503 carries the server's own words."""
    world.cluster.faults.overloaded = True
    text = await world.refusal("list_pods")
    assert "answered 503: the server is currently unable to handle the request" in text


async def test_silent_server_is_given_up(tmp_path: Path) -> None:
    """A server that accepts and never answers costs the read timeout, not for ever."""
    released = asyncio.Event()

    async def hang(_: web.Request) -> web.Response:
        await released.wait()
        return web.Response()

    async with server(hang, tmp_path) as world:
        cluster = Cluster(world.environment, read_seconds=0.2)
        with pytest.raises(Unavailable, match=r"did not answer within 0\.2 s"):
            await cluster.objects(Pod, "shop")
        released.set()
        await cluster.close()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, "<html>login</html>", "text/html"),
        (200, "[]", "application/json"),
        (200, '{"items": [{"spec": 1}]}', "application/json"),
        (500, "stack trace with secrets: letmein", "text/plain"),
        (403, '"letmein"', "application/json"),
    ],
)
async def test_what_is_no_kubernetes_api(tmp_path: Path, status: int, body: str, kind: str) -> None:
    """A proxy's page or a foreign server's body is not passed on, and is not a bug of ours."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=body, content_type=kind)

    async with server(answer, tmp_path) as world:
        text = await world.refusal("list_pods")
    assert not text.startswith("Error calling tool")
    assert "letmein" not in text
    assert "html" not in text


async def test_answer_without_a_content_type(tmp_path: Path) -> None:
    """An error without any header is translated too."""

    async def answer(request: web.Request) -> web.Response:
        assert request.transport
        request.transport.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        request.transport.close()
        return web.Response()

    async with server(answer, tmp_path) as world:
        text = await world.refusal("list_pods")
    assert not text.startswith("Error calling tool")


async def test_rate_limit_says_when(tmp_path: Path) -> None:
    """429 with Retry-After says how long to wait."""

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=429, headers={"Retry-After": "7"}, text="slow down")

    async with server(answer, tmp_path) as world:
        assert "again in 7 s" in await world.refusal("list_pods")


def test_limits_are_those_promised() -> None:
    """Five seconds to connect, fifteen to answer."""
    assert (refusals.CONNECT_SECONDS, refusals.READ_SECONDS) == (5.0, 15.0)
