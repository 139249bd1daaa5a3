"""`tocsin bench cost` and `tocsin bench overhead`."""

from __future__ import annotations

import argparse
import json

from rich.console import Console

from bot.bench import cost
from bot.bench.cost_table import notes, table
from bot.telemetry import configure_logging

_WIDTH = 108
"""A table's; a narrower terminal wraps its lines."""


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; exit 0 when everything could be measured, whatever came out."""
    configure_logging("error")
    measured = cost.run()
    if arguments.json:
        Console(soft_wrap=True).out(json.dumps(cost.as_json(measured), indent=2), highlight=False)
        return 0
    console = Console(highlight=False, width=max(Console().width, _WIDTH))
    for costs in measured:
        console.print(table(costs))
        console.print()
    for note in notes(measured):
        console.print(note, markup=False)
    return 0
