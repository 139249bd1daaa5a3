"""An MCP server whose tools are what a JSON file says at the moment: `python changing_server.py FILE [http PORT]`.

The file holds tools as `tools/list` gives them. Every call is answered with the tool's name and written to FILE.calls;
a tool named `announce` tells the client that the tools have changed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import mcp_types
from fastmcp import FastMCP
from fastmcp.server.dependencies import get_context
from fastmcp.server.middleware import CallNext, Middleware, MiddlewareContext
from fastmcp.tools import Tool, ToolResult
from mcp_types import ToolAnnotations

FILE = Path(sys.argv[1])


class Offered(Tool):
    """A tool that says it was called."""

    async def run(self, arguments: dict[str, Any]) -> ToolResult:
        with FILE.with_suffix(".calls").open("a") as calls:
            calls.write(f"{self.name}\n")
        if self.name == "announce":
            await get_context().send_notification(mcp_types.ToolListChangedNotification())
        structured = {"said": "a" * 40} if self.output_schema else None
        return ToolResult(content=f"{self.name} ran", structured_content=structured)


class Current(Middleware):
    """Offers what the file says now."""

    def __init__(self, server: FastMCP[None]) -> None:
        self._server = server
        self._names: list[str] = []

    async def on_request(self, context: MiddlewareContext, call_next: CallNext) -> Any:
        self._read()
        return await call_next(context)

    def _read(self) -> None:
        for name in self._names:
            self._server.local_provider.remove_tool(name)
        wanted = json.loads(FILE.read_text())
        for tool in wanted:
            hints = ToolAnnotations.model_validate(tool.get("annotations") or {})
            self._server.add_tool(
                Offered(
                    name=tool["name"],
                    description=tool.get("description", ""),
                    parameters=tool.get("inputSchema") or {"type": "object", "properties": {}},
                    output_schema=tool.get("outputSchema"),
                    annotations=hints,
                )
            )
        self._names = [tool["name"] for tool in wanted]


if __name__ == "__main__":
    server: FastMCP[None] = FastMCP("changing")
    server.add_middleware(Current(server))
    if sys.argv[2:3] == ["http"]:
        server.run(transport="http", host="127.0.0.1", port=int(sys.argv[3]), show_banner=False)
    else:
        server.run(show_banner=False)
