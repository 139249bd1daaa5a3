"""The GitHub server: its instructions and its tools."""

from __future__ import annotations

from typing import Any

from fastmcp import FastMCP

from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.server import add_read_tools, new_server

from .file_tools import file_tools
from .history_tools import history_tools
from .repositories import Repositories

_INSTRUCTIONS = (
    "Read-only view of the source repositories behind the running services. From a stack trace: read_file around the "
    "line at the revision that runs (`ref` takes its image), then blame that line and show_commit. Without one: "
    "search_code for the constant part of the error message. What changed before the alarm: list_deployments, "
    "list_pull_requests, list_commits(since=…, path=the service's folder)."
)


def build(environment: Environment | None = None) -> FastMCP[Any]:
    """The GitHub server. Cheap: no connection is opened before the first call."""
    repositories = Repositories(environment or Environment.of_process())
    server = new_server("github", _INSTRUCTIONS, close=repositories.close)
    tools = [*file_tools(repositories), *history_tools(repositories)]
    add_read_tools(server, *tools, open_world=True)
    return server
