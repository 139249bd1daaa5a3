"""Record what a preset's server offers when it is started as the preset says: `python -m tests.tools.capture PRESET…`.

The server's program has to be on the PATH, with anything it cannot start without in the environment. Of each tool the
name, the annotations and the names of the arguments are kept, in tests/samples/mcp-tools/.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from fastmcp import Client
from fastmcp.client.transports import StdioTransport

from bot.tools.servers import load

FOLDER = Path(__file__).parents[1] / "samples" / "mcp-tools"


async def capture(preset: str) -> list[dict[str, Any]]:
    """The tools that the server lists."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "servers.json")
        path.write_text(json.dumps({"mcpServers": {preset: {"preset": preset}}}), "utf-8")  # noqa: ASYNC240
        (spec,) = load(path, os.environ)  # noqa: TID251
    transport = StdioTransport(spec.command, list(spec.args), env=spec.env, keep_alive=False)
    async with Client(transport) as client:
        tools = await client.list_tools()
    return [
        {
            "name": tool.name,
            "annotations": {
                key: value
                for key, value in (
                    tool.annotations.model_dump(by_alias=True) if tool.annotations else {}
                ).items()
                if isinstance(value, bool)
            },
            "arguments": list(tool.input_schema.get("properties", {})),
        }
        for tool in sorted(tools, key=lambda tool: tool.name)
    ]


def main() -> None:
    """Write one sample per preset named."""
    for preset in sys.argv[1:]:
        tools = asyncio.run(capture(preset))
        lines = ",\n".join(json.dumps(tool) for tool in tools)
        (FOLDER / f"{preset}.json").write_text(f"[\n{lines}\n]\n", "utf-8")


if __name__ == "__main__":
    main()
