"""A hostile or broken server behind GITHUB_API_URL can neither flood, nor confuse, nor get the token elsewhere."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from tocsin_mcp.github.api.client import GitHub
from tocsin_mcp.github.api.transport import EtagCache, Stored
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import Unavailable

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/{path:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def client(address: str) -> AsyncIterator[GitHub]:
    github = GitHub(Environment({"GITHUB_API_URL": address, "GITHUB_TOKEN": "s3cret"}))
    try:
        yield github
    finally:
        await github.close()


async def test_redirect_to_another_server_is_not_followed() -> None:
    """The token goes to no server but the configured one."""
    seen: list[str] = []

    async def elsewhere(request: web.Request) -> web.Response:
        seen.append(request.headers.get("Authorization", ""))
        return web.json_response({})

    async with server(elsewhere) as other:

        async def redirect(_: web.Request) -> web.Response:
            return web.Response(status=302, headers={"Location": f"{other}/steal"})

        async with server(redirect) as address, client(address) as github:
            with pytest.raises(Unavailable, match="moved to another server"):
                await github.get("/repos/a/b", what="It")
    assert seen == []


async def test_redirect_of_a_renamed_repository_is_followed() -> None:
    """GitHub answers for a renamed repository with a redirect on the same server; endless ones end."""

    async def renamed(request: web.Request) -> web.Response:
        if request.path == "/repositories/7":
            return web.json_response({"full_name": "a/new"})
        target = "/loop" if request.path == "/loop" else "/repositories/7"
        return web.Response(status=301, headers={"Location": target})

    async with server(renamed) as address, client(address) as github:
        assert await github.get("/repos/a/b", what="It") == {"full_name": "a/new"}
        with pytest.raises(Unavailable, match="moved"):
            await github.get("/loop", what="It")


async def test_body_without_end_is_cut_off() -> None:
    """More than eight megabytes are not read."""
    sent = 0

    async def flood(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for _ in range(1000):
            await response.write(b" " * 1024 * 1024)
            sent += 1
        return response

    async with server(flood) as address, client(address) as github:
        with pytest.raises(Unavailable, match="too large to read"):
            await github.get("/repos/a/b", what="It")
    assert sent < 100


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"<html>login</html>", "text/html"),
        (b"{not json", "application/json"),
        (b'"text"', "application/json"),
        (b"\xff\xfe{}", "application/json; charset=utf-8"),
        (b"{}", "application/json; charset=no-such-charset"),
        (b"", "application/json"),
    ],
)
async def test_nonsense_is_named_as_such(body: bytes, content_type: str) -> None:
    """An answer that is no JSON is an error in words, whatever it is."""

    async def nonsense(_: web.Request) -> web.Response:
        return web.Response(body=body, headers={"Content-Type": content_type})

    async with server(nonsense) as address, client(address) as github:
        with pytest.raises(Unavailable, match=r"not GitHub's API|unreadable"):
            await github.get("/repos/a/b", what="It")


async def test_nonsense_in_quota_headers_is_ignored_or_named() -> None:
    """Headers that are no numbers make no request fail with anything but words."""

    async def odd(_: web.Request) -> web.Response:
        headers = {
            "X-RateLimit-Limit": "many",
            "X-RateLimit-Remaining": "-",
            "X-RateLimit-Reset": "soon",
        }
        return web.json_response({}, headers=headers)

    async with server(odd) as address, client(address) as github:
        with pytest.raises(Unavailable, match="unreadable"):
            await github.get("/repos/a/b", what="It")


async def test_client_may_be_used_again_after_close() -> None:
    """Closing frees the connections; the next call opens new ones."""

    async def fine(_: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async with server(fine) as address, client(address) as github:
        assert await github.get("/a", what="It")
        await github.close()
        assert await github.get("/a", what="It")


def test_cache_is_bounded_by_bytes() -> None:
    """The least recently used answers go first, and one huge answer empties nothing."""
    cache = EtagCache(limit=100)
    for name in ("a", "b", "c", "d"):
        cache.put((name, ""), Stored(name, {}, b"x" * 25))
    assert cache.get(("a", "")) is not None
    cache.put(("e", ""), Stored("e", {}, b"x" * 25))
    assert cache.get(("b", "")) is None
    assert cache.get(("a", "")) is not None
    cache.put(("huge", ""), Stored("huge", {}, b"x" * 26))
    assert cache.get(("huge", "")) is None
    assert cache.get(("e", "")) is not None


CALLS: list[tuple[str, dict[str, Any]]] = [
    ("list_tree", {}),
    ("read_file", {"path": "a"}),
    ("blame", {"path": "a", "start_line": 1}),
    ("search_code", {"query": "word"}),
    ("list_commits", {}),
    ("show_commit", {"sha": "main"}),
    ("compare", {"base": "a", "head": "b"}),
    ("list_pull_requests", {"since": "1d"}),
    ("list_deployments", {"since": "1d"}),
    ("suspect_changes", {"file": "a"}),
]
TIME = "2026-11-18T12:00:00Z"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        [{}],
        [[]],
        ["text"],
        {"tree": [{"type": "blob"}]},
        {"tree": 7, "items": 7, "commit": 7, "workflow_runs": 7, "sha": "a"},
        {"encoding": "base64", "content": "!", "sha": "a", "commit": {"message": None}},
        [{"merged_at": TIME, "updated_at": TIME, "created_at": TIME, "sha": "a"}],
        {"workflow_runs": [{"created_at": TIME}], "items": [{}], "commits": [{}], "tree": [{}]},
    ],
)
async def test_answers_of_another_form_are_told(serving: Callable[..., Any], answer: Any) -> None:
    """JSON that is not GitHub's makes an error in words, or says that nothing is there, for every tool."""

    async def other(_: web.Request) -> web.Response:
        return web.json_response(answer)

    async with (
        server(other) as address,
        serving(
            GITHUB_API_URL=address,
            TOCSIN_GITHUB_REPOSITORY="acme/shop",
            TOCSIN_NOW="2026-11-18T14:28:30Z",
        ) as call,
    ):
        for tool, arguments in CALLS:
            got = await call(tool, **arguments)
            assert "Error calling tool" not in got.text, (tool, got.text)
