"""A running MCP server whose tools a test decides on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bot.tools.servers import ServerSpec

CHANGING = Path(__file__).with_name("changing_server.py")


def tool(name: str, description: str = "Reads.", **more: Any) -> dict[str, Any]:
    """A read-only tool as `tools/list` gives it."""
    marked = {"annotations": {"readOnlyHint": True}}
    return {"name": name, "description": description, **marked, **more}


class Server:
    """One over HTTP, and what it offers."""

    def __init__(self, file: Path, port: int) -> None:
        self._file = file
        self.port = port
        self.url = f"http://127.0.0.1:{port}/mcp"
        self.spec = ServerSpec(name="other", url=self.url, allow=("*",))

    def offers(self, *tools: dict[str, Any]) -> None:
        """From now on."""
        self._file.write_text(json.dumps(tools))
        self._file.with_suffix(".calls").write_text("")

    @property
    def calls(self) -> list[str]:
        """The tools that were really run since `offers`."""
        return self._file.with_suffix(".calls").read_text().split()
