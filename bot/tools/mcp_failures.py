"""How an MCP server fails: what the libraries below raise, and what that means in words."""

from __future__ import annotations

import shutil

import anyio
import httpx2
import mcp_types
from fastmcp.exceptions import FastMCPError, McpError
from pydantic import ValidationError

from bot.tools.servers import ServerSpec

BROKEN = (
    McpError,
    FastMCPError,
    RuntimeError,  # fastmcp: "Client failed to connect", "Connection closed"
    OSError,
    httpx2.HTTPError,
    anyio.ClosedResourceError,
    anyio.BrokenResourceError,
    ExceptionGroup,
    ValidationError,  # the server sends something that is not MCP
)
"""What the libraries below raise when a server is gone or cannot be understood; told from a tool's own errors, which are
results."""


def missing_command(spec: ServerSpec) -> str:
    """What to do when there is no such program; empty when there is, or when nobody can say."""
    if not spec.command or spec.cwd or shutil.which(spec.command, path=spec.env.get("PATH")):
        return ""
    how = f"; install: {spec.install}" if spec.install else ""
    return f"there is no program {spec.command!r} on the PATH{how}"


def lost(error: BaseException) -> bool:
    """Whether the session is gone, as opposed to a request that the server refused."""
    if isinstance(error, McpError):
        text = str(error).lower()
        return any(
            sign in text
            for sign in (
                "connection closed",
                "session not found",
                "session terminated",
                "error response",
            )
        )
    return not isinstance(error, FastMCPError | ValidationError)


def reason(error: BaseException) -> str:
    """An error in a few words."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return f"it does not keep to MCP, {where}: {first['msg']}"
    if isinstance(error, TimeoutError):
        return str(error) or "it did not answer in time"
    return str(error) or type(error).__name__


def error_result(error: BaseException) -> mcp_types.CallToolResult:
    """A call that the server refused, as a result."""
    if isinstance(error, ValidationError):
        text = f"The server's answer cannot be used: {reason(error)}"
    else:
        text = f"The server refused the call: {error}"
    return mcp_types.CallToolResult(
        content=[mcp_types.TextContent(type="text", text=text)], is_error=True
    )
