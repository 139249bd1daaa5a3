"""How much of an answer of the API is read."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import yaml
from aiohttp import web
from aiohttp.test_utils import TestServer
from fastmcp import Client
from tocsin_mcp.kubernetes.bodies import LARGEST_BODY
from tocsin_mcp.kubernetes.server import build

from .conftest import settings

LARGE = b'{"items": [], "metadata": {}, "apiVersion": "v1", "kind": "%s"}' % (
    b" " * (LARGEST_BODY + 1)
)


async def _list_pods(address: str, folder: Path) -> str:
    config = {
        "current-context": "a",
        "clusters": [{"name": "a", "cluster": {"server": address}}],
        "users": [{"name": "a", "user": {"token": "t"}}],
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
    }
    (folder / "kubeconfig").write_text(yaml.safe_dump(config))
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
