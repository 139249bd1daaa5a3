"""The server as other programs start it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from fastmcp import Client
from fastmcp.client.transports import StdioTransport
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.prometheus.server import build

SOURCES = Path(__file__).parents[3] / "mcp"
TOOLS = {
    "describe_metric", "list_alerts", "list_metrics", "list_rules", "list_targets", "plot_range", "query",
    "query_range",
}  # fmt: skip


async def test_tools_are_read_only_and_take_no_address(recorded: Any) -> None:
    """Every tool declares itself read-only, no argument is an address, and listing them asks nothing."""
    server = build(Environment({"PROMETHEUS_URL": recorded.address}))
    tools = {tool.name: tool for tool in await server.list_tools()}
    assert set(tools) == TOOLS
    for tool in tools.values():
        assert tool.annotations
        assert tool.annotations.read_only_hint
        assert not {"url", "endpoint", "path", "command"} & set(tool.parameters["properties"])
    assert recorded.asked == []


async def test_over_stdio(recorded: Any, tmp_path: Path) -> None:
    """A process of its own answers text, and a plot as text and picture."""
    recorded.sample("query_range", "query_range")
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PYTHONPATH": str(SOURCES),
        "PROMETHEUS_URL": recorded.address,
        "TOCSIN_NOW": "2026-11-22T06:54:40Z",
    }
    command = ["-m", "tocsin_mcp", "prometheus"]
    transport = StdioTransport(sys.executable, command, env=environment, keep_alive=False)
    async with Client(transport, init_timeout=30, timeout=50) as client:
        assert {tool.name for tool in await client.list_tools()} == TOOLS
        words = await client.call_tool("query_range", {"query": "x", "since": "1m"})
        drawn = await client.call_tool("plot_range", {"query": "x", "since": "1m"})
    assert [block.type for block in words.content] == ["text"]
    assert [block.type for block in drawn.content] == ["text", "image"]
    assert drawn.content[0] == words.content[0]
