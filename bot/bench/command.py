"""`tocsin bench`: what a diagnosis costs, what the bot itself needs, how long the triage rules take."""

from __future__ import annotations

import argparse
import json
from typing import Any

from rich.console import Console

from bot.bench import cost, cost_table, overhead, overhead_table, triage, triage_table
from bot.telemetry import configure_logging

_WIDTH = 108
"""A table's; a narrower terminal wraps its lines."""


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; exit 0 when everything could be measured, whatever came out."""
    configure_logging("error")
    measures = {"cost": _cost, "overhead": _overhead, "triage": _triage}
    measures[arguments.measure](as_json=arguments.json)
    return 0


def _cost(*, as_json: bool) -> None:
    measured = cost.run()
    if as_json:
        _print_json(cost.as_json(measured))
        return
    console = _console()
    for costs in measured:
        console.print(cost_table.table(costs))
        console.print()
    for note in cost_table.notes(measured):
        console.print(note, markup=False)


def _overhead(*, as_json: bool) -> None:
    measured = overhead.run()
    if as_json:
        _print_json(overhead.as_json(measured))
        return
    console = _console()
    for part in (overhead_table.levels(measured), overhead_table.functions(measured)):
        console.print(part)
        console.print()
    for note in overhead_table.notes(measured):
        console.print(note, markup=False)


def _triage(*, as_json: bool) -> None:
    measured = triage.run()
    if as_json:
        _print_json(triage.as_json(measured))
        return
    console = _console()
    console.print(triage_table.sizes(measured))
    console.print()
    for note in triage_table.notes(measured):
        console.print(note, markup=False)


def _console() -> Console:
    return Console(highlight=False, width=max(Console().width, _WIDTH))


def _print_json(value: dict[str, Any]) -> None:
    Console(soft_wrap=True).out(json.dumps(value, indent=2), highlight=False)
