"""A run never asks for a reply that it cannot pay, and always keeps one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.agent.budget import Budget, Meter
from bot.agent.messages import Spend
from bot.costs.usage import Usage

BUDGET = Budget(usd=1.0, tokens=10_000, reserve_share=0.1)


@pytest.mark.parametrize(
    ("usd", "next_usd", "reason"),
    [
        (0.0, 0.0, None),
        (0.89, 0.0, None),
        (0.9, 0.0, "out_of_money"),
        (0.84, 0.05, None),
        (0.86, 0.05, "out_of_money"),
        (0.39, 0.3, None),
        (0.41, 0.3, "out_of_money"),
    ],
)
def test_money_is_kept_for_the_next_reply_and_the_last(
    usd: float, next_usd: float, reason: str | None
) -> None:
    """A tenth at least; where replies are dearer than that, what one of them costs."""
    spend = Spend(usd=usd, next_usd=next_usd)

    assert Meter(BUDGET, started=0.0).exhausted(spend, 1.0) == reason


@given(st.lists(st.floats(0.001, 0.2), min_size=1, max_size=60))
def test_a_run_stays_within_its_dollars_while_replies_cost_no_more_than_before(
    prices: list[float],
) -> None:
    """Whatever they cost: ordinary replies and the last one together."""
    meter, spend = Meter(BUDGET.model_copy(update={"turns": 99}), started=0.0), Spend()
    for price in sorted(prices, reverse=True):
        if meter.exhausted(spend, 1.0):
            break
        spend = Spend(usd=spend.usd + price, next_usd=price)

    assert spend.usd + spend.next_usd <= BUDGET.usd + 1e-9


def test_tokens_are_kept_for_the_next_reply_and_the_last() -> None:
    """Nothing is known of the next before the first."""
    meter = Meter(BUDGET, started=0.0, base=Spend(usage=Usage(input=5_000)))

    def after(used: int) -> str | None:
        spend = Spend(usage=Usage(input=5_000 + used), next_tokens=2_000)
        return meter.exhausted(spend, 1.0)

    assert after(5_900) is None
    assert after(6_000) == "out_of_tokens"
