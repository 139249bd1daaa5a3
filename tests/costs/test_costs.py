"""Tokens and dollars."""

from __future__ import annotations

import pytest

from bot.costs.pricing import DEAREST, FREE, PRICES, Price, PriceTable
from bot.costs.usage import Usage
from bot.simulators.messages_api.models import MODELS
from bot.simulators.messages_api.models import Price as SimulatedPrice


def test_usage_adds_kind_by_kind_and_knows_its_cached_share() -> None:
    """Sums keep the kinds apart; the share counts prompt tokens only."""
    total = Usage(input=10, cache_read=70, output=5) + Usage(
        cache_write_5m=15, cache_write_1h=5, output=1
    )

    assert total == Usage(input=10, cache_write_5m=15, cache_write_1h=5, cache_read=70, output=6)
    assert total.prompt == 100
    assert total.total == 106
    assert total.cached_share == 0.7
    assert Usage().cached_share == 0.0


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        pytest.param(Usage(input=1_000_000), 2.0, id="input"),
        pytest.param(Usage(output=1_000_000), 10.0, id="output"),
        pytest.param(Usage(cache_read=1_000_000), 0.1, id="read"),
        pytest.param(Usage(cache_write_5m=1_000_000), 2.5, id="short write"),
        pytest.param(Usage(cache_write_1h=1_000_000), 4.0, id="long write"),
    ],
)
def test_sonnet_prices_each_kind(usage: Usage, usd: float) -> None:
    """The published prices of Sonnet 5.5, per million tokens."""
    assert PriceTable().of("claude-sonnet-5-5").usd(usage) == pytest.approx(usd)


def test_uncached_price_charges_the_whole_prompt_as_input() -> None:
    """The same call without any cache."""
    price = PriceTable().of("claude-sonnet-5-5")

    assert price.usd_uncached(Usage(cache_read=900_000, input=100_000)) == pytest.approx(2.0)


def test_long_prompts_of_haiku_cost_five_times_as_much() -> None:
    """Above 100,000 prompt tokens the whole request is dearer, cached tokens included."""
    price = PriceTable().of("claude-haiku-5-5")

    assert price.usd(Usage(cache_read=100_000)) == pytest.approx(0.001)
    assert price.usd(Usage(cache_read=200_000)) == pytest.approx(0.01)


def test_a_variant_takes_its_familys_price_and_an_unknown_model_is_free() -> None:
    """Dated and regional ids are recognised by the family name inside; overrides win."""
    mine = Price(input=1, output=1, cache_read=1, cache_write_5m=1, cache_write_1h=1)
    table = PriceTable({"claude-opus-5-5": mine})

    assert table.of("anthropic.claude-sonnet-5-5-20260901") == PriceTable().of("claude-sonnet-5-5")
    assert table.of("claude-opus-5-5") is mine
    assert table.of("deepseek-v3") == FREE


def test_the_simulator_and_the_bot_have_the_same_prices() -> None:
    """Both tables are read from the same page; a model that one of them lacks would be free, or unknown."""
    assert {name: row.price for name, row in MODELS.items()} == {
        name: SimulatedPrice(
            row.input, row.cache_write_5m, row.cache_write_1h, row.cache_read, row.output
        )
        for name, row in PRICES.items()
    }


def test_a_claude_that_nobody_knows_is_not_free() -> None:
    """Limits in dollars hold for the next one, too."""
    assert PriceTable().of("claude-hymn-6") == DEAREST
    assert DEAREST.output == 50
