"""The overhead for people."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from bot.bench.bare import bare_table
from bot.bench.overhead import GOAL_MB, GOAL_MS, LOG_LINES, SHOWN, TURNS, Overhead

_COLUMNS = (
    *("concurrent", "ms/turn (median)", "CPU ms/turn", "Redis CPU ms/turn"),
    "MB/investigation",
)


def tables(measured: Overhead) -> tuple[Table, ...]:
    """The levels of concurrency, and what dominates."""
    return levels(measured), functions(measured)


def levels(measured: Overhead) -> Table:
    """One line per level of concurrency."""
    made = bare_table("An investigation without model and tools")
    for column in _COLUMNS:
        made.add_column(column, justify="right")
    for row in measured.rows:
        made.add_row(
            str(row.concurrent),
            f"{row.ms_per_turn_median:.1f}",
            f"{row.cpu_ms_per_turn:.1f}",
            f"{row.redis_cpu_ms_per_turn:.2f}",
            f"{row.mb_per_investigation:.2f}",
        )
    return made


def functions(measured: Overhead) -> Table:
    """What dominates."""
    total = sum(share.ms for share in measured.shares)
    made = bare_table("CPU by function, library code counted to its caller (profiled, so slower)")
    made.add_column("function")
    made.add_column("CPU ms/turn", justify="right")
    made.add_column("share", justify="right")
    for share in measured.shares[:SHOWN]:
        made.add_row(share.function, f"{share.ms:.2f}", f"{share.ms / total:.0%}")
    return made


def notes(measured: Overhead) -> Iterator[str]:
    """How it was measured, and what was reached."""
    yield (
        f"{TURNS} turns with one call each, logs of {LOG_LINES} lines; real investigator, stores, Redis and result "
        "wrappers; the model and the tools answer at once. Building and serialising each request is included; HTTP, MCP "
        "and Slack are not. All investigations share one event loop: at higher levels a turn waits for the others."
    )
    for row in measured.rows:
        if row.concurrent == 1:
            quick = "reached" if row.ms_per_turn_median < GOAL_MS else "not reached"
            yield f"Goal under {GOAL_MS:.0f} ms a turn at one: {row.ms_per_turn_median:.1f} ms, {quick}."
    most = max(row.mb_per_investigation for row in measured.rows)
    small = "reached" if most < GOAL_MB else "not reached"
    yield f"Goal under {GOAL_MB:.0f} MB a running investigation: at most {most:.2f} MB, {small}."
