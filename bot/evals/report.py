"""What an evaluation says: one line per run, and rates with their uncertainty."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from bot.evals.runner import Outcome

_Z = 1.96
"""Normal quantile of a 95% interval."""


def wilson(passed: int, runs: int) -> tuple[float, float]:
    """95% confidence interval of a rate (Wilson, 1927); (0, 1) without runs."""
    if runs == 0:
        return 0.0, 1.0
    rate, square = passed / runs, _Z * _Z
    centre = (rate + square / (2 * runs)) / (1 + square / runs)
    half = (
        _Z * math.sqrt(rate * (1 - rate) / runs + square / (4 * runs * runs)) / (1 + square / runs)
    )
    return max(centre - half, 0.0), min(centre + half, 1.0)


def line(outcome: Outcome) -> str:
    """One run in one line."""
    cost = outcome.report.cost
    marks = ", ".join(outcome.score.failed_marks)
    verdict = "passed" if outcome.passed else f"FAILED ({marks})"
    return (
        f"{outcome.id:<24} {verdict:<28} {outcome.report.tool_calls:>3} calls  {outcome.report.seconds:5.1f} s  "
        f"${cost.usd:.4f}  {cost.cached_share:4.0%} cached  {cost.model}"
    )


def summary(outcomes: Sequence[Outcome]) -> str:
    """Pass rate with interval, groundedness, and medians of cost and time."""
    passed = sum(outcome.passed for outcome in outcomes)
    low, high = wilson(passed, len(outcomes))
    grounded = sum(outcome.score.grounded for outcome in outcomes)
    confidently_wrong = sum(_confidently_wrong(outcome) for outcome in outcomes)
    usd = statistics.median(outcome.report.cost.usd for outcome in outcomes)
    seconds = statistics.median(outcome.report.seconds for outcome in outcomes)
    return (
        f"{passed} of {len(outcomes)} passed ({passed / len(outcomes):.0%}, 95% interval {low:.0%}–{high:.0%}); "
        f"{grounded} grounded; {confidently_wrong} confidently wrong; "
        f"median ${usd:.4f} and {seconds:.1f} s per diagnosis"
    )


def _confidently_wrong(outcome: Outcome) -> bool:
    diagnosis = outcome.report.diagnosis
    return not outcome.passed and diagnosis is not None and diagnosis.confidence >= 0.7
