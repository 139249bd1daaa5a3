"""What nobody can find is not blamed, whoever wrote its name into a log."""

from __future__ import annotations

import json
from typing import Any

from bot.simulators.messages_api import tool_use
from tests.stories.conftest import Open, said

IN_A_TRACE = "/app/cartstore/RedisCartStore.cs"
"""Where the container has the file; the repository has it elsewhere."""


def blames(file: str, line: int) -> dict[str, Any]:
    """A diagnosis whose quote is right."""
    quote = {"tool_call_id": "c1", "quote": "RedisCartStore.cs"}
    return {
        "verdict": "fault",
        "summary": "The cart store throws.",
        "cause": "It throws.",
        "confidence": 0.9,
        "findings": [{"claim": "It throws there.", "evidence": [quote]}],
        "culprit": {
            "object": "deployment/cartservice",
            "file": file,
            "line": line,
            "commit": "a65e656",
        },
        "actions": [],
        "unknowns": [],
    }


async def test_a_file_that_only_a_log_names_is_not_blamed(oncall: Open) -> None:
    """It goes back once with the reason; the second time it is taken out, said, and costs confidence."""
    told: list[str] = []

    def answer(request: dict[str, Any]) -> Any:
        told.append(json.dumps(request["messages"][-1]))
        return tool_use("submit_diagnosis", blames(IN_A_TRACE, 0))

    async with oncall("cartservice-guard") as story:
        story.model.script(answer)
        root = await story.alarm()
        final = said(await story.final(root))

    assert "Not accepted yet" in told[1]
    assert f"There is no file '{IN_A_TRACE}' in the repository at a65e656." in told[1]
    assert "There is no file" in final
    assert "72%" in final
    assert "1 of 1 claims verified" in final
