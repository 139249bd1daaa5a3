"""The CloudWatch server between a real MCP client and a real moto server, or a stand-in where moto has gaps."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]  # it ships no types
import pytest
from aiohttp import web
from fastmcp import Client
from mcp_types import TextContent
from tocsin_mcp.cloudwatch.server import build
from tocsin_mcp.kit.environment import Environment

REGION = "eu-west-1"
KEYS = {"AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "s3cret"}
_RUNNING = re.compile(r"Running on (http://127\.0\.0\.1:\d+)")


@dataclass(frozen=True)
class Result:
    """One tool call's outcome: its single text and whether it is an error."""

    text: str
    is_error: bool


Call = Callable[..., Awaitable[Result]]


@asynccontextmanager
async def serving(**settings: str) -> AsyncIterator[Call]:
    """`await call("list_alarms", …)` against a server with these settings."""
    async with Client(build(Environment(settings))) as client:

        async def call(tool: str, **arguments: Any) -> Result:
            answer = await client.call_tool(tool, arguments, raise_on_error=False)
            [block] = answer.content
            assert isinstance(block, TextContent)
            return Result(block.text, answer.is_error)

        yield call


@pytest.fixture(name="serving")
def serving_fixture() -> Callable[..., Any]:
    """`async with serving(AWS_REGION=…) as call`: a server with settings of the test's own."""
    return serving


@pytest.fixture
def keys() -> dict[str, str]:
    """Region and credentials, without an address."""
    return dict(KEYS)


@pytest.fixture(scope="session")
def moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a moto server, one for all tests of this process."""
    log = tmp_path_factory.mktemp("moto") / "log"
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as server:
        try:
            yield _address(log, server)
        finally:
            server.terminate()
            server.wait(timeout=60)


def _address(log: Path, server: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline and server.poll() is None:
        found = _RUNNING.search(log.read_text("utf-8", "replace"))
        if found:
            return found[1]
        time.sleep(0.02)
    pytest.fail(f"moto did not start:\n{log.read_text('utf-8', 'replace')}")


@pytest.fixture(scope="session")
def clients(moto: str) -> Iterator[tuple[Any, Any]]:
    """CloudWatch and CloudWatch Logs of that server, to put things into it."""
    session = boto3.session.Session(
        aws_access_key_id="key", aws_secret_access_key="s3cret", region_name=REGION
    )
    made = tuple(session.client(name, endpoint_url=moto) for name in ("cloudwatch", "logs"))
    yield made
    for client in made:
        client.close()


@dataclass(frozen=True)
class Account:
    """An empty AWS account to put things into. `now` is the present of the tests."""

    address: str
    now: datetime
    cloudwatch: Any
    logs: Any

    def milliseconds(self, seconds_ago: float = 0) -> int:
        """A time as CloudWatch Logs writes it."""
        return int((self.now.timestamp() - seconds_ago) * 1000)


@pytest.fixture
def account(moto: str, clients: tuple[Any, Any]) -> Account:
    """The moto server without anything in it."""
    reset = urllib.request.Request(f"{moto}/moto-api/reset", method="POST")
    urllib.request.build_opener(urllib.request.ProxyHandler({})).open(reset, timeout=60).close()
    return Account(moto, datetime.now(UTC).replace(microsecond=0), *clients)


@pytest.fixture
async def call(account: Account) -> AsyncIterator[Call]:
    """`await call("list_alarms", …)` against that account."""
    async with serving(**KEYS, AWS_ENDPOINT_URL=account.address) as made:
        yield made


@dataclass
class StandIn:
    """Speaks AWS's JSON protocol with answers that a test gives, for what moto does not implement.

    `answers` maps an operation to a value, or to a function of the request; (status, body) is an error.
    `asked` holds (operation, parameters) in order.
    """

    address: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def operations(self) -> list[str]:
        """What was asked, in order."""
        return [operation for operation, _ in self.asked]

    async def answer(self, request: web.Request) -> web.Response:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        given = json.loads(await request.read() or b"{}")
        self.asked.append((operation, given))
        made = self.answers.get(operation, (400, {"__type": "UnknownOperationException"}))
        if callable(made):
            made = made(given)
        if isinstance(made, Awaitable):
            made = await made
        status, body = made if isinstance(made, tuple) else (200, made)
        return web.json_response(body, status=status, content_type="application/x-amz-json-1.1")


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    """A server whose answers the test decides."""
    made = StandIn()
    application = web.Application()
    application.router.add_post("/", made.answer)
    runner = web.AppRunner(application, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def ask(stand_in: StandIn) -> AsyncIterator[Call]:
    """`await ask("alarm_history", …)` against the stand-in."""
    async with serving(**KEYS, AWS_ENDPOINT_URL=stand_in.address) as made:
        yield made
