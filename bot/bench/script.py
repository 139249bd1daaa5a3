"""The scripted investigation: what the model says turn by turn, what each tool returns, and the conclusion.

One call a turn, as long as the reference workload of 16 turns: about 300 tokens of output a turn (thinking, a sentence,
the call) and a diagnosis at the end whose quotes stand in the results.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from bot.alarms.alarm import Alarm
from bot.bench import results
from bot.bench.logs import FRAME, START, service_log
from bot.incidents.incident import Incident, Origin
from bot.investigation.submission import NAME as SUBMIT

FIRST_LOOK = frozenset(
    {
        "list_workloads",
        "list_events",
        "describe_workload",
        "list_pods",
        "read_logs",
        "rollout_history",
    }
)
"""What rules look at before the model is asked: the leading calls of a script that are among these."""  # fmt: skip
_SERVICE = "cartservice"
_SHORT = (
    *("list_workloads", "list_events", "read_logs"),
    *("list_commits", "show_commit", "read_file", "describe_pod"),
)
_TYPICAL = (
    *("list_workloads", "list_events", "describe_workload", "list_pods", "read_logs"),
    *("rollout_history", "describe_pod", "read_logs", "search_code", "list_commits"),
    *("show_commit", "read_file", "read_logs", "read_file", "read_logs"),
)
_WIDER = (
    *("describe_workload", "list_pods", "read_logs", "rollout_history", "describe_pod", "list_events"),
    *("search_code", "read_file"),
)  # fmt: skip
_STEPS = {8: _SHORT, 16: _TYPICAL, 32: (*_TYPICAL, *_WIDER, *_WIDER)}
LENGTHS = tuple(_STEPS)
"""Turns, the concluding one included."""
_THINKING_SENTENCES = 7
_THOUGHTS = (
    "The errors began a little after two, which is later than the last restart, so the restart is not what caused them.",
    "The frontend only passes on what the cart service answers, so the fault has to be looked for one step further down.",
    "Redis answers its probes and has not been restarted for days, which speaks against a lost connection to the store.",
    "The same stack trace comes from all three replicas at about the same rate, so it is not one bad node or one bad pod.",
    "Only adding a product fails, reading a cart works; the two share the connection but not the code that merges lines.",
    "The rollout history shows one change shortly before the first error, and its commit touches exactly this method.",
    "Memory and CPU are far below their limits and nothing was killed, so resources can be ruled out for the moment.",
    "Before that commit is blamed, the file at the deployed revision and the line named by the trace should be compared.",
    "Slow calls to the currency service are warnings only and were there yesterday too, so they are a decoy here.",
    "What remains open is whether an empty cart takes another path, and a look at the source will settle that.",
)


class Step(NamedTuple):
    """One call and what it returns."""

    tool: str
    arguments: dict[str, Any]
    result: str
    thinking: str
    words: str


class Script(NamedTuple):
    """One investigation. Its turns are the steps and one that concludes."""

    incident: Incident
    steps: tuple[Step, ...]
    diagnosis: dict[str, Any]
    """Arguments of `submit_diagnosis`; evidence names the steps' results c1, c2, …"""

    @property
    def first_look(self) -> int:
        """How many of its leading steps a first look replaces."""
        names = [step.tool.partition("_")[2] for step in self.steps]
        return next((at for at, name in enumerate(names) if name not in FIRST_LOOK), len(names))

    @property
    def quotes(self) -> list[str]:
        """The evidence."""
        return [item["quote"] for finding in self.diagnosis["findings"] for item in finding["evidence"]]  # fmt: skip


@cache
def script(turns: int, log_lines: int, number: int = 1) -> Script:
    """The investigation of incident `number`, in so many turns. Raises KeyError for turns that are not in `LENGTHS`."""
    names = _STEPS[turns]
    choose = random.Random(f"{turns}/{number}")
    steps = tuple(_step(name, at, log_lines, choose, number) for at, name in enumerate(names))
    return Script(_incident(number), steps, _diagnosis(names))


def block_replies(script: Script, skipped: int = 0) -> list[list[dict[str, Any]]]:
    """The assistant's content blocks turn by turn, without the first `skipped` ones."""
    calls = [
        (step.tool, step.arguments, step.thinking, step.words) for step in script.steps[skipped:]
    ]
    last = (SUBMIT, script.diagnosis, _thinking(random.Random(0)), "The cause is proven.")
    return [
        [
            {"type": "thinking", "thinking": thinking},
            {"type": "text", "text": words},
            {"type": "tool_use", "id": f"toolu_{at}", "name": tool, "input": arguments},
        ]
        for at, (tool, arguments, thinking, words) in enumerate([*calls, last], start=skipped)
    ]


