"""What an investigation leaves in the metrics and in the log."""

from __future__ import annotations

import structlog

from bot.agent.messages import Spend
from bot.investigation.diagnosis import Report
from bot.telemetry import CACHED_SHARE, DOLLARS, INVESTIGATION_SECONDS, INVESTIGATIONS, TOKENS

log = structlog.get_logger(__name__)

CACHE_TURNS = 5
CACHE_SHARE = 0.8
"""Below this share in a run of five or more turns, something breaks the cached prefix."""


def measure(made: Report, spend: Spend, base: Spend) -> None:
    """Count one finished run; warn when too little of its prompt came from the cache of an API that bills it."""
    cost, turns = made.cost, spend.turns - base.turns
    INVESTIGATIONS.labels(made.outcome).inc()
    INVESTIGATION_SECONDS.observe(made.seconds)
    CACHED_SHARE.observe(cost.cached_share)
    DOLLARS.labels(spend.model).inc(max(cost.usd, 0.0))
    for kind, count in cost.tokens.items():
        TOKENS.labels(spend.model, kind).inc(max(count, 0))
    log.info(
        "investigation ended",
        outcome=made.outcome,
        seconds=round(made.seconds, 1),
        turns=turns,
        usd=round(cost.usd, 4),
        cached_share=round(cost.cached_share, 3),
    )
    if cost.usd and turns >= CACHE_TURNS and cost.cached_share < CACHE_SHARE:
        log.warning(
            "little of the prompt came from the cache", cached_share=round(cost.cached_share, 3)
        )
