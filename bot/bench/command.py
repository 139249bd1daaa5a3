"""`tocsin bench`: what a diagnosis costs, what the bot itself needs, how long the triage rules take."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

from bot.bench import cost, cost_table, overhead, overhead_table, triage, triage_table
from bot.telemetry import configure_logging

_WIDTH = 108
"""A table's; a narrower terminal wraps its lines."""


class _Measure(NamedTuple):
    """How to measure, and how to tell programs and people; what `run` gives is what the others take."""

    run: Callable[[], Any]
    as_json: Callable[[Any], dict[str, Any]]
    tables: Callable[[Any], Iterable[Table]]
    notes: Callable[[Any], Iterable[str]]


_MEASURES = {
    "cost": _Measure(cost.run, cost.as_json, cost_table.tables, cost_table.notes),
    "overhead": _Measure(
        overhead.run, overhead.as_json, overhead_table.tables, overhead_table.notes
    ),
    "triage": _Measure(triage.run, triage.as_json, triage_table.tables, triage_table.notes),
}


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; exit 0 when everything could be measured, whatever came out."""
    configure_logging("error")
    measure = _MEASURES[arguments.measure]
    measured = measure.run()
    if arguments.json:
        _print_json(measure.as_json(measured))
        return 0
    console = Console(highlight=False, width=max(Console().width, _WIDTH))
    for table in measure.tables(measured):
        console.print(table)
        console.print()
    for note in measure.notes(measured):
        console.print(note, markup=False)
    return 0


def _print_json(value: dict[str, Any]) -> None:
    Console(soft_wrap=True).out(json.dumps(value, indent=2), highlight=False)
