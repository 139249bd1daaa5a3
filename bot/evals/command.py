"""`tocsin eval`: recorded incidents through the whole bot, scored by code."""

from __future__ import annotations

import argparse
import asyncio
import json

from rich.console import Console

from bot.errors import TocsinError
from bot.evals.report import line, summary
from bot.evals.runner import Outcome, play
from bot.scenario import load_all, shipped


def run(arguments: argparse.Namespace) -> int:
    """Exit 0 only if at least the demanded share of runs passes."""
    scenarios = load_all(arguments.scenarios or shipped(), arguments.only)
    out = Console(soft_wrap=True, highlight=False, markup=False)
    outcomes: list[Outcome] = []
    runs = 0
    for scenario in scenarios:
        for number in range(1, max(arguments.repeat, 1) + 1):
            runs += 1
            try:
                outcome = asyncio.run(play(scenario, number))
            except TocsinError as error:
                out.out(_unplayed(scenario.id, number, error, as_json=arguments.json))
                continue
            outcomes.append(outcome)
            out.out(_json(outcome) if arguments.json else line(outcome))
    if outcomes and not arguments.json:
        left = f"; {runs - len(outcomes)} not played" if runs > len(outcomes) else ""
        out.out(f"{summary(outcomes)}{left}")
    passed = sum(outcome.passed for outcome in outcomes)
    return 0 if passed >= arguments.threshold * runs else 1


def _unplayed(scenario: str, number: int, error: TocsinError, *, as_json: bool) -> str:
    """A run that could not be played is told, counts as failed, and stops no other."""
    if as_json:
        return json.dumps({"id": scenario, "run": number, "passed": False, "error": str(error)})
    return f"{scenario:<24} NOT PLAYED: {error}"


def _json(outcome: Outcome) -> str:
    report = outcome.report
    return json.dumps(
        {
            "id": outcome.id,
            "run": outcome.run,
            "passed": outcome.passed,
            "score": outcome.score.model_dump(),
            "verdict": report.diagnosis.verdict if report.diagnosis else report.outcome,
            "diagnosis": report.diagnosis.model_dump(mode="json") if report.diagnosis else None,
            "cost": report.cost.model_dump(mode="json"),
            "seconds": round(report.seconds, 2),
            "tool_calls": report.tool_calls,
        }
    )
