"""Rules look first: at once, within their time, and what they cannot see is left out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.alarms.alarm import Alarm
from bot.incidents.incident import Incident, Origin
from bot.investigation.first_look import for_people, for_prompt, look
from bot.tools.toolset import Tool, ToolCall, ToolResult

NOW = datetime(2026, 11, 18, 14, 28, tzinfo=UTC)


class Rules:
    """Some tools; `answers` maps a name to what it says, None fails."""

    def __init__(self, answers: dict[str, str | None]) -> None:
        self._answers = answers
        self.calls: list[ToolCall] = []
        self.together = 0
        self._running = 0

    async def _both(self) -> None:
        """Let the others begin."""
        loop = asyncio.get_running_loop()
        begun = loop.create_future()
        loop.call_soon(begun.set_result, None)
        await begun

    async def tools(self) -> Sequence[Tool]:
        return [Tool(name=name, description="", input_schema={}) for name in self._answers]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        self.calls.append(call)
        self._running += 1
        self.together = max(self.together, self._running)
        await asyncio.wait_for(self._both(), 1)
        self._running -= 1
        text = self._answers[call.name]
        return ToolResult(call=call, text=text or "no cluster", is_error=text is None)


def _incident(service: str = "cartservice") -> Incident:
    alarm = Alarm(
        source="cloudwatch", name="500s", service=service, namespace="boutique", started_at=NOW
    )
    origin = Origin(team="T", channel="C", thread_ts="1.1")
    return Incident(id="i", origin=origin, alarm=alarm, opened_at=NOW, last_seen_at=NOW)


async def _look(rules: Rules, incident: Incident | None = None) -> list[ToolResult]:
    return await look(incident or _incident(), rules, lambda ahead: f"c{ahead + 1}")


async def test_the_rules_are_asked_side_by_side_about_the_service() -> None:
    """Triage and suspect changes, with labels that evidence can name."""
    rules = Rules(
        {"kubernetes_triage": "cart is broken", "github_suspect_changes": "a65e656", "other": "x"}
    )

    seen = await _look(rules)

    assert rules.together == 2
    assert rules.calls[0].arguments == {"service": "cartservice", "namespace": "boutique"}
    assert "[c1] kubernetes_triage\ncart is broken" in for_prompt(seen)
    assert for_people(seen) == "cart is broken\n\na65e656"


async def test_an_unknown_service_is_not_asked_about() -> None:
    """The whole namespace is looked at instead."""
    rules = Rules({"kubernetes_triage": "healthy"})

    await _look(rules, _incident("unknown"))

    assert rules.calls[0].arguments == {"namespace": "boutique"}


async def test_what_failed_is_not_shown_but_keeps_its_label() -> None:
    """The next call of the agent must not get a label that is taken."""
    seen = await _look(Rules({"kubernetes_triage": None, "github_suspect_changes": "a65e656"}))

    assert [result.call.label for result in seen] == ["c1", "c2"]
    assert "no cluster" not in for_prompt(seen)
    assert for_people(seen) == "a65e656"


async def test_without_such_tools_there_is_no_first_look() -> None:
    """Other people's servers may have none."""
    seen = await _look(Rules({"list_pods": "x"}))

    assert for_prompt(seen) == for_people(seen) == ""


async def test_what_people_see_is_bounded_at_a_line() -> None:
    """A long table does not fill the thread."""
    seen = await _look(Rules({"kubernetes_triage": "one line of it\n" * 500}))

    shown = for_people(seen)
    assert len(shown) <= 1_900
    assert shown.endswith("one line of it\n…")
