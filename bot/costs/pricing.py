"""The price table: dollars per million tokens, by model.

Source: the public price page of the Claude API (platform.claude.com, about-claude/pricing) as of 2026-11-22. Prices
move: a deployment overrides or adds rows by settings. A Claude without a row is taken for the dearest one, so that
limits in dollars hold; any other model without a row costs nothing here but still shows its tokens.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from bot.costs.usage import Usage

TABLE_DATE = "2026-11-22"
"""Day on which the built-in rows were read."""

_MILLION = 1_000_000


class Price(BaseModel):
    """Dollars per million tokens of each kind.

    Above `long_prompt` prompt tokens the whole request costs `long_factor` times as much (only Haiku 5.5 has such a
    step today).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: float
    output: float
    cache_read: float
    cache_write_5m: float
    cache_write_1h: float
    long_prompt: int = 0
    long_factor: float = 1.0

    def usd(self, usage: Usage) -> float:
        """What one call with this usage costs."""
        dollars: float = sum(count * getattr(self, kind) for kind, count in usage)
        return dollars / _MILLION * self._factor(usage)

    def usd_uncached(self, usage: Usage) -> float:
        """What the same call costs when nothing is ever cached."""
        dollars = (usage.prompt * self.input + usage.output * self.output) / _MILLION
        return dollars * self._factor(usage)

    def _factor(self, usage: Usage) -> float:
        return self.long_factor if self.long_prompt and usage.prompt > self.long_prompt else 1.0


def _row(input: float, output: float, read: float, **more: float) -> Price:
    return Price(
        input=input,
        output=output,
        cache_read=read,
        cache_write_5m=1.25 * input,
        cache_write_1h=2 * input,
        long_prompt=int(more.get("long_prompt", 0)),
        long_factor=more.get("long_factor", 1.0),
    )


PRICES: Mapping[str, Price] = MappingProxyType(
    {
        "claude-haiku-5-5": _row(0.10, 0.50, 0.01, long_prompt=100_000, long_factor=5.0),
        "claude-sonnet-5-5": _row(2, 10, 0.10),
        "claude-opus-5-5": _row(4, 20, 0.20),
        "claude-fable-5-1": _row(10, 50, 0.25),
        "claude-mythos-5-1": _row(10, 50, 0.25),
        "claude-fable-5": _row(10, 50, 1),
        "claude-mythos-5": _row(10, 50, 1),
        "claude-sonnet-5": _row(2, 10, 0.20),
        "claude-opus-5": _row(5, 25, 0.50),
        "claude-opus-4-8": _row(5, 25, 0.50),
        "claude-opus-4-7": _row(5, 25, 0.50),
        "claude-opus-4-6": _row(5, 25, 0.50),
        "claude-opus-4-5": _row(5, 25, 0.50),
        "claude-haiku-4-5": _row(1, 5, 0.10),
        "claude-sonnet-4-6": _row(3, 15, 0.30),
        "claude-sonnet-4-5": _row(3, 15, 0.30),
    }
)
DEAREST = max(PRICES.values(), key=lambda price: (price.output, price.cache_read))
FREE = Price(input=0, output=0, cache_read=0, cache_write_5m=0, cache_write_1h=0)


class PriceTable:
    """Looks a model's price up; rows given by the deployment win over the built-in ones."""

    def __init__(self, overrides: Mapping[str, Price] = MappingProxyType({})) -> None:
        self._prices = {**PRICES, **overrides}

    def of(self, model: str) -> Price:
        """The row of a model id. A dated or regional variant (`…-20260922`, `anthropic.claude-…`) takes its family's."""
        if model in self._prices:
            return self._prices[model]
        for known in sorted(self._prices, key=len, reverse=True):
            if known in model:
                return self._prices[known]
        return DEAREST if "claude" in model.lower() else FREE
