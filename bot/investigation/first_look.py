"""What rules see at once, before any model has spoken: free, certain, within five seconds of the alarm.

The same tools, under the same wrappers, as the agent uses. Their results open the prompt as its first turn, so that the
model does not have to ask for them; they are posted to the thread; and when no model can be reached or afforded, they
are what the terminal message says.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

from bot.alarms.alarm import UNKNOWN_SERVICE
from bot.incidents.incident import Incident
from bot.tools.toolset import ToolCall, ToolResult, Toolset

SECONDS = 5.0
"""The first look never takes longer, whatever the tools do."""
INTRODUCTION = (
    "First look, taken by rules before you were asked. These are tool results like any other: cite them as evidence by "
    "their ids, check them where they matter, and do not make the same calls again."
)
_MOST_SHOWN = 1_800


TRIAGE = "kubernetes_triage"
CHANGES = "github_suspect_changes"
_CULPRIT = re.compile(
    r"^1\. \w+/(?P<service>[\w.-]+):.*?(?:\((?P<file>/?[\w./-]+\.\w+):\d+\)|\Z)",
    re.MULTILINE | re.DOTALL,
)
"""The likeliest cause as our triage tool prints it: the object, and the file of a stack frame when there is one."""


async def look(
    incident: Incident, toolset: Toolset, label: Callable[[int], str]
) -> list[ToolResult]:
    """Ask the rules what is broken, then what changed there; results, failed ones included, in label order."""
    offered = {tool.name for tool in await toolset.tools()}
    alarm = incident.alarm
    service = "" if alarm.service == UNKNOWN_SERVICE else alarm.service
    deadline = time.monotonic() + SECONDS
    seen: list[ToolResult] = []

    async def ask(name: str, **arguments: Any) -> ToolResult | None:
        left = deadline - time.monotonic()
        if name not in offered or left <= 0:
            return None
        given = {key: value for key, value in arguments.items() if value}
        number = len(seen)
        call = ToolCall(id=f"first_look_{number}", label=label(number), name=name, arguments=given)
        seen.append(await toolset.call(call, within=left))
        return seen[-1]

    found = await ask(TRIAGE, service=service, namespace=alarm.namespace)
    culprit = _CULPRIT.search(found.text) if found and not found.is_error else None
    if culprit:
        await ask(CHANGES, service=culprit["service"], file=culprit["file"], since="7d")
    return seen


def for_prompt(results: Sequence[ToolResult]) -> str:
    """The results as the model reads them; empty when no look succeeded."""
    parts = [
        f"[{result.call.label}] {result.call.name}\n{result.text}"
        for result in results
        if not result.is_error
    ]
    if not parts:
        return ""
    return "\n\n".join([INTRODUCTION, *parts])


def for_people(results: Sequence[ToolResult]) -> str:
    """The results as the thread shows them, bounded; empty when no look succeeded."""
    shown = "\n\n".join(result.text.strip() for result in results if not result.is_error)
    return (
        shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN].rpartition(chr(10))[0]}\n…"
    )
