"""The GitHub server between a real MCP client and a simulated GitHub."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from fastmcp import Client
from mcp_types import TextContent
from tocsin_mcp.github.server import build
from tocsin_mcp.kit.environment import Environment

from bot.simulators.github import GitHubSimulator

SCENARIO = Path(__file__).parents[3] / "bot" / "evals" / "scenarios" / "cartservice-guard"
SETTINGS = {
    "GITHUB_TOKEN": "t0ken",
    "TOCSIN_GITHUB_REPOSITORY": "acme/online-boutique",
    "TOCSIN_NOW": "2026-11-18T14:28:30Z",
}


@dataclass(frozen=True)
class Result:
    """One tool call's outcome: its single text and whether it is an error."""

    text: str
    is_error: bool


Call = Callable[..., Awaitable[Result]]


@asynccontextmanager
async def serving(**settings: str) -> AsyncIterator[Call]:
    """A client's `await call("read_file", path=…)` against a server with these settings."""
    server = build(Environment(settings))
    async with Client(server) as client:

        async def call(tool: str, **arguments: Any) -> Result:
            answer = await client.call_tool(tool, arguments, raise_on_error=False)
            [block] = answer.content
            assert isinstance(block, TextContent)
            return Result(block.text, answer.is_error)

        yield call


@pytest.fixture(scope="session")
def pem() -> str:
    """The private key of a GitHub App, as GitHub hands it out."""
    return _pem()


@pytest.fixture(scope="session")
def other_pem() -> str:
    """The key of another App."""
    return _pem()


def _pem() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


@pytest.fixture(name="serving")
def serving_fixture() -> Callable[..., Any]:
    """`async with serving(GITHUB_TOKEN=…) as call`: a server with settings of the test's own."""
    return serving


@pytest.fixture
async def github() -> AsyncIterator[GitHubSimulator]:
    """GitHub with the recorded cart incident."""
    async with GitHubSimulator(SCENARIO, token="t0ken") as simulator:
        yield simulator


@pytest.fixture
async def call(github: GitHubSimulator) -> AsyncIterator[Call]:
    """`await call("read_file", path=…)` against that GitHub."""
    async with serving(**SETTINGS, GITHUB_API_URL=github.url) as made:
        yield made


@pytest.fixture
def settings() -> dict[str, str]:
    """The settings that `call` uses, without the address."""
    return dict(SETTINGS)


def made_recording(folder: Path, files: dict[str, bytes], change: dict[str, str]) -> Path:
    """A scenario folder of one's own: `files` are the newest tree, `change` what the second commit wrote."""
    for path, data in files.items():
        target = folder / "repo" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    commits = [
        {
            "sha": "a" * 40,
            "author": "A <a@x.example>",
            "time": "2026-11-17T00:00:00Z",
            "message": "one",
        },
        {
            "sha": "b" * 40,
            "author": "B <b@x.example>",
            "time": "2026-11-18T00:00:00Z",
            "message": "two",
            "files": change,
        },
    ]
    (folder / "history.yaml").write_text(yaml.safe_dump({"commits": commits}))
    return folder


@pytest.fixture
async def recorded(tmp_path: Path) -> AsyncIterator[Callable[..., Any]]:
    """`await recorded(files, change)`: a `call` against a repository made of these files."""
    opened: list[Any] = []

    async def make(files: dict[str, bytes], change: dict[str, str]) -> Call:
        folder = made_recording(tmp_path, files, change)
        simulator = await GitHubSimulator(folder, token="t0ken").__aenter__()
        opened.append(simulator)
        manager = serving(**SETTINGS, GITHUB_API_URL=simulator.url)
        made = await manager.__aenter__()
        opened.append(manager)
        return made

    yield make
    for one in reversed(opened):
        await one.__aexit__(None, None, None)
