"""The Prometheus server between a real MCP client and a real Prometheus, or recorded answers of one."""

from __future__ import annotations

import contextlib
import http.server
import json
import math
import re
import subprocess
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from fastmcp import Client
from mcp_types import ImageContent, TextContent
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.prometheus.server import build

from tests.prometheus_program import binary

SAMPLES = Path(__file__).parents[2] / "samples" / "prometheus"
_LISTENING = re.compile(r"address=(127\.0\.0\.1:\d+)")
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Result:
    """One tool call's outcome: its text, whether it is an error, and pictures."""

    text: str
    is_error: bool
    pictures: tuple[ImageContent, ...] = ()


Call = Callable[..., Awaitable[Result]]


@asynccontextmanager
async def serving(**settings: str) -> AsyncIterator[Call]:
    """`await call("query", query=…)` against a server with these settings."""
    async with Client(build(Environment(settings))) as client:

        async def call(tool: str, **arguments: Any) -> Result:
            answer = await client.call_tool(tool, arguments, raise_on_error=False)
            text, *rest = answer.content
            assert isinstance(text, TextContent)
            pictures = tuple(each for each in rest if isinstance(each, ImageContent))
            assert len(pictures) == len(rest)
            return Result(text.text, answer.is_error, pictures)

        yield call


@pytest.fixture(name="serving")
def serving_fixture() -> Callable[..., Any]:
    """`async with serving(PROMETHEUS_URL=…) as call`: a server with settings of the test's own."""
    return serving


class _Shop(http.server.BaseHTTPRequestHandler):
    """What is scraped: a counter that grows with time, and a gauge."""

    def do_GET(self) -> None:
        grown = int(time.time() * 10) % 1_000_000
        body = (
            "# HELP shop_orders_total Orders taken.\n# TYPE shop_orders_total counter\n"
            f'shop_orders_total{{region="eu"}} {grown}\nshop_orders_total{{region="us"}} {grown // 2}\n'
            "# TYPE shop_carts gauge\nshop_carts 7\n"
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        with contextlib.suppress(ConnectionError):  # on a busy machine Prometheus gives up early
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@dataclass(frozen=True)
class Running:
    """A Prometheus with two hours of history. `now` is where that ends, in seconds since the epoch."""

    address: str
    now: int

    def at(self, seconds_ago: int) -> str:
        """RFC 3339."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.now - seconds_ago))


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A real Prometheus: backfilled history, a target that is up, one that is down, and rules of all kinds."""
    program = binary()
    folder = tmp_path_factory.mktemp("prometheus")
    now = int(time.time()) // 60 * 60
    shop = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    thread = threading.Thread(target=shop.serve_forever, daemon=True)
    thread.start()
    (folder / "prometheus.yml").write_text(_CONFIGURATION % shop.server_address[1])
    (folder / "rules.yml").write_text(_RULES)
    _backfill(folder, now)
    command = [
        program,
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        "--storage.tsdb.retention.time=30d",
        "--web.listen-address=127.0.0.1:0",
    ]
    log = folder / "log"
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as server:
        try:
            yield Running(_address(log, server), now)
        finally:
            server.terminate()
            server.wait(timeout=20)
            shop.shutdown()
            shop.server_close()
            thread.join(timeout=10)


@pytest.fixture
async def call(running: Running) -> AsyncIterator[Call]:
    """`await call("query", query=…)` against that Prometheus, at its present."""
    async with serving(PROMETHEUS_URL=running.address) as made:
        yield made


@pytest.fixture
async def past(running: Running) -> AsyncIterator[Call]:
    """The same at the end of its history, as for a recorded incident."""
    async with serving(PROMETHEUS_URL=running.address, TOCSIN_NOW=running.at(0)) as made:
        yield made


@dataclass
class Recorded:
    """Answers every path with what a test gives; `asked` holds the requests."""

    address: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)

    def sample(self, path: str, name: str) -> None:
        """Answer a path with a recorded answer of a real Prometheus."""
        self.answers[path] = json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request)
        made = self.answers.get(request.path.removeprefix("/api/v1/"), (404, b"nothing here"))
        if callable(made):
            made = await made()
        if isinstance(made, web.Response):
            return made
        status, body = made if isinstance(made, tuple) else (200, json.dumps(made).encode())
        return web.Response(status=status, body=body, content_type="application/json")


