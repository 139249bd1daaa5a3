"""An MCP server by hand over stdio: definitions and answers that a well-behaved library would not send."""

from __future__ import annotations

import json
import sys
from typing import Any

SCHEMAS: dict[str, dict[str, Any]] = {
    "good": {"type": "object", "properties": {"at": {"description": "Hid\u200bden"}}},
    "wrong": {"type": "object", "properties": {"at": {"type": "txt"}}},
    "barred": {"type": "object"},
    "endless": {"type": "object"},
    "shapeless": {"type": "object"},
}
if sys.argv[1:] == ["no MCP"]:
    SCHEMAS["listed"] = {"type": "array"}
ANSWERS: dict[str, dict[str, Any]] = {
    "good": {"content": [{"type": "text", "text": "fine"}]},
    "barred": {
        "content": [
            {"type": "text", "text": "Oh no.\npods is forbidden: user x cannot list\nSorry."}
        ],
        "isError": True,
    },
    "endless": {"content": [{"type": "text", "text": "x" * 1_000_010}]},
    "shapeless": {"content": "words"},
}


def answer(method: str, params: dict[str, Any]) -> dict[str, Any]:
    """The result of one request."""
    if method == "initialize":
        return {
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {}},
            "serverInfo": {"name": "odd", "version": "1"},
        }
    if method == "tools/list":
        tools = [
            {
                "name": name,
                "description": "Hid\u200bden",
                "inputSchema": schema,
                "annotations": {"readOnlyHint": True},
            }
            for name, schema in SCHEMAS.items()
        ]
        return {"tools": tools}
    if method == "tools/call":
        return ANSWERS[params["name"]]
    return {}


for line in sys.stdin:
    request = json.loads(line)
    if "id" in request:
        result = answer(request["method"], request.get("params") or {})
        told = {"jsonrpc": "2.0", "id": request["id"], "result": result}
        sys.stdout.write(f"{json.dumps(told)}\n")
        sys.stdout.flush()
