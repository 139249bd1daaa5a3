"""What a diagnosis costs, design by design: the same scripted incidents, the same conclusions, the simulator's ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import cache
from typing import Any, Literal, NamedTuple

from bot.bench.catalogue import ToolSet, tools_of
from bot.bench.replay import MODEL, Bill, Placement, Replayed, Setup, replay
from bot.bench.script import LENGTHS
from bot.errors import PermanentError
from bot.investigation.reread import TOOL as REREAD
from bot.investigation.submission import TOOL as SUBMIT
from bot.simulators.messages_api import tokens
from bot.simulators.messages_api.models import MODELS, TABLE_DATE

LOG_LINES = 100
"""Of one log result: with it a result takes about 3,000 tokens on average, the size met most often."""
LONG_LOG_LINES = 1_000
"""What an agent gets whose prompt asks for the last thousand lines."""
GOAL_UNCACHED = 0.90
GOAL_PEER = 0.60


class Case(NamedTuple):
    """A workload. `results` says what enters the prompt of the designs that do not compress by themselves."""

    turns: int
    tools: ToolSet
    results: Literal["raw", "compressed"]
    log_lines: int = LOG_LINES


class Design(NamedTuple):
    """Where the breakpoints stand, and what is sent less of."""

    name: str
    placement: Placement
    filtered: bool = False
    compressed: bool = False
    prefetched: bool = False

    def setup(self, case: Case) -> Setup:
        """This design on a case."""
        return Setup(
            case.turns,
            "subset" if self.filtered else case.tools,
            case.log_lines,
            self.placement,
            self.compressed or case.results == "compressed",
            self.prefetched,
        )


UNCACHED = Design("uncached", "none")
PEER = Design("peer", "peer")
DESIGNS = (
    UNCACHED,
    PEER,
    Design("tocsin", "tocsin"),
    Design("tocsin+filter", "tocsin", filtered=True),
    Design("tocsin+compress", "tocsin", filtered=True, compressed=True),
    Design("tocsin+prefetch", "tocsin", filtered=True, compressed=True, prefetched=True),
)
HEADLINE = Case(16, "typical", "raw")
CASES = (
    *(Case(turns, size, kind) for turns in LENGTHS for size in ("small", "large") for kind in ("raw", "compressed")),
    HEADLINE,
    HEADLINE._replace(results="compressed"),
    HEADLINE._replace(log_lines=LONG_LOG_LINES),
)  # fmt: skip


class Line(NamedTuple):
    """One design on one case. Reductions are shares of the base's dollars, cold against cold, warm against warm."""

    design: str
    replayed: Replayed
    base: Replayed
    peer: Replayed

    def reductions(self, incident: Literal["cold", "warm"]) -> tuple[float, float]:
        """Against the uncached design and against the peer's, both with raw results and all tools."""
        usd = _bill(self.replayed, incident).usd
        return 1 - usd / _bill(self.base, incident).usd, 1 - usd / _bill(self.peer, incident).usd


class Costs(NamedTuple):
    """All designs on one case."""

    case: Case
    lines: tuple[Line, ...]

    @property
    def result_tokens(self) -> int:
        """Mean tokens of a result as it enters the prompt of a design that does not compress by itself."""
        return self.lines[0].replayed.result_tokens


async def measure(cases: Sequence[Case] = CASES) -> list[Costs]:
    """Replay every design on every case; a replay that several cases share is made once.

    Raises PermanentError when two designs come to different conclusions.
    """
    known: dict[Setup, Replayed] = {}
    measured = []
    for case in cases:
        raw = case._replace(results="raw")
        base = await _replayed(UNCACHED.setup(raw), known)
        peer = await _replayed(PEER.setup(raw), known)
        lines = []
        for design in DESIGNS:
            replayed = await _replayed(design.setup(case), known)
            if replayed.conclusion != base.conclusion:
                raise PermanentError(f"{design.name} on {case} comes to another conclusion")
            lines.append(Line(design.name, replayed, base, peer))
        measured.append(Costs(case, tuple(lines)))
    return measured


async def _replayed(setup: Setup, known: dict[Setup, Replayed]) -> Replayed:
    if setup not in known:
        known[setup] = await replay(setup)
    return known[setup]


def run(cases: Sequence[Case] = CASES) -> list[Costs]:
    """`measure` for callers without an event loop."""
    return asyncio.run(measure(cases))


def _bill(replayed: Replayed, incident: Literal["cold", "warm"]) -> Bill:
    return replayed.cold if incident == "cold" else replayed.warm


@cache
def tool_tokens(tool_set: ToolSet) -> int:
    """Tokens of a tool set, the bot's own two tools included."""
    family = MODELS[MODEL].family
    return sum(
        tokens.count_tool(tool.definition(), family)
        for tool in (*tools_of(tool_set), SUBMIT, REREAD)
    )


def as_json(measured: Sequence[Costs]) -> dict[str, Any]:
    """The documented form of `tocsin bench cost --json`. Dollars, tokens, and reductions from 0 to 1."""
    return {
        "model": MODEL,
        "prices_of": TABLE_DATE,
        "cases": [_case_json(costs) for costs in measured],
    }


def _case_json(costs: Costs) -> dict[str, Any]:
    case = costs.case
    return {
        "turns": case.turns,
        "tools": case.tools,
        "results": case.results,
        "log_lines": case.log_lines,
        "tool_tokens": tool_tokens(case.tools),
        "filtered_tool_tokens": tool_tokens("subset"),
        "result_tokens_mean": costs.result_tokens,
        "designs": {line.design: _line_json(line) for line in costs.lines},
    }


def _line_json(line: Line) -> dict[str, Any]:
    return {
        **_incident_json(line, "cold"),
        "turns_saved": line.replayed.saved_turns,
        "warm": _incident_json(line, "warm"),
    }


def _incident_json(line: Line, incident: Literal["cold", "warm"]) -> dict[str, Any]:
    bill = _bill(line.replayed, incident)
    uncached, peer = line.reductions(incident)
    return {
        "usd": round(bill.usd, 6),
        "tokens": bill.tokens,
        "requests": bill.requests,
        "reduction": {"uncached": round(uncached, 4), "peer": round(peer, 4)},
    }
