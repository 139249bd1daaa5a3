"""The daily caps in front of the model: checked before each reply, counted after it.

While a reply is under way, what it will cost is held, so that replies that run side by side do not spend the same money.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.agent.messages import Prompt, Reply
from bot.agent.model import Billed, Lost, Notice
from bot.costs.pricing import PriceTable
from bot.costs.store import DailyLedger
from bot.costs.usage import Usage
from bot.errors import TemporaryError
from bot.investigation.measuring import measure_reply

USED_UP = (
    "The money for today is used up{where}. Raise the cap (TOCSIN_CAPS) and press Keep going, or ask again tomorrow; "
    "days are counted in UTC."
)


_SLACK_SECONDS = 60.0
"""A hold lasts that much longer than the reply may: should its worker die, others wait no longer."""


class CapReached(TemporaryError):
    """No further ordinary reply may be paid for today."""


class Capped:
    """A Model that stops at the caps.

    The first reply that would begin beyond a cap is refused; one more is let through, so that the run can conclude,
    unless the cap is overdrawn by more than `reserve` dollars. `expected` says what the next reply will cost.
    """

    def __init__(
        self,
        inner: Billed,
        ledger: DailyLedger,
        channel: str,
        prices: PriceTable,
        *,
        reserve: float,
        expected: Callable[[], float],
    ) -> None:
        self._inner = inner
        self._ledger = ledger
        self._channel = channel
        self._prices = prices
        self._reserve = reserve
        self._expected = expected
        self.reached = False
        """Whether a reply was refused."""

    async def reply(self, prompt: Prompt, *, within: float, notice: Notice, lost: Lost) -> Reply:
        hold = await self._ledger.hold(
            self._channel,
            self._expected(),
            seconds=within + _SLACK_SECONDS,
            overdraft=self._reserve if self.reached else 0.0,
        )
        if hold is None:
            self.reached = True
            raise CapReached(USED_UP.format(where=""))
        broken: list[tuple[str, Usage]] = []

        def tell(model: str, usage: Usage) -> None:
            broken.append((model, usage))
            lost(model, usage)

        try:
            reply = await self._inner.reply(prompt, within=within, notice=notice, lost=tell)
            await self._count(reply.model, reply.usage)
            return reply
        finally:
            for model, usage in broken:
                await self._count(model, usage)
            await self._ledger.release(hold)

    async def _count(self, model: str, usage: Usage) -> None:
        price = self._prices.of(model)
        measure_reply(model, usage, price)
        await self._ledger.record(self._channel, price.usd(usage), price.usd_uncached(usage), usage)


async def refusal(ledger: DailyLedger, channel: str) -> str:
    """Why no run may begin now, in words for the thread; empty when one may."""
    if await ledger.left(channel) > 0:
        return ""
    day, caps = await ledger.day(), ledger.caps
    if caps.day_usd and day.usd >= caps.day_usd:
        return USED_UP.format(where=f" (${day.usd:.2f} of ${caps.day_usd:.2f})")
    spent = day.channels.get(channel, 0.0)
    return USED_UP.format(where=f" for this channel (${spent:.2f} of ${caps.channel_usd:.2f})")
