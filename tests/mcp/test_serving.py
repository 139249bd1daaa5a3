"""`python -m tocsin_mcp`: the servers as other programs start them, over stdio and HTTP."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from tocsin_mcp.__main__ import SERVERS, assemble, main, usual
from tocsin_mcp.kit.environment import Environment

from bot.simulators.kubernetes import KubernetesSimulator

ROOT = Path(__file__).parents[2]
SHOP = ROOT / "tests" / "samples" / "kubernetes" / "shop"
KUBERNETES = {
    "describe_object", "describe_pod", "describe_workload", "list_events", "list_pods", "list_workloads", "read_logs", "rollout_history",
    "recent_changes", "triage",
}  # fmt: skip


@pytest.fixture
async def environment(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """The environment of a server process that only the Kubernetes server is configured by."""
    async with KubernetesSimulator(SHOP) as cluster:
        yield {
            "PATH": "/usr/bin:/bin",
            "HOME": str(tmp_path),
            "PYTHONPATH": str(ROOT / "mcp"),
            "KUBECONFIG": str(cluster.write_kubeconfig(tmp_path / "kubeconfig")),
            "TOCSIN_NOW": "2026-11-18T14:25:00Z",
        }


def over_stdio(environment: dict[str, str], *arguments: str) -> Client[StdioTransport]:
    """A client of a server process of its own, ended with the session."""
    command = ["-m", "tocsin_mcp", *arguments]
    transport = StdioTransport(sys.executable, command, env=environment, keep_alive=False)
    return Client(transport, init_timeout=30, timeout=30)


async def run(environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
    """Exit code and output of `python -m tocsin_mcp …` with nothing on its standard input."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tocsin_mcp",
        *arguments,
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def test_all_servers_in_one_process_with_prefixes(environment: dict[str, str]) -> None:
    """Without arguments every server that is configured is there, its tools prefixed, read-only, working."""
    optional = {
        "PROMETHEUS_URL": "http://127.0.0.1:9",
        "AWS_REGION": "eu-west-1",
        "TOCSIN_RUNBOOKS": "/nowhere",
    }
    async with over_stdio({**environment, **optional}) as client:
        tools = await client.list_tools()
        names = {tool.name for tool in tools}
        result = await client.call_tool("kubernetes_list_pods", {})
    assert {name.partition("_")[0] for name in names} == set(SERVERS)
    assert {f"kubernetes_{name}" for name in KUBERNETES} <= names
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
    (block,) = result.content
    assert block.type == "text"
    assert block.text.startswith("Namespace shop: 8 pods, 5 unhealthy")


async def test_missing_configuration_stops_only_its_own_tools(environment: dict[str, str]) -> None:
    """A server without its settings starts with the others and answers with the setting's name."""
    async with over_stdio(environment) as client:
        arguments = {"path": "README.md"}
        refused = await client.call_tool("github_read_file", arguments, raise_on_error=False)
        worked = await client.call_tool("kubernetes_list_events", {})
    assert refused.is_error
    (block,) = refused.content
    assert block.type == "text"
    assert "TOCSIN_GITHUB_REPOSITORY" in block.text or "GITHUB_TOKEN" in block.text
    assert not worked.is_error


async def test_one_server_alone_has_no_prefix(environment: dict[str, str]) -> None:
    """`python -m tocsin_mcp kubernetes` serves its tools under their own names."""
    async with over_stdio(environment, "kubernetes") as client:
        assert {tool.name for tool in await client.list_tools()} == KUBERNETES


async def test_streamable_http(environment: dict[str, str]) -> None:
    """`--transport http` serves the same over HTTP, says where, and ends when it is told to."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tocsin_mcp", "kubernetes", "--transport", "http", "--port", "0"),
        env=environment,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr
    try:
        async with asyncio.timeout(30):
            line = (await process.stderr.readline()).decode()
        url = line.removeprefix("tocsin_mcp: serving ").strip()
        async with Client(url, timeout=30) as client:
            assert {tool.name for tool in await client.list_tools()} == KUBERNETES
            result = await client.call_tool("rollout_history", {"deployment": "cartservice"})
            assert not result.is_error
    finally:
        process.terminate()
        async with asyncio.timeout(15):
            await process.wait()


async def test_taken_port_is_one_line(environment: dict[str, str]) -> None:
    """A port in use ends the process with a message, without a traceback."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = await run(environment, "slack", "--transport", "http", "--port", str(port))
    assert code == 1
    assert err.startswith(f"tocsin_mcp: cannot serve on 127.0.0.1:{port}: ")
    assert err.count("\n") == 1


def test_optional_servers_cost_the_prompt_only_where_they_are_configured() -> None:
    """Kubernetes, GitHub and Slack are always there; the others need their first setting."""
    assert usual(Environment({})) == ["github", "kubernetes", "slack"]
    assert usual(Environment({"PROMETHEUS_URL": "http://p"})) == sorted(
        ["github", "kubernetes", "prometheus", "slack"]
    )
    assert "cloudwatch" in usual(Environment({"AWS_PROFILE": "x"}))
    assert "runbooks" in usual(Environment({"TOCSIN_RUNBOOKS": "/r"}))


async def test_help_is_quick_and_names_every_setting(environment: dict[str, str]) -> None:
    """--help lists servers, transports and settings, and loads no server for that."""
    code, out, _ = await run(environment, "--help")
    assert code == 0
    for word in (
        *SERVERS,
        "--transport",
        "KUBECONFIG",
        "TOCSIN_NOW",
        "GITHUB_TOKEN",
        "SLACK_BOT_TOKEN",
    ):
        assert word in out


async def test_standard_output_is_the_protocols_alone(environment: dict[str, str]) -> None:
    """When the client closes at once, nothing but protocol was written to standard output."""
    code, out, _ = await run(environment, "kubernetes")
    assert (code, out) == (0, "")


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["--port", "70000"], ["--port", "http"], ["--transport", "smoke"]],
)
def test_wrong_arguments_are_refused_in_one_line(
    arguments: Sequence[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A wrong server, port or transport ends with usage and one line that says what is wrong."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert arguments[-1] in capsys.readouterr().err.splitlines()[-1]


async def test_named_servers_are_mounted_in_memory() -> None:
    """Several named servers are one server with prefixed tools."""
    async with Client(assemble(["kubernetes", "github"])) as client:
        names = {tool.name.partition("_")[0] for tool in await client.list_tools()}
    assert names == {"kubernetes", "github"}
