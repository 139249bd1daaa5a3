"""How much of an answer of the API is read."""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer
from fastmcp import Client
from lightkube.resources.core_v1 import Pod
from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kubernetes.bodies import LARGEST_BODY
from tocsin_mcp.kubernetes.cluster import Cluster, LogRequest
from tocsin_mcp.kubernetes.server import build

from .conftest import settings

LARGE = b'{"items": [], "metadata": {}, "apiVersion": "v1", "kind": "%s"}' % (
    b" " * (LARGEST_BODY + 1)
)


def write_kubeconfig(address: str, folder: Path) -> None:
    """One context, at that address."""
    config = {
        "current-context": "a",
        "clusters": [{"name": "a", "cluster": {"server": address}}],
        "users": [{"name": "a", "user": {"token": "t"}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
    }
    (folder / "kubeconfig").write_text(yaml.safe_dump(config))


async def _list_pods(address: str, folder: Path) -> str:
    write_kubeconfig(address, folder)
    async with Client(build(settings(folder / "kubeconfig"))) as client:
        result = await client.call_tool("list_pods", {}, raise_on_error=False)
    (block,) = result.content
    assert block.type == "text"
    text: str = block.text
    return text


@pytest.mark.parametrize("packed", [False, True])
async def test_a_body_is_read_up_to_a_bound(packed: bool, tmp_path: Path) -> None:
    """Whatever it is packed to: a hundred kilobytes here."""
    body = gzip.compress(LARGE, 1) if packed else LARGE
    headers = {"Content-Type": "application/json"}
    if packed:
        headers["Content-Encoding"] = "gzip"

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, headers=headers)

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    async with TestServer(application) as server:
        text = await _list_pods(str(server.make_url("")), tmp_path)
    assert text.startswith("The answer of the Kubernetes API is larger than 32 MiB.")


async def test_packed_answers_are_read(tmp_path: Path) -> None:
    """As API servers pack long lists; one that is broken is said to be."""
    packed = [gzip.compress(b'{"items": [], "metadata": {}}'), b"no gzip"]

    async def answer(_: web.Request) -> web.Response:
        return web.Response(
            body=packed.pop(0),
            headers={"Content-Type": "application/json", "Content-Encoding": "gzip"},
        )

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    async with TestServer(application) as server:
        assert (await _list_pods(str(server.make_url("")), tmp_path)).startswith(
            "Namespace default: no pods"
        )
        packed[:] = packed[-1:]
        assert "cannot be unpacked" in await _list_pods(str(server.make_url("")), tmp_path)


async def test_a_trickle_is_not_waited_for(tmp_path: Path) -> None:
    """Each byte comes in time, the answer never ends."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while not request.transport or not request.transport.is_closing():
            await response.write(b" ")
            await asyncio.sleep(0.01)
        return response

    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    async with TestServer(application) as server:
        write_kubeconfig(str(server.make_url("")), tmp_path)
        cluster = Cluster(settings(tmp_path / "kubeconfig"), whole_seconds=0.2)
        with pytest.raises(Unavailable, match=r"did not answer within 0\.2 s"):
            await cluster.objects(Pod, "shop")
        with pytest.raises(Unavailable, match=r"did not answer within 0\.2 s"):
            await cluster.log("cart", "shop", LogRequest("server"))
        await cluster.close()
