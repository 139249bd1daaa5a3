"""Rules look first: at once, within their time, and what they cannot see is left out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.alarms.alarm import Alarm
from bot.incidents.incident import Incident, Member, Origin
from bot.investigation.first_look import COMMITS, SECONDS, for_people, for_prompt, look
from bot.tools.toolset import Tool, ToolCall, ToolResult

NOW = datetime(2026, 11, 18, 14, 28, tzinfo=UTC)
WHEN = {"since": "7d", "onset": "2026-11-18T14:28:00Z"}


class Rules:
    """Some tools; `answers` maps a name to what it says, None fails, an event is waited for first."""

    def __init__(self, answers: dict[str, str | asyncio.Event | None]) -> None:
        self._answers = answers
        self.calls: list[ToolCall] = []
        self.wanted, self.asked = 3, asyncio.Event()

    async def tools(self) -> Sequence[Tool]:
        return [Tool(name=name, description="", input_schema={}) for name in self._answers]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        self.calls.append(call)
        if len(self.calls) == self.wanted:
            self.asked.set()
        assert 0 < within <= SECONDS
        text = self._answers[call.name]
        if isinstance(text, asyncio.Event):
            await text.wait()
            text = "at last"
        return ToolResult(call=call, text=text or "no cluster", is_error=text is None)

    def arguments(self, name: str) -> list[dict[str, object]]:
        """What a tool was asked."""
        return [call.arguments for call in self.calls if call.name == name]


def _incident(service: str = "cartservice", *others: tuple[str, str]) -> Incident:
    """An incident of an alarm of a service in `boutique`; `others` are service and namespace of what joined."""
    alarm = Alarm(
        source="cloudwatch", name="500s", service=service, namespace="boutique", started_at=NOW
    )
    origin = Origin(team="T", channel="C", thread_ts="1.1")
    members = [
        Member(
            fingerprint=name,
            name="x",
            service=name,
            namespace=namespace,
            because="time",
            origin=origin,
            first_seen_at=NOW,
            last_seen_at=NOW,
        )
        for name, namespace in others
    ]
    return Incident(
        id="i", origin=origin, alarm=alarm, opened_at=NOW, last_seen_at=NOW, members=members
    )


async def _look(
    rules: Rules, incident: Incident | None = None, seconds: float = SECONDS
) -> list[ToolResult]:
    return await look(
        incident or _incident(), rules, lambda ahead: f"c{ahead + 1}", seconds=seconds
    )


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
        {
            **WHEN,
            "service": "cartservice",
            "cause": "code_exception",
            "file": "/app/cartstore/RedisCartStore.cs",
        },
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


async def test_all_sources_are_asked_side_by_side() -> None:
    """The runbook and the changes do not wait for triage; commits do, since they need the culprit."""
    triage = asyncio.Event()
    rules = Rules(
        {
            "kubernetes_triage": triage,
            "kubernetes_recent_changes": "2 changes",
            "runbooks_find_runbook": "1 runbook fits",
            COMMITS: "1. a65e656",
        }
    )
    looking = asyncio.create_task(_look(rules))
    await rules.asked.wait()
    assert COMMITS not in [call.name for call in rules.calls]
    assert rules.arguments("runbooks_find_runbook") == [{"alarm": "500s", "service": "cartservice"}]
    triage.set()
    seen = await looking
    assert [result.call.label for result in seen] == ["c1", "c2", "c3"]


async def test_an_alarm_that_came_back_rules_out_no_commit() -> None:
    """What came after its first onset may be what brought it back."""
    rules = Rules({"kubernetes_triage": TRIAGE, COMMITS: "x"})
    await _look(rules, _incident().model_copy(update={"occurrences": 2}))
    assert "onset" not in rules.arguments(COMMITS)[0]


async def test_what_hangs_costs_its_own_part_and_is_named() -> None:
    """The others are told in time; commits are judged by the service that alarmed, as nobody knows the culprit."""
    rules = Rules(
        {
            "kubernetes_triage": asyncio.Event(),
            "runbooks_find_runbook": "1 runbook fits",
            "github_suspect_changes": "1. a65e656",
        }
    )
    seen = await _look(rules, seconds=1)
    assert rules.arguments("github_suspect_changes") == [{**WHEN, "service": "cartservice"}]
    for told in (for_people(seen), for_prompt(seen)):
        assert "1. a65e656" in told
        assert "1 runbook fits" in told
        assert "kubernetes_triage: kubernetes_triage did not answer within 1 s." in told


async def test_servers_that_never_list_their_tools_are_a_gap() -> None:
    """The thread is told even then."""

    class Silent(Rules):
        async def tools(self) -> Sequence[Tool]:
            await asyncio.Event().wait()
            raise AssertionError

    seen = await _look(Silent({}), seconds=0.05)
    assert "kubernetes_triage did not answer" in for_people(seen)


async def test_an_incident_of_several_services_is_judged_by_namespace() -> None:
    """One service alone in its namespace is judged for itself, several as a whole; more than three places are not."""
    rules = Rules({"kubernetes_triage": TRIAGE, "kubernetes_recent_changes": "x"})
    others = (("frontend", "boutique"), ("ledger", "bank"), ("unknown", "mail"), ("x", "fourth"))
    await _look(rules, _incident("cartservice", *others))
    assert rules.arguments("kubernetes_triage") == [
        {"namespace": "boutique"},
        {"namespace": "bank", "service": "ledger"},
        {"namespace": "mail"},
    ]
    assert [each["namespace"] for each in rules.arguments("kubernetes_recent_changes")] == [
        "boutique", "bank", "mail",
    ]  # fmt: skip


async def test_what_failed_keeps_its_label_and_is_named() -> None:
    """The next call of the agent must not get a label that is taken."""
    seen = await _look(Rules({"kubernetes_triage": TRIAGE, "github_suspect_changes": None}))

    assert [result.call.label for result in seen] == ["c1", "c2"]
    assert "[c2]" not in for_prompt(seen)
    assert for_people(seen, ["GitHub is down"]) == (
        f"{TRIAGE.strip()}\n\nCould not be seen at first look:\n"
        "github_suspect_changes: no cluster\nGitHub is down"
    )


async def test_without_such_tools_there_is_no_first_look() -> None:
    """Other people's servers may have none."""
    seen = await _look(Rules({"list_pods": "x"}))

    assert for_prompt(seen) == for_people(seen) == ""


async def test_what_people_see_is_bounded_at_a_line() -> None:
    """A long table does not fill the thread."""
    seen = await _look(Rules({"kubernetes_triage": "one line of it\n" * 500}))

    shown = for_people(seen)
    assert len(shown) <= 1_100
    assert shown.endswith("one line of it\n…")
