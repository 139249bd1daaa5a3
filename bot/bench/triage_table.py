"""The time of the triage rules for people."""

from __future__ import annotations

from collections.abc import Iterator

from rich.table import Table

from bot.bench.bare import bare_table
from bot.bench.triage import GOAL_PODS, GOAL_SECONDS, RUNS, SCENARIO, Row


def tables(rows: list[Row]) -> tuple[Table, ...]:
    """The one that there is."""
    return (sizes(rows),)


def sizes(rows: list[Row]) -> Table:
    """One line per size of the namespace."""
    made = bare_table("The triage rules on a live namespace")
    for column in ("pods", "log lines", "seconds (median)", "requests", "of them logs"):
        made.add_column(column, justify="right")
    made.add_column("first candidate")
    for row in rows:
        made.add_row(
            str(row.pods),
            str(row.log_lines),
            f"{row.seconds_median:.2f}",
            str(row.requests),
            str(row.logs_read),
            row.candidate,
        )
    return made


def notes(rows: list[Row]) -> Iterator[str]:
    """How it was measured, and what was reached."""
    yield (
        f"The incident {SCENARIO} with its pods multiplied, served by the Kubernetes simulator; {RUNS} runs of `tocsin "
        "triage` each, in a process of their own. From the first request to the answer; starting Python is not in it."
    )
    for row in rows:
        if row.pods >= GOAL_PODS:
            quick = "reached" if row.seconds_median < GOAL_SECONDS else "not reached"
            yield (
                f"Goal under {GOAL_SECONDS:.0f} s on {GOAL_PODS} pods: "
                f"{row.seconds_median:.2f} s on {row.pods}, {quick}."
            )
            return