def _step(name: str, at: int, log_lines: int, choose: random.Random, number: int) -> Step:
    service = _SERVICE if at < len(_TYPICAL) else results.SERVICES[at % len(results.SERVICES)]
    server = "github" if name in ("search_code", "list_commits", "show_commit", "read_file") else "kubernetes"  # fmt: skip
    arguments, text = _answer(name, service, log_lines, choose, f"{number}/{at}")
    arguments |= _varied(name, service, at)
    words = choose.choice(_THOUGHTS)
    return Step(f"{server}_{name}", arguments, text, _thinking(choose), words)


def _varied(name: str, service: str, at: int) -> dict[str, Any]:
    """What makes this call another one than an earlier one to the same tool."""
    match name:
        case "read_logs" | "list_events":
            return {"since": f"{at + 1}h"}
        case "read_file" if at > len(_SHORT):
            return {"path": f"src/{service}/Store{at}.cs"}
        case "list_pods" if at >= len(_TYPICAL):
            return {"namespace": f"shop-{service}"}
        case "search_code" if at >= len(_TYPICAL):
            return {"query": service}
        case _:
            return {}


def _thinking(choose: random.Random) -> str:
    return " ".join(choose.sample(_THOUGHTS, _THINKING_SENTENCES))


def _answer(
    name: str, service: str, log_lines: int, choose: random.Random, seed: str
) -> tuple[dict[str, Any], str]:
    """The arguments of a call, and its result."""
    file = f"src/{_SERVICE}/cartstore/RedisCartStore.cs"
    found: dict[str, tuple[dict[str, Any], str]] = {
        "list_workloads": ({"namespace": "shop"}, results.workloads(choose)),
        "list_events": ({"namespace": "shop"}, results.events(choose)),
        "list_pods": ({"namespace": "shop"}, results.pods(choose)),
        "describe_workload": ({"name": service}, results.description(service, choose)),
        "describe_pod": ({"name": f"{service}-0"}, results.description(service, choose)),
        "rollout_history": ({"name": service}, results.rollouts(service, choose)),
        "read_logs": (
            {"workload": f"deployment/{service}", "tail": log_lines},
            service_log(service, log_lines, seed, failing=service == _SERVICE),
        ),
        "search_code": ({"query": "AddItemAsync"}, results.found_code(choose)),
        "list_commits": ({"path": f"src/{service}", "limit": 20}, results.commits(choose)),
        "show_commit": ({"sha": results.COMMIT}, results.commit(choose)),
        "read_file": ({"path": file, "start_line": 1, "end_line": 160}, results.source(choose)),
    }
    return found[name]


def _incident(number: int) -> Incident:
    began = START + timedelta(minutes=20 + 2 * number)
    alarm = Alarm(
        source="alertmanager",
        name=f"CartErrors{number}",
        service=_SERVICE,
        namespace="shop",
        severity="critical",
        started_at=began,
        text=(
            f"[FIRING:1] CartErrors{number}\nMore than 2% of the requests to add a product to a cart fail with HTTP 500.\n"
            "cluster: shop-eu-1, team: checkout, value: 3.4%"
        ),
    )
    return Incident(
        id=f"bench-{number}",
        origin=Origin(team="T1", channel="C1", thread_ts=f"{number}.1"),
        alarm=alarm,
        opened_at=began,
        last_seen_at=began,
    )


def _diagnosis(names: Sequence[str]) -> dict[str, Any]:
    def evidence(name: str, quote: str) -> list[dict[str, str]]:
        return [{"tool_call_id": f"c{names.index(name) + 1}", "quote": quote}]

    guilty, file = results.GUILTY_LINE, "src/cartservice/cartstore/RedisCartStore.cs"
    return {
        "verdict": "fault",
        "summary": "Adding the first unit of a product to a cart fails since the cart store was simplified.",
        "cause": "AddItemAsync uses First instead of FirstOrDefault: a product that is not yet in the cart throws.",
        "confidence": 0.93,
        "findings": [
            {"claim": "AddItemAsync throws in the cart store.", "evidence": evidence("read_logs", FRAME.strip())},
            {"claim": "The line was changed by the commit.", "evidence": evidence("show_commit", f"+        {guilty}")},
            {"claim": "The deployed file holds it.", "evidence": evidence("read_file", guilty)},
        ],
        "culprit": {"object": "deployment/cartservice", "file": file, "line": 57, "commit": results.COMMIT},
        "actions": [
            {"description": "Roll the cart service back.", "patch": "kubectl -n shop rollout undo deployment/cartservice"},
            {"description": "Use FirstOrDefault and handle the missing line.", "patch": ""},
        ],
        "unknowns": ["Whether carts that already hold the product were affected."],
    }  # fmt: skip
