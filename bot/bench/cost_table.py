"""The costs for people: one table per case, then what was reached of the goals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from rich.table import Table

from bot.bench.bare import bare_table
from bot.bench.cost import (
    GOAL_PEER,
    GOAL_UNCACHED,
    HEADLINE,
    Case,
    Costs,
    Line,
    tool_tokens,
)
from bot.bench.replay import MODEL, SECONDS_BETWEEN
from bot.simulators.messages_api.models import TABLE_DATE

_COLUMNS = (
    *("design", "cache", "turns", "input", "written", "read", "output", "USD"),
    *("vs uncached", "vs peer"),
)
_LEFT = 2
"""Columns of words; the rest are numbers."""

Incident = Literal["cold", "warm"]


def tables(measured: Sequence[Costs]) -> Iterator[Table]:
    """One per case."""
    return map(table, measured)


def table(costs: Costs) -> Table:
    """Tokens, dollars and reductions of every design on one case."""
    made = bare_table(title(costs))
    for at, column in enumerate(_COLUMNS):
        made.add_column(column, justify="left" if at < _LEFT else "right", no_wrap=True)
    for line in costs.lines:
        made.add_row(*_row(line, "cold"))
        made.add_row(*_row(line, "warm"), style="dim")
    return made


def title(costs: Costs) -> str:
    """What was replayed."""
    case = costs.case
    return (
        f"{case.turns} turns, {case.tools} tools ({tool_tokens(case.tools):,} tokens), {case.results} results "
        f"({costs.result_tokens:,} tokens on average, logs of {case.log_lines} lines)"
    )


def _row(line: Line, incident: Incident) -> list[str]:
    bill = getattr(line.replayed, incident)
    uncached, peer = line.reductions(incident)
    counts = bill.tokens
    written = counts["cache_write_5m"] + counts["cache_write_1h"]
    numbers = (counts["input"], written, counts["cache_read"], counts["output"])
    return [
        line.design,
        incident,
        str(bill.requests),
        *(f"{number:,}" for number in numbers),
        f"{bill.usd:.4f}",
        f"{uncached:.1%}",
        f"{peer:.1%}",
    ]


def notes(measured: Sequence[Costs]) -> Iterator[str]:
    """How to read the tables, and what was reached."""
    yield (
        f"{MODEL}, prices of {TABLE_DATE}. Tokens are estimates; ratios are what counts. Every design came to the same "
        "conclusion, each quote of it checked and shown to the model."
    )
    yield (
        f"cold: nothing cached before. warm: the next incident {SECONDS_BETWEEN:.0f} s later, another alarm. Reductions "
        "are against `uncached` and `peer` with raw results and all tools, cold with cold, warm with warm."
    )
    yield (
        f"+filter: a fixed subset of the tools ({tool_tokens('subset'):,} tokens). +compress: that, and results "
        "compressed before they enter. +prefetch: that, and the first look: what rules say of the "
        "cluster and of recent commits opens the prompt, and the calls that it answers are not made."
    )
    yield from (part for costs in measured for part in _verdict(costs) if _is_headline(costs.case))


def _is_headline(case: Case) -> bool:
    return case._replace(log_lines=HEADLINE.log_lines) == HEADLINE


def _verdict(costs: Costs) -> Iterator[str]:
    yield f"Goal {GOAL_UNCACHED:.0%} below uncached and {GOAL_PEER:.0%} below the peer, {title(costs)}:"
    for line in costs.lines[2:]:
        for incident in ("cold", "warm"):
            uncached, peer = line.reductions(incident)
            reached = "reached" if uncached >= GOAL_UNCACHED and peer >= GOAL_PEER else "not reached"  # fmt: skip
            yield f"  {line.design:<16} {incident}  {uncached:.1%} and {peer:.1%}: {reached}"
    before, after = costs.lines[-2:]
    usd, usd_after = before.replayed.cold.usd, after.replayed.cold.usd
    yield (
        f"  The first look saves {after.replayed.saved_turns} of {costs.case.turns} turns, and with them "
        f"{1 - usd_after / usd:.0%} of the dollars of {before.design}."
    )
