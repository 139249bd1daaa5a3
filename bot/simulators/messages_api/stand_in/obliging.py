"""What any model must do whoever asks: call the tool it is made to call, answer in the format it is given.

A program that is not Tocsin meets the stand-in too. It cannot answer in general, and says so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.simulators.messages_api.brain import Reply, text, tool_use
from bot.simulators.messages_api.stand_in.example import example
from bot.simulators.messages_api.stand_in.report import LABEL
from bot.simulators.messages_api.stand_in.transcript import Transcript

STRANGER = (
    f"{LABEL}This is no language model: it can only investigate incidents, with tools that it knows. "
    "Tell the simulator what to answer: POST /_sim/script."
)


def obliged(request: Mapping[str, Any], transcript: Transcript, own: Reply) -> Reply:
    """The reply `own`, or the one that the request leaves no choice about."""
    form = (request.get("output_config") or {}).get("format")
    if form is not None:
        return Reply([text(json.dumps(example(form.get("schema")), ensure_ascii=False))])
    tools = {tool["name"]: tool for tool in request.get("tools") or ()}
    choice = request.get("tool_choice") or {"type": "auto"}
    wanted = {"tool": [choice.get("name")], "any": list(tools), "none": []}.get(choice["type"])
    if wanted is None:
        return own if transcript.tools else Reply([text(STRANGER)])
    kept = [
        block for block in own.content if block["type"] != "tool_use" or block["name"] in wanted
    ]
    if not wanted or any(block["type"] == "tool_use" for block in kept):
        return Reply(kept or [text(STRANGER)])
    schema = tools[wanted[0]].get("input_schema")
    return Reply([tool_use(str(wanted[0]), example(schema) or {})])