@pytest.fixture
async def recorded() -> AsyncIterator[Recorded]:
    """A server whose answers the test decides."""
    made = Recorded()
    application = web.Application()
    application.router.add_get("/{path:.*}", made.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    made.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def ask(recorded: Recorded) -> AsyncIterator[Call]:
    """`await ask("list_alerts")` against recorded answers, at the time of their recording."""
    async with serving(PROMETHEUS_URL=recorded.address, TOCSIN_NOW="2026-11-22T06:54:40Z") as made:
        yield made


def _address(log: Path, server: subprocess.Popen[bytes]) -> str:
    """When it is ready, has scraped, and all its rules were evaluated."""
    deadline = time.monotonic() + 50
    while time.monotonic() < deadline and server.poll() is None:
        for address in _LISTENING.findall(log.read_text("utf-8", "replace")):
            if not address.endswith(":0") and _settled(f"http://{address}"):
                return f"http://{address}"
        time.sleep(0.05)
    pytest.fail(f"Prometheus did not start:\n{log.read_text('utf-8', 'replace')[-4000:]}")


def _settled(address: str) -> bool:
    try:
        with _DIRECT.open(f"{address}/api/v1/rules", timeout=5) as answer:
            groups = json.load(answer)["data"]["groups"]
        scraped = _series(address, "shop_orders_total[1m]")
        recorded = _series(address, "shop:orders:rate")
    except (OSError, ValueError, KeyError):
        return False
    states = {rule["name"]: rule for group in groups for rule in group["rules"]}
    return (
        bool(scraped and recorded)
        and len(scraped[0]["values"]) >= 3
        and states["TargetDown"]["state"] == "firing"
        and states["ManyCarts"]["state"] == "pending"
        and states["Ambiguous"]["health"] == "err"
    )


def _series(address: str, query: str) -> list[dict[str, Any]]:
    with _DIRECT.open(f"{address}/api/v1/query?query={query}", timeout=5) as answer:
        found: list[dict[str, Any]] = json.load(answer)["data"]["result"]
    return found


def _backfill(folder: Path, now: int) -> None:
    """Two hours, one point a minute: failures jump half an hour ago on one of three routes; latencies wobble."""
    lines = ["# TYPE failures gauge"]
    for route, after in (("/cart", 5.0), ("/pay", 0.2), ("/list", 0.2)):
        for minute in range(120, 0, -1):
            level = after if minute <= 30 else 0.2
            value = level * (1 + 0.1 * math.sin(minute * 1.7))
            lines.append(
                f'failures{{route="{route}",service="shop"}} {value:.4f} {now - minute * 60}'
            )
    lines.append("# TYPE many gauge")
    for number in range(150):
        lines += [f'many{{n="{number:03d}"}} {number} {now - minute * 60}' for minute in (3, 2, 1)]
    lines.append("# EOF\n")
    (folder / "history.txt").write_text("\n".join(lines))
    subprocess.run(
        ["promtool", "tsdb", "create-blocks-from", "openmetrics", "history.txt", "data"],
        cwd=folder,
        check=True,
        capture_output=True,
        timeout=60,
    )


_CONFIGURATION = """\
global: {scrape_interval: 500ms, evaluation_interval: 500ms}
rule_files: [rules.yml]
scrape_configs:
- job_name: shop
  static_configs: [{targets: ["127.0.0.1:%d"]}]
- job_name: mail
  static_configs: [{targets: ["127.0.0.1:1"]}]
"""
_RULES = """\
groups:
- name: shop
  rules:
  - alert: TargetDown
    expr: up == 0
    labels: {severity: critical}
    annotations: {summary: "{{ $labels.job }} cannot be scraped", runbook_url: "https://runbooks.example.com/down"}
  - alert: ManyCarts
    expr: shop_carts > 5
    for: 1h
  - alert: Quiet
    expr: shop_carts > 1000
  - alert: Ambiguous
    expr: up + on() shop_orders_total > 0
  - record: shop:orders:rate
    expr: sum(rate(shop_orders_total[5s]))
"""
