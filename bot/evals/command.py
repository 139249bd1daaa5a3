"""`tocsin eval`: recorded incidents through the whole bot, scored by code."""

from __future__ import annotations

import argparse
import asyncio
import json

from rich.console import Console

from bot.evals.report import line, summary
from bot.evals.runner import Outcome, play
from bot.scenario import load_all, shipped


def run(arguments: argparse.Namespace) -> int:
    """Exit 0 only if at least the demanded share of runs passes."""
    scenarios = load_all(arguments.scenarios or shipped(), arguments.only)
    out = Console(soft_wrap=True, highlight=False, markup=False)
    outcomes: list[Outcome] = []
    for scenario in scenarios:
        for number in range(1, max(arguments.repeat, 1) + 1):
            outcome = asyncio.run(play(scenario, number))
            outcomes.append(outcome)
            out.out(_json(outcome) if arguments.json else line(outcome))
    if not arguments.json:
        out.out(summary(outcomes))
    passed = sum(outcome.passed for outcome in outcomes)
    return 0 if passed >= arguments.threshold * len(outcomes) else 1


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
