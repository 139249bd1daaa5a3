"""Shared by all tests: a real Valkey per test process, a clock that stands still, and waiting for a condition."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from redis import Redis as BlockingRedis
from redis.asyncio import Redis
from redis.exceptions import ConnectionError as NotConnected

from bot.embedded_redis import connect, server_binary

# A busy machine makes examples slow, not wrong. What `make test` says of a commit stays so: its examples are the same
# each time. `make search` looks for new ones.
settings.register_profile(
    "tocsin", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "search", settings.get_profile("tocsin"), derandomize=False, max_examples=2_000
)
settings.load_profile("tocsin")


def pytest_xdist_auto_num_workers() -> int:
    """`-n auto` is one more than there are processors: stories wait for other programs a third of their time."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    """Half a million objects of collected tests live to the end. Looking through them again and again stops an event loop
    for a quarter of a second each time, on a busy machine for seconds, and no time limit of the bot counts on that."""
    gc.collect()
    gc.freeze()


START = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)


class Clock:
    """Aware UTC time that moves only when it is told to. Call it to read it."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


async def wait_until(predicate: Callable[[], bool | Awaitable[bool]], within: float = 30.0) -> None:
    """Return as soon as the predicate holds; fail when it still does not after `within` seconds."""
    deadline = time.monotonic() + within
    while True:
        holds = predicate()
        if isinstance(holds, Awaitable):
            holds = await holds
        if holds:
            return
        if time.monotonic() > deadline:
            pytest.fail(f"not so after {within} s: {predicate}")
        await asyncio.sleep(0.01)


@pytest.fixture(name="wait_until")
def wait_until_fixture() -> Callable[..., Awaitable[None]]:
    """`await wait_until(predicate, within=30)` (seconds); the predicate may be async."""
    return wait_until


@pytest.fixture
def clock() -> Clock:
    """A clock that stands at 14 March 2026, 09:26:53 UTC until it is advanced."""
    return Clock()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[str]:
    """URL of a real server on a unix socket, one for all tests of this process; nothing is kept."""
    folder = Path(tempfile.mkdtemp(prefix="tocsin-"))
    socket = folder / "redis.sock"
    options = ["--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
    options += ["--save", "", "--appendonly", "no", "--dir", str(folder), "--databases", "1"]
    log = folder / "server.log"
    with (
        log.open("wb") as out,
        subprocess.Popen([server_binary(), *options], stdout=out, stderr=out) as server,
    ):
        try:
            _await_ping(socket, server, log)
            yield f"unix://{socket}"
        finally:
            server.terminate()
            server.wait(timeout=60)
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def redis_url(redis_server: str) -> str:
    """URL of an empty server."""
    _flush(redis_server)
    return redis_server


@pytest.fixture
async def redis(redis_url: str) -> AsyncIterator[Redis]:
    """A client, as the bot makes them, of an empty server."""
    client = connect(redis_url)
    yield client
    await client.aclose()


@pytest.fixture(autouse=True)
def every_key_expires(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a key of ours without an expiry."""
    yield
    if "redis_url" not in request.fixturenames:
        return
    with _blocking(request.getfixturevalue("redis_server")) as client:
        lasting = [key for key in client.scan_iter("tocsin:*") if client.ttl(key) == -1]
    assert not lasting, f"keys without an expiry: {lasting}"


def _blocking(url: str) -> BlockingRedis:
    return BlockingRedis.from_url(url, socket_timeout=60)


def _flush(url: str) -> None:
    with _blocking(url) as client:
        client.flushall()
        client.script_flush()


def _await_ping(socket: Path, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with _blocking(f"unix://{socket}") as client:
                client.ping()
                return
        except NotConnected:
            time.sleep(0.01)
    pytest.exit(f"no Redis server for the tests:\n{log.read_text()}", returncode=3)
