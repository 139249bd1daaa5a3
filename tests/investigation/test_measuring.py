"""What was paid for is counted, by the one price table; a broken cache does not go unnoticed."""

from __future__ import annotations

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from bot.agent.messages import Spend
from bot.costs.pricing import PriceTable
from bot.costs.usage import Usage
from bot.investigation.diagnosis import Report
from bot.investigation.measuring import measure, measure_reply
from bot.investigation.report import report

MODEL = "claude-sonnet-5-5"
WARNING = "little of the prompt came from the cache"


def _metric(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_each_reply_is_counted_by_model_and_kind() -> None:
    """Tokens, dollars, and what it would have cost uncached."""
    usage = Usage(input=100, cache_write_5m=2_000, cache_read=40_000, output=500)
    names = ("tocsin_dollars_total", "tocsin_dollars_uncached_total", "tocsin_replies_total")
    before = [_metric(name, model=MODEL) for name in names]
    read = _metric("tocsin_tokens_total", model=MODEL, kind="cache_read")

    measure_reply(MODEL, usage, PriceTable().of(MODEL))

    after = [_metric(name, model=MODEL) for name in names]
    gained = [new - old for new, old in zip(after, before, strict=True)]
    # 100 × $2 + 2,000 × $2.50 + 40,000 × $0.10 + 500 × $10, and 42,100 × $2 + 500 × $10, per million
    assert gained == pytest.approx([0.0142, 0.0892, 1])
    assert _metric("tocsin_tokens_total", model=MODEL, kind="cache_read") - read == 40_000


def _made(spend: Spend, base: Spend) -> Report:
    ending = ("failed", None, "It ended.")
    return report(ending, gaps=[], heard=[], spend=spend, base=base, seconds=9.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("turns", "read", "usd", "warned"),
    [(5, 79, 0.1, True), (5, 80, 0.1, False), (4, 10, 0.1, False), (9, 0, 0.0, False)],
    ids=["broken cache", "working cache", "too short to tell", "a server without prices"],
)
def test_a_run_that_read_too_little_from_the_cache_is_told(
    turns: int, read: int, usd: float, warned: bool
) -> None:
    """Of five or more turns at least 80%; what the conversation used before does not count."""
    base = Spend(usage=Usage(cache_read=9_000), usd=1.0, turns=3)
    used = Usage(cache_read=read, cache_write_5m=100 - read, output=7)
    spend = Spend(usage=base.usage + used, usd=1.0 + usd, usd_uncached=0.3, turns=3 + turns)
    count = _metric("tocsin_investigation_dollars_count")

    with capture_logs() as logs:
        measure(_made(spend, base), spend, base)

    assert any(entry["event"] == WARNING for entry in logs) == warned
    ended = next(entry for entry in logs if entry["event"] == "investigation ended")
    assert (ended["turns"], ended["cache_read"], ended["output"]) == (turns, read, 7)
    assert ended["usd_uncached"] == pytest.approx(0.3)
    assert _metric("tocsin_investigation_dollars_count") == count + 1
