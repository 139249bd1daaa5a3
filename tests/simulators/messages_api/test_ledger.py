"""Dollars of the price table, and what caching saves on a growing conversation."""

from __future__ import annotations

import pytest

from bot.simulators.messages_api.cache import Plan
from bot.simulators.messages_api.ledger import Entry, as_json, dollars, totals
from bot.simulators.messages_api.models import MODELS


@pytest.mark.parametrize(
    ("model", "expected"),
    [("claude-sonnet-5-5", 0.10 + 4 + 2.5 + 2 + 10), ("claude-haiku-4-5", 0.1 + 2 + 1.25 + 1 + 5)],
)
def test_each_kind_of_token_has_its_price(model: str, expected: float) -> None:
    """A million of each kind costs the sum of the row."""
    million = 1_000_000
    plan = Plan(million, million, million, million, 0.0)
    usd, uncached = dollars(plan, million, MODELS[model])
    price = MODELS[model].price
    assert usd == pytest.approx(expected)
    assert uncached == pytest.approx(4 * price.input + price.output)


def test_long_prompts_cost_more_as_a_whole() -> None:
    """Above 100k tokens, cached ones included, Haiku 5.5 bills everything at the long price."""
    row = MODELS["claude-haiku-5-5"]
    below, _ = dollars(Plan(90_000, 0, 0, 10_000, 0.0), 0, row)
    above, _ = dollars(Plan(90_000, 0, 0, 10_001, 0.0), 0, row)
    assert below == pytest.approx((90_000 * 0.01 + 10_000 * 0.10) / 1e6)
    assert above == pytest.approx((90_000 * 0.05 + 10_001 * 0.50) / 1e6)


def test_totals_add_up() -> None:
    """Totals are sums, and the read share counts all input."""
    entry = Entry(
        "r", "m", "claude-sonnet-5-5", "w", 0.0, 60, 20, 10, 10, 5, 0.1, 0.4, None, "end_turn"
    )
    summed = totals([entry, entry])
    assert (summed.requests, summed.read, summed.output) == (2, 120, 10)
    assert summed.usd == pytest.approx(0.2)
    assert summed.read_share == pytest.approx(0.6)
    assert as_json([entry])["totals"]["read_share"] == pytest.approx(0.6)
