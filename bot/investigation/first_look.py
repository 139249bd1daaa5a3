"""What rules see at once, before any model has spoken: free, certain, within five seconds of the alarm.

The same tools, under the same wrappers, as the agent uses. Their results open the prompt as its first turn, so that the
model does not have to ask for them; they are posted to the thread; and when no model can be reached or afforded, they
are what the terminal message says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

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


class _Look(NamedTuple):
    tool: str
    arguments: Callable[[str, str], dict[str, Any]]
    """From service and namespace, either of which may be empty."""


_LOOKS = (
    _Look(
        "kubernetes_triage", lambda service, namespace: _given(service=service, namespace=namespace)
    ),
    _Look("github_suspect_changes", lambda service, _: _given(service=service, since="1d")),
)


async def look(
    incident: Incident, toolset: Toolset, label: Callable[[int], str]
) -> list[ToolResult]:
    """Ask the rules, all at the same time; results, failed ones included, in the order of their labels."""
    offered = {tool.name for tool in await toolset.tools()}
    alarm = incident.alarm
    service = "" if alarm.service == UNKNOWN_SERVICE else alarm.service
    calls = [
        ToolCall(
            id=f"first_look_{number}",
            label=label(number),
            name=one.tool,
            arguments=one.arguments(service, alarm.namespace),
        )
        for number, one in enumerate(each for each in _LOOKS if each.tool in offered)
    ]
    return list(await asyncio.gather(*(toolset.call(call, within=SECONDS) for call in calls)))


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


def _given(**arguments: Any) -> dict[str, Any]:
    return {name: value for name, value in arguments.items() if value}
