"""The scripted investigation: what the model says turn by turn, what each tool returns, and the conclusion.

One call a turn, as long as the reference workload of 16 turns: about 300 tokens of output a turn (thinking, a sentence,
the call) and a diagnosis at the end whose quotes stand in the results.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, NamedTuple

from bot.alarms.alarm import Alarm
from bot.bench import repository, results
from bot.bench.logs import FRAME, LINE, START, service_log
from bot.incidents.incident import Incident, Origin
from bot.investigation.first_look import CHANGES, COMMITS, TRIAGE
from bot.investigation.submission import NAME as SUBMIT

ANSWERED = frozenset(
    {
        *("list_workloads", "list_events", "describe_workload", "list_pods", "rollout_history"),
        "list_commits",
    }
)
"""Calls about the alarmed service that a first look answers: what is unhealthy, what happened, what was rolled out, which
commits can be to blame. Logs, source and the commit itself are still read."""
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
_LOGS_OF = (_SERVICE, "frontend", _SERVICE, "redis-cart")
"""Whose logs are read, in this order: the alarmed service, who calls it, itself once more, what it depends on."""
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
    thinking: str = ""
    words: str = ""
    answered: bool = False
    """Whether a first look makes it needless."""


class Script(NamedTuple):
    """One investigation. Its turns are the steps and one that concludes."""

    incident: Incident
    steps: tuple[Step, ...]
    diagnosis: dict[str, Any]
    """Arguments of `submit_diagnosis`; evidence names results: first `looked`, then the steps, as c1, c2, …"""
    looked: tuple[Step, ...] = ()
    """What a first look has seen before the first turn."""

    @property
    def quotes(self) -> list[str]:
        """The evidence."""
        return [item["quote"] for finding in self.diagnosis["findings"] for item in finding["evidence"]]  # fmt: skip

    def with_first_look(self, *, saving: bool = True) -> Script:
        """The same investigation after a first look; `saving` the calls that it answers, or making them nevertheless."""
        choose = random.Random(self.incident.id)
        looked = (
            Step(TRIAGE, {"service": _SERVICE}, results.triage(_SERVICE, choose)),
            Step(CHANGES, {"namespace": "shop"}, results.changes(_SERVICE, choose)),
            Step(COMMITS, {"service": _SERVICE}, repository.suspects(choose)),
        )
        kept = [at for at, step in enumerate(self.steps) if not (saving and step.answered)]
        labels = {f"c{at + 1}": f"c{len(looked) + new}" for new, at in enumerate(kept, 1)}
        return Script(
            self.incident,
            tuple(self.steps[at] for at in kept),
            _relabelled(self.diagnosis, labels),
            looked,
        )


def _relabelled(diagnosis: Mapping[str, Any], labels: Mapping[str, str]) -> dict[str, Any]:
    findings = [
        {
            **finding,
            "evidence": [
                {**item, "tool_call_id": labels[item["tool_call_id"]]}
                for item in finding["evidence"]
            ],
        }
        for finding in diagnosis["findings"]
    ]
    return {**diagnosis, "findings": findings}


@cache
def script(turns: int, log_lines: int, number: int = 1) -> Script:
    """The investigation of incident `number`, in so many turns. Raises KeyError for turns that are not in `LENGTHS`."""
    names = _STEPS[turns]
    choose = random.Random(f"{turns}/{number}")
    steps = tuple(
        _step(name, at, names[:at].count(name), log_lines, choose, number)
        for at, name in enumerate(names)
    )
    return Script(_incident(number), steps, _diagnosis(names))


def block_replies(script: Script) -> list[list[dict[str, Any]]]:
    """The assistant's content blocks turn by turn."""
    calls = [(step.tool, step.arguments, step.thinking, step.words) for step in script.steps]
    last = (SUBMIT, script.diagnosis, _thinking(random.Random(0)), "The cause is proven.")
    return [
        [
            {"type": "thinking", "thinking": thinking},
            {"type": "text", "text": words},
            {"type": "tool_use", "id": f"toolu_{at}", "name": tool, "input": arguments},
        ]
        for at, (tool, arguments, thinking, words) in enumerate([*calls, last])
    ]


