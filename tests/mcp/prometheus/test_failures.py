"""When Prometheus or the settings fail, the caller learns what failed and what to do; nothing leaks."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import pytest
from aiohttp import web
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.prometheus.client import Prometheus


def refusal(kind: str, reason: str) -> bytes:
    """An error as Prometheus writes it."""
    return json.dumps({"status": "error", "errorType": kind, "error": reason}).encode()


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, b"Unauthorized", "PROMETHEUS_TOKEN (or PROMETHEUS_USERNAME and PROMETHEUS_PASSWORD)"),
        (403, b"Forbidden", "refused /api/v1/query (403)"),
        (404, b"<html>", "has no /api/v1/query (404): PROMETHEUS_URL lacks a path prefix"),
        (429, b"", "is rate limiting this token"),
        (302, b"", "redirects to another address, which is not followed"),
        (503, b"<html>down</html>", "failed (503). It may be down"),
        (200, b"<html>login</html>", "is not Prometheus (200). PROMETHEUS_URL may be wrong"),
        (200, b"[1]", "is not Prometheus (200)"),
        (503, refusal("timeout", "query timed out"), "gave up after 20 s (query timed out)"),
        (
            422,
            refusal("execution", "too many samples"),
            "could not evaluate this: too many samples",
        ),
        (500, refusal("internal", "disk"), "refused /api/v1/query: disk (internal)"),
        (404, refusal("not_found", "no such tenant"), "nothing at /api/v1/query: no such tenant"),
    ],
)
async def test_refusals_say_what_to_do(
    recorded: Any, ask: Any, status: int, body: bytes, words: str
) -> None:
    """Each kind of failure names the setting, the reason or the next step; no HTML gets through."""
    recorded.answers["query"] = (status, body)
    got = await ask("query", query="up")
    assert got.is_error
    assert words in got.text
    assert "<html>" not in got.text


async def test_an_answer_too_large_to_read(recorded: Any, ask: Any) -> None:
    """Eight megabytes are enough; the text says how to ask for less."""
    recorded.answers["query"] = (200, b"[" + b" " * (9 * 1024 * 1024))
    got = await ask("query", query="{__name__=~'.+'}")
    assert got.is_error
    assert "too large to read. Aggregate" in got.text


async def test_a_large_answer_is_read(recorded: Any, ask: Any) -> None:
    """What is large but within bounds is decoded and counted."""
    result = [{"metric": {"n": str(n)}, "value": [1795330476, "1"]} for n in range(5000)]
    recorded.answers["query"] = {
        "status": "success",
        "data": {"resultType": "vector", "result": result},
    }
    got = await ask("query", query="many")
    assert got.text.startswith("5000 results at ")
    assert "4950 more not shown" in got.text


async def test_half_a_character_in_a_label(recorded: Any, ask: Any) -> None:
    """JSON may hold half of a surrogate pair, which no answer can carry; the rest is told."""
    body = rb'{"status":"success","data":{"resultType":"vector","result":[{"metric":{"n":"a\ud83d"},"value":[1795330476,"7"]}]}}'
    recorded.answers["query"] = (200, body)
    got = await ask("query", query="one")
    assert not got.is_error
    assert "a\ufffd" in got.text


async def test_nobody_at_the_address(serving: Any) -> None:
    """An address where nobody listens is named with its setting; credentials in it are not."""
    async with serving(PROMETHEUS_URL="http://ops:s3cret@127.0.0.1:1") as call:
        got = await call("list_alerts")
    assert got.is_error
    assert "Cannot reach Prometheus at 127.0.0.1:1" in got.text
    assert "PROMETHEUS_URL" in got.text
    assert "s3cret" not in got.text


async def test_a_slow_answer_is_not_waited_for(recorded: Any) -> None:
    """Every request has a time limit."""
    release = asyncio.Event()

    async def never() -> web.Response:
        await release.wait()
        return web.Response()

    recorded.answers["alerts"] = never
    prometheus = Prometheus(Environment({"PROMETHEUS_URL": recorded.address}), timeout_seconds=0.2)
    with pytest.raises(Unavailable, match=r"did not answer within 0\.2 s"):
        await prometheus.get("alerts")
    release.set()
    await prometheus.close()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "PROMETHEUS_URL is not set: it is the address of Prometheus"),
        ("prometheus:9090", "PROMETHEUS_URL is not a URL like"),
        ("ftp://prometheus", "PROMETHEUS_URL is not a URL like"),
        ("http://prometheus?x=1", "PROMETHEUS_URL is not a URL like"),
    ],
)
async def test_unusable_settings_are_told_by_name(serving: Any, address: str, words: str) -> None:
    """The server starts without settings; its tools say which one is missing or wrong."""
    async with serving(PROMETHEUS_URL=address) as call:
        got = await call("list_targets")
    assert got.is_error
    assert words in got.text


@pytest.mark.parametrize(
    ("settings", "sent"),
    [
        ({}, None),
        ({"PROMETHEUS_TOKEN": "t0ken"}, "Bearer t0ken"),
        (
            {"PROMETHEUS_USERNAME": "ops", "PROMETHEUS_PASSWORD": "pass:word"},
            f"Basic {base64.b64encode(b'ops:pass:word').decode()}",
        ),
        ({"PROMETHEUS_TOKEN": "t0ken", "PROMETHEUS_USERNAME": "ops"}, "Bearer t0ken"),
    ],
)
async def test_credentials(
    recorded: Any, serving: Any, settings: dict[str, str], sent: str | None
) -> None:
    """A token goes before a name; the tenant goes along."""
    recorded.sample("alerts", "alerts")
    base = {"PROMETHEUS_URL": recorded.address, "PROMETHEUS_ORG_ID": "shop"}
    async with serving(**base, **settings) as call:
        assert not (await call("list_alerts")).is_error
    [request] = recorded.asked
    assert request.headers.get("Authorization") == sent
    assert request.headers["X-Scope-OrgID"] == "shop"


async def test_a_path_before_the_api(recorded: Any, serving: Any) -> None:
    """An address with a path prefix is kept, whatever slashes it ends in."""
    async with serving(PROMETHEUS_URL=f"{recorded.address}/prometheus//") as call:
        assert (await call("list_alerts")).is_error
    assert recorded.asked[0].path == "/prometheus/api/v1/alerts"


async def test_redirects_are_not_followed(recorded: Any, ask: Any) -> None:
    """The credentials go to no other server."""
    recorded.answers["alerts"] = web.Response(
        status=307, headers={"Location": f"{recorded.address}/api/v1/other"}
    )
    assert (await ask("list_alerts")).is_error
    assert [request.path for request in recorded.asked] == ["/api/v1/alerts"]


@pytest.mark.parametrize(
    "path", ["admin/tsdb/delete_series", "../../-/quit", "status/config", "write"]
)
async def test_only_reading_endpoints(path: str) -> None:
    """Nothing else of the API can be asked."""
    with pytest.raises(ValueError, match="not one of the endpoints that only read"):
        await Prometheus(Environment({"PROMETHEUS_URL": "http://127.0.0.1:1"})).get(path)


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("query", {"query": " "}, "must be PromQL of 1 to 2000 characters"),
        ("query", {"query": "u" * 2001}, "must be PromQL"),
        ("query", {"query": "up", "time": "noon"}, "`time`"),
        ("query", {"query": "up", "time": "2999-01-01T00:00:00Z"}, "is in the future"),
        ("query", {"query": "max_over_time(up[10y:1s])"}, "looks further back than 92 days"),
        ("query", {"query": "up", "limit": 101}, "must be between 1 and 100"),
        ("describe_metric", {"metric": 'up{job="x"}'}, "without labels"),
        ("list_metrics", {"contains": 'a"}'}, "must be part of a name"),
        ("list_rules", {"kind": "all"}, "`kind`"),
        ("list_alerts", {"contains": "a\nb"}, "must be one line"),
    ],
)
async def test_arguments_are_checked(
    recorded: Any, ask: Any, tool: str, arguments: dict[str, Any], words: str
) -> None:
    """What cannot be meant is refused with what would be right; nothing is asked."""
    got = await ask(tool, **arguments)
    assert got.is_error
    assert words in got.text
    assert recorded.asked == []
