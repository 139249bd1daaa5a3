"""The health endpoints, over real HTTP."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import ClientSession
from prometheus_client import CollectorRegistry, Counter

from bot.errors import ConfigurationError, TemporaryError
from bot.health import HealthServer


async def fine() -> None:
    return


async def broken() -> None:
    raise TemporaryError("Redis cannot be used\nat the moment")


async def buggy() -> None:
    raise KeyError("a secret")


async def stuck() -> None:
    await asyncio.Event().wait()


async def fetch(url: str, **headers: str) -> tuple[int, str, str]:
    async with ClientSession() as session, session.get(url, headers=headers) as response:
        return response.status, await response.text(), response.headers["Content-Type"]


async def test_ready_when_every_check_passes() -> None:
    """All checks pass: 200, and each is named."""
    async with HealthServer({"redis": fine, "slack": fine}) as health:
        status, body, _ = await fetch(f"{health.url}/readyz")
    assert (status, body) == (200, "redis: ok\nslack: ok\n")


async def test_not_ready_says_which_check_failed_and_why() -> None:
    """A failing, a buggy and a hanging check give 503 in bounded time, and no text that was not meant for people."""
    checks = {"redis": broken, "slack": buggy, "tools": stuck, "queue": fine}
    async with HealthServer(checks, check_timeout=0.05) as health:
        status, body, _ = await fetch(f"{health.url}/readyz")
    assert status == 503
    assert body.splitlines() == [
        "redis: Redis cannot be used at the moment",
        "slack: KeyError",
        "tools: no answer in time",
        "queue: ok",
    ]


async def test_alive_although_not_ready() -> None:
    """A process whose Redis is away is not to be restarted."""
    async with HealthServer({"redis": broken}) as health:
        status, body, _ = await fetch(f"{health.url}/livez")
    assert (status, body) == (200, "ok\n")


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        pytest.param("*/*", "text/plain", id="text"),
        pytest.param(
            "application/openmetrics-text; version=1.0.0",
            "application/openmetrics-text",
            id="openmetrics",
        ),
    ],
)
async def test_metrics_are_served(accept: str, content_type: str) -> None:
    """The registry's metrics come in the format that the scraper asks for."""
    registry = CollectorRegistry()
    Counter("tocsin_things", "Things.", registry=registry).inc(3)
    async with HealthServer({}, registry=registry) as health:
        status, body, got = await fetch(f"{health.url}/metrics", Accept=accept)
    assert status == 200
    assert "tocsin_things_total 3.0" in body
    assert got.startswith(content_type)


async def test_a_taken_port_is_said_clearly() -> None:
    """Two servers on one port: the second names the address and says what to do."""
    async with HealthServer({}) as first:
        with pytest.raises(ConfigurationError, match=rf"127\.0\.0\.1:{first.port}.*another port"):
            async with HealthServer({}, port=first.port):
                pytest.fail("two servers on one port")
