"""A small MCP server for the tests of the client: `python sample_server.py [http PORT]`."""

from __future__ import annotations

import asyncio
import os
import sys

from fastmcp import Context, FastMCP

server: FastMCP[None] = FastMCP("sample")
READ = {"readOnlyHint": True}


@server.tool(annotations=READ)
def echo(text: str) -> str:
    """Say it again."""
    return text


@server.tool(annotations=READ)
def pid() -> str:
    """Which process answers."""
    return str(os.getpid())


@server.tool(annotations=READ)
async def scope(ctx: Context) -> str:
    """What came in the call's meta."""
    meta = ctx.request_context.meta if ctx.request_context else None
    return str(dict(meta or {}).get("tocsin/channel", "none"))


@server.tool(annotations=READ)
async def slow(seconds: float) -> str:
    """Take a while."""
    await asyncio.sleep(seconds)
    return "done"


@server.tool(annotations=READ)
def fails() -> str:
    """Raise."""
    raise ValueError("no such thing")


@server.tool
def writes(text: str) -> str:
    """Change something."""
    return f"wrote {text}"


@server.tool
def dies() -> str:
    """End the process in the middle of the call."""
    os._exit(3)


if __name__ == "__main__":
    if sys.argv[1:2] == ["http"]:
        server.run(transport="http", host="127.0.0.1", port=int(sys.argv[2]), show_banner=False)
    else:
        server.run(show_banner=False)
