"""The server as other programs start it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from tocsin_mcp.cloudwatch.client import OPERATIONS
from tocsin_mcp.cloudwatch.server import build
from tocsin_mcp.kit.environment import Environment

SOURCES = Path(__file__).parents[3] / "mcp"
TOOLS = {
    "alarm_history", "describe_alarm", "list_alarms", "list_log_groups", "list_metrics", "query_logs", "tail_logs",
    "read_metric",
}  # fmt: skip


def over_stdio(tmp_path: Path, path: str = "", **settings: str) -> Client[StdioTransport]:
    """A client of a server process of its own."""
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PYTHONPATH": f"{path}:{SOURCES}" if path else str(SOURCES),
        **settings,
    }
    command = ["-m", "tocsin_mcp", "cloudwatch"]
    transport = StdioTransport(sys.executable, command, env=environment, keep_alive=False)
    return Client(transport, init_timeout=30, timeout=30)


async def test_tools_are_read_only_and_take_no_address() -> None:
    """Every tool declares itself read-only; no argument is an address or a command."""
    tools = {tool.name: tool for tool in await build(Environment({})).list_tools()}
    assert set(tools) == TOOLS
    for tool in tools.values():
        assert tool.annotations
        assert tool.annotations.read_only_hint
        assert not {"url", "endpoint", "command", "region"} & set(tool.parameters["properties"])


def test_only_reading_operations_are_known() -> None:
    """The operations describe, get, list or filter; a query is the one thing started, and stopped."""
    verbs = ("Describe", "Get", "List", "Filter", "StartQuery", "StopQuery")
    assert all(operation.startswith(verbs) for operation in OPERATIONS)


async def test_over_stdio(account: Any, tmp_path: Path, keys: dict[str, str]) -> None:
    """A process of its own reads its settings from the environment and answers."""
    account.logs.create_log_group(logGroupName="/ecs/cart")
    async with over_stdio(tmp_path, **keys, AWS_ENDPOINT_URL=account.address) as client:
        assert {tool.name for tool in await client.list_tools()} == TOOLS
        result = await client.call_tool("list_log_groups", {})
    [block] = result.content
    assert block.type == "text"
    assert block.text.startswith("1 log group\n/ecs/cart")


async def test_without_boto3_the_tools_name_the_extra(tmp_path: Path, keys: dict[str, str]) -> None:
    """A server without the extra starts, and its tools say what to install."""
    hidden = tmp_path / "hidden" / "boto3"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ModuleNotFoundError('No module', name='boto3')\n")
    async with over_stdio(tmp_path, str(hidden.parent), **keys) as client:
        result = await client.call_tool("list_alarms", {}, raise_on_error=False)
    [block] = result.content
    assert block.type == "text"
    assert "install `tocsin[aws]`" in block.text
