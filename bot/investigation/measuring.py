"""What replies and investigations leave in the metrics and in the log."""

from __future__ import annotations

import structlog

from bot.agent.messages import Spend
from bot.costs.pricing import Price
from bot.costs.usage import Usage
from bot.investigation.diagnosis import Report
from bot.telemetry import (
    CACHED_SHARE,
    DOLLARS,
    DOLLARS_UNCACHED,
    INVESTIGATION_DOLLARS,
    INVESTIGATION_SECONDS,
    INVESTIGATIONS,
    REPLIES,
    TOKENS,
)

log = structlog.get_logger(__name__)

CACHE_TURNS = 5
CACHE_SHARE = 0.8
"""Below this share in a run of five or more turns, something breaks the cached prefix."""


def measure_reply(model: str, usage: Usage, price: Price) -> None:
    """Count one reply, when it has come or broken off: what was paid for is counted even if the run never ends."""
    usd = price.usd(usage)
    REPLIES.labels(model).inc()
    DOLLARS.labels(model).inc(usd)
    DOLLARS_UNCACHED.labels(model).inc(price.usd_uncached(usage))
    for kind, count in usage:
        TOKENS.labels(model, kind).inc(count)
    log.debug("reply", model=model, usd=round(usd, 5), **dict(usage))


def measure(made: Report, spend: Spend, base: Spend) -> None:
    """Count one finished run; warn when too little of its prompt came from the cache of an API that bills it."""
    cost, turns = made.cost, spend.turns - base.turns
    INVESTIGATIONS.labels(made.outcome).inc()
    INVESTIGATION_SECONDS.observe(made.seconds)
    INVESTIGATION_DOLLARS.observe(max(cost.usd, 0.0))
    CACHED_SHARE.observe(cost.cached_share)
    log.info(
        "investigation ended",
        outcome=made.outcome,
        seconds=round(made.seconds, 1),
        turns=turns,
        usd=round(cost.usd, 4),
        usd_uncached=round(cost.usd_uncached, 4),
        cached_share=round(cost.cached_share, 3),
        **cost.tokens,
    )
    if cost.usd and turns >= CACHE_TURNS and cost.cached_share < CACHE_SHARE:
        log.warning(
            "little of the prompt came from the cache", cached_share=round(cost.cached_share, 3)
        )
