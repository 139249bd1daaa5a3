"""Breakpoints stand on four places of a copy; the history stays as it is."""

from __future__ import annotations

import copy
import json
from typing import Any

from bot.agent.messages import Prompt
from bot.agent.window import merged, request

TOOLS = [{"name": "a"}, {"name": "b"}]


def _message(role: str, *texts: str) -> dict[str, Any]:
    return {"role": role, "content": [{"type": "text", "text": text} for text in texts]}


def _markers(body: Any) -> int:
    return json.dumps(body).count("cache_control")


def test_four_breakpoints_last_tool_system_previous_tail_and_tail() -> None:
    """Never more than the API allows, and exactly where the prefix ends."""
    history = [
        _message("user", "1"),
        _message("assistant", "2"),
        _message("user", "3", "4"),
        _message("assistant", "5"),
        _message("user", "6"),
    ]
    prompt = Prompt(system="s", tools=TOOLS, messages=history)

    body = request(prompt, shared_ttl="1h")

    assert _markers(body) == 4
    assert body["tools"][-1]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    assert body["system"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}
    assert body["messages"][2]["content"][1]["cache_control"] == {"type": "ephemeral"}
    assert body["messages"][4]["content"][0]["cache_control"] == {"type": "ephemeral"}


def test_the_history_itself_is_never_touched() -> None:
    """Markers live on copies."""
    prompt = Prompt(system="s", tools=TOOLS, messages=[_message("user", "1")])
    before = copy.deepcopy(prompt)

    request(prompt)

    assert prompt == before


def test_without_tools_there_are_only_markers_on_system_and_tail() -> None:
    """A conversation without tools is still cached."""
    assert _markers(request(Prompt(system="s", tools=[], messages=[_message("user", "1")]))) == 2


def test_neighbours_of_one_role_become_one_message_with_the_same_blocks() -> None:
    """Results and a nudge after them are one user message on the wire."""
    joined = merged([_message("user", "1"), _message("user", "2"), _message("assistant", "3")])

    assert [m["role"] for m in joined] == ["user", "assistant"]
    assert [block["text"] for block in joined[0]["content"]] == ["1", "2"]
