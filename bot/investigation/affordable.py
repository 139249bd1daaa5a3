"""One run's budget in front of the model: no reply may grow beyond what is left, and what broke off is charged."""

from __future__ import annotations

import time
from collections.abc import Callable

from bot.agent.budget import Meter
from bot.agent.messages import Prompt, Reply
from bot.agent.model import Billed, Notice
from bot.costs.pricing import PriceTable
from bot.costs.usage import Usage
from bot.investigation.spending import A_DIAGNOSIS, wasted
from bot.investigation.transcript import StoredTranscript

_MILLION = 1_000_000


class Affordable:
    """A Model whose replies fit into the run's dollars and tokens. `clock` is monotonic, the meter's."""

    def __init__(
        self,
        inner: Billed,
        transcript: StoredTranscript,
        meter: Meter,
        prices: PriceTable,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._transcript = transcript
        self._meter = meter
        self._prices = prices
        self._clock = clock

    async def reply(self, prompt: Prompt, *, within: float, notice: Notice) -> Reply:
        lost: list[tuple[str, Usage]] = []
        bounded = prompt.model_copy(update={"max_output": self._most_output(prompt.model)})
        try:
            return await self._inner.reply(
                bounded,
                within=within,
                notice=notice,
                lost=lambda model, usage: lost.append((model, usage)),
            )
        finally:
            if lost:
                spend = wasted(self._prices, lost, self._transcript.spend)
                await self._transcript.charge(spend)

    def _most_output(self, model: str) -> int:
        """Output tokens that are left for the next reply, when its prompt is paid and the last reply is kept."""
        spend, price = self._transcript.spend, self._prices.of(model)
        tokens_left, usd_left = self._meter.left(spend)
        tokens_kept, usd_kept = self._meter.kept(spend, self._clock())
        most = tokens_left - tokens_kept - spend.least_tokens
        if price.output:
            more = usd_left - usd_kept - spend.least_usd
            most = min(most, int(more / price.output * _MILLION))
        return A_DIAGNOSIS + max(most, 0)