def _step(
    name: str, at: int, before: int, log_lines: int, choose: random.Random, number: int
) -> Step:
    """Step `at`, which calls a tool that was called so many times before."""
    wider = at >= len(_TYPICAL)
    service = results.SERVICES[at % len(results.SERVICES)] if wider else _SERVICE
    if name == "read_logs" and before < len(_LOGS_OF):
        service = _LOGS_OF[before]
    server = "github" if name in ("search_code", "list_commits", "show_commit", "read_file") else "kubernetes"  # fmt: skip
    arguments, text = _answer(name, service, before, log_lines, choose, f"{number}/{at}")
    words = choose.choice(_THOUGHTS)
    answered = name in ANSWERED and not wider
    return Step(f"{server}_{name}", arguments, text, _thinking(choose), words, answered)


def _thinking(choose: random.Random) -> str:
    return " ".join(choose.sample(_THOUGHTS, _THINKING_SENTENCES))


def _answer(
    name: str, service: str, before: int, log_lines: int, choose: random.Random, seed: str
) -> tuple[dict[str, Any], str]:
    """The arguments of a call, and its result; no two calls of a script are the same."""
    since, of = f"{before + 1}h", () if service == _SERVICE else (service,)
    query = repository.SEARCHED_IN_TURN[before % len(repository.SEARCHED_IN_TURN)]
    path = repository.READ_IN_TURN[before % len(repository.READ_IN_TURN)]
    logs = {"workload": f"deployment/{service}", "tail": log_lines, "since": since}
    made: dict[str, tuple[dict[str, Any], Callable[[], str]]] = {
        "list_workloads": ({"namespace": "shop"}, lambda: results.workloads(choose)),
        "list_events": ({"namespace": "shop", "since": since}, lambda: results.events(choose)),
        "list_pods": ({"workload": service}, lambda: results.pods(choose, *of)),
        "describe_workload": ({"name": service}, lambda: results.workload(service, choose)),
        "describe_pod": ({"name": f"{service}-0"}, lambda: results.pod(service, choose)),
        "rollout_history": ({"name": service}, lambda: results.rollouts(service, choose)),
        "read_logs": (logs, lambda: service_log(service, log_lines, seed)),
        "search_code": ({"query": query}, lambda: repository.found_code(query)),
        "list_commits": ({"limit": 20}, lambda: repository.commits(choose)),
        "show_commit": ({"sha": repository.COMMIT}, repository.commit),
        "read_file": ({"path": path}, lambda: repository.file(path)),
    }
    arguments, result = made[name]
    return arguments, result()


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

    guilty, file = repository.GUILTY_LINE, repository.GUILTY_FILE
    return {
        "verdict": "fault",
        "summary": "Adding the recalled loafers to a cart fails since the cart store refuses them.",
        "cause": "AddItemAsync throws for the product L9ECAV7KIM: a check that the last rollout brought has no handler above.",
        "confidence": 0.93,
        "findings": [
            {"claim": "AddItemAsync throws in the cart store.", "evidence": evidence("read_logs", FRAME.strip())},
            {"claim": "The commit added the check.", "evidence": evidence("show_commit", f"+            {guilty}")},
            {"claim": "The deployed file holds it.", "evidence": evidence("read_file", guilty)},
        ],
        "culprit": {"object": "deployment/cartservice", "file": file, "line": LINE, "commit": repository.COMMIT},
        "actions": [
            {"description": "Roll the cart service back.", "patch": "kubectl -n shop rollout undo deployment/cartservice"},
            {"description": "Answer with FailedPrecondition instead of an exception.", "patch": ""},
        ],
        "unknowns": ["Whether other products are recalled."],
    }  # fmt: skip
