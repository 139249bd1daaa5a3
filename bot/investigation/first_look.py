"""What rules see at once, before any model has spoken: free, certain, within five seconds of the alarm.

The same tools, under the same wrappers, as the agent uses, asked side by side. Their results open the prompt as its first
turn, so that the model does not have to ask for them; they are posted to the thread; and when no model can be reached or
afforded, they are what the terminal message says. A source that fails or hangs costs its own part alone, and is named.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from bot.alarms.alarm import UNKNOWN_SERVICE
from bot.incidents.incident import Incident
from bot.tools.toolset import ToolCall, ToolResult, Toolset

SECONDS: Final = 4.0
"""The first look never takes longer, whatever the tools do: a second of five is left to get here and to post."""
TRIAGE = "kubernetes_triage"
CHANGES = "kubernetes_recent_changes"
COMMITS = "github_suspect_changes"
RUNBOOK = "runbooks_find_runbook"
INTRODUCTION = (
    "First look, taken by rules before you were asked. These are tool results like any other: cite them as evidence by "
    "their ids, check them where they matter, and do not make the same calls again."
)
_COMMITS_SINCE = "7d"
_GRACE = 0.25
"""Seconds in which a call that is out of time may say so itself."""
_WAIT_FOR_CULPRIT = 0.6
"""Share of the time after which commits are judged without knowing the culprit."""
_MOST_NAMESPACES = 3
_SHOWN: Final = {TRIAGE: 1_000, COMMITS: 700, CHANGES: 500, RUNBOOK: 250}
"""Characters that people are shown of each source, in this order."""
_CULPRIT = re.compile(
    r"^1\. \w+/(?P<service>[\w.-]+): (?P<cause>\w+).*?(?:\((?P<file>/?[\w./-]+\.\w+):\d+\)|\Z)",
    re.MULTILINE | re.DOTALL,
)
"""The likeliest cause as our triage tool prints it: the object, the class, the file of a stack frame when there is one."""


async def look(
    incident: Incident,
    toolset: Toolset,
    label: Callable[[int], str],
    *,
    seconds: float = SECONDS,
) -> list[ToolResult]:
    """What is broken, what was changed, which commits fit, which runbook is meant for it: results in label order,
    failed ones included. Sources that no server offers are left out. Takes at most `seconds` and a little."""
    return await _Look(incident, toolset, label, seconds).results()


class _Look:
    def __init__(
        self, incident: Incident, toolset: Toolset, label: Callable[[int], str], seconds: float
    ) -> None:
        self._incident = incident
        self._toolset = toolset
        self._label = label
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._offered: frozenset[str] = frozenset()
        self._calls: list[ToolCall] = []
        self._seen: dict[str, ToolResult] = {}

    async def results(self) -> list[ToolResult]:
        try:
            async with asyncio.timeout(self._seconds):
                self._offered = frozenset(tool.name for tool in await self._toolset.tools())
        except TimeoutError:
            return [_late(self._called(TRIAGE, {}), self._seconds)]
        triage = [self._ask(TRIAGE, **place) for place in self._places()]
        others = [self._ask(CHANGES, namespace=each) for each in self._namespaces()]
        others.append(
            self._ask(RUNBOOK, alarm=_line(self._incident.alarm.name), service=self._service())
        )
        waiting = [*filter(None, triage), *filter(None, others)]
        await asyncio.gather(*waiting, self._commits([*filter(None, triage)]))
        return [self._seen[call.id] for call in self._calls]

    def _ask(self, name: str, **arguments: Any) -> asyncio.Task[ToolResult] | None:
        """The call, begun; None when no server offers it."""
        if name not in self._offered:
            return None
        given = {key: value for key, value in arguments.items() if value}
        return asyncio.create_task(self._result(self._called(name, given)))

    def _called(self, name: str, arguments: dict[str, Any]) -> ToolCall:
        number = len(self._calls)
        label = self._label(number)
        call = ToolCall(id=f"first_look_{number}", label=label, name=name, arguments=arguments)
        self._calls.append(call)
        return call

    async def _result(self, call: ToolCall) -> ToolResult:
        left = max(self._deadline - time.monotonic(), 0.01)
        try:
            async with asyncio.timeout(left + _GRACE):
                result = await self._toolset.call(call, within=left)
        except TimeoutError:
            result = _late(call, self._seconds)
        self._seen[call.id] = result
        return result

    async def _commits(self, triage: Sequence[asyncio.Task[ToolResult]]) -> None:
        """Judge the commits of the culprit; while nobody knows it, those of the service that alarmed."""
        if triage:
            await asyncio.wait(triage, timeout=self._seconds * _WAIT_FOR_CULPRIT)
        told = [task.result() for task in triage if task.done()]
        found = [_CULPRIT.search(result.text) for result in told if not result.is_error]
        culprit = next(filter(None, found), None)
        if culprit:
            clues = culprit.groupdict()
        elif found and len(told) == len(triage):
            return  # healthy, or no rule is sure: then no change is to blame yet
        else:
            clues = {"service": self._service()}
        when = {"since": _COMMITS_SINCE, "onset": self._onset()}
        if any(clues.values()) and (task := self._ask(COMMITS, **when, **clues)):
            await task

    def _onset(self) -> str:
        """When it began, so that later commits are ruled out; empty for an alarm that came back, as they may be why."""
        incident = self._incident
        first = incident.run == 1 and incident.occurrences == 1
        return incident.alarm.started_at.strftime("%Y-%m-%dT%H:%M:%SZ") if first else ""

    def _service(self) -> str:
        service = self._incident.alarm.service
        return "" if service == UNKNOWN_SERVICE else service

    def _namespaces(self) -> list[str]:
        """Those of all alarms of the incident, the first one's first; empty text is the server's own."""
        members = [member.namespace for member in self._incident.members if member.namespace]
        return list(dict.fromkeys([self._incident.alarm.namespace, *members]))[:_MOST_NAMESPACES]

    def _places(self) -> list[dict[str, str]]:
        """What to judge: a namespace for one service, or as a whole where several alarm."""
        return [
            {"namespace": namespace, "service": self._only_service(namespace)}
            for namespace in self._namespaces()
        ]

    def _only_service(self, namespace: str) -> str:
        alarm = self._incident.alarm
        here = {
            member.service for member in self._incident.members if member.namespace == namespace
        }
        if alarm.namespace == namespace:
            here.add(alarm.service)
        here.discard(UNKNOWN_SERVICE)
        return here.pop() if len(here) == 1 else ""


def for_prompt(results: Sequence[ToolResult]) -> str:
    """The results as the model reads them, what could not be seen included; empty when nothing was asked."""
    parts = [f"[{each.call.label}] {each.call.name}\n{each.text}" for each in _good(results)]
    if not results:
        return ""
    return "\n\n".join([INTRODUCTION, *parts, *_unseen(results)])


def for_people(results: Sequence[ToolResult], gaps: Iterable[str] = ()) -> str:
    """The results as the thread shows them, each bounded at a line, and what could not be seen; `gaps` are servers
    that are down. Empty when there is nothing to say."""
    order = list(_SHOWN)
    told = sorted(_good(results), key=lambda each: order.index(each.call.name))
    return "\n\n".join([*(_shown(each) for each in told), *_unseen(results, gaps)])


def _shown(result: ToolResult) -> str:
    text, most = result.text.strip(), _SHOWN[result.call.name]
    return text if len(text) <= most else f"{text[:most].rpartition(chr(10))[0] or text[:most]}\n…"


def _good(results: Iterable[ToolResult]) -> list[ToolResult]:
    return [result for result in results if not result.is_error]


def _unseen(results: Iterable[ToolResult], gaps: Iterable[str] = ()) -> list[str]:
    failed = [f"{each.call.name}: {_line(each.text)}" for each in results if each.is_error]
    failed += [_line(gap) for gap in gaps if not any(_line(gap) in each for each in failed)]
    return ["\n".join(["Could not be seen at first look:", *failed])] if failed else []


def _late(call: ToolCall, seconds: float) -> ToolResult:
    text = f"{call.name} did not answer within {seconds:g} s."
    return ToolResult(call=call, text=text, is_error=True, gap=text)


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
