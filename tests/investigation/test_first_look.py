"""Rules look first: at once, within their time, and what they cannot see is left out."""

from __future__ import annotations

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

    async def tools(self) -> Sequence[Tool]:
        return [Tool(name=name, description="", input_schema={}) for name in self._answers]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        self.calls.append(call)
        assert 0 < within <= 5
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


TRIAGE = """Namespace boutique: fault. Causes, likeliest first:

1. deployment/cartservice: code_exception, confidence 0.83
   Its own code throws at RedisCartStore.AddItemAsync (/app/cartstore/RedisCartStore.cs:38)
2. deployment/frontend: throttled, confidence 0.2
"""


async def test_the_rules_say_what_is_broken_and_then_what_changed_there() -> None:
    """Changes are asked for the culprit that triage names, not for the service that alarmed."""
    rules = Rules({"kubernetes_triage": TRIAGE, "github_suspect_changes": "a65e656", "other": "x"})

    seen = await _look(rules, _incident("frontend"))

    assert [call.arguments for call in rules.calls] == [
        {"service": "frontend", "namespace": "boutique"},
        {"service": "cartservice", "file": "/app/cartstore/RedisCartStore.cs", "since": "7d"},
    ]
    assert "[c1] kubernetes_triage\nNamespace boutique" in for_prompt(seen)
    assert for_people(seen).endswith("a65e656")


async def test_when_nothing_is_broken_no_change_is_suspected() -> None:
    """A healthy cluster has no culprit to look behind."""
    rules = Rules(
        {"kubernetes_triage": "Namespace boutique: healthy.", "github_suspect_changes": "x"}
    )

    assert len(await _look(rules)) == 1


async def test_an_unknown_service_is_not_asked_about() -> None:
    """The whole namespace is looked at instead."""
    rules = Rules({"kubernetes_triage": "healthy"})

    await _look(rules, _incident("unknown"))

    assert rules.calls[0].arguments == {"namespace": "boutique"}


async def test_what_failed_is_not_shown_but_keeps_its_label() -> None:
    """The next call of the agent must not get a label that is taken."""
    seen = await _look(Rules({"kubernetes_triage": TRIAGE, "github_suspect_changes": None}))

    assert [result.call.label for result in seen] == ["c1", "c2"]
    assert "no cluster" not in for_prompt(seen)
    assert for_people(seen) == TRIAGE.strip()


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
