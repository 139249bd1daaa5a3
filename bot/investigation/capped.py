"""The daily caps in front of the model: checked before each reply, counted after it."""

from __future__ import annotations

from bot.agent.messages import Prompt, Reply
from bot.agent.model import Model, Notice
from bot.costs.pricing import PriceTable
from bot.costs.store import DailyLedger
from bot.errors import TemporaryError
from bot.investigation.measuring import measure_reply

USED_UP = (
    "The money for today is used up{where}. Raise the cap (TOCSIN_CAPS) and press Keep going, or ask again tomorrow; "
    "days are counted in UTC."
)


class CapReached(TemporaryError):
    """No further ordinary reply may be paid for today."""


class Capped:
    """A Model that stops at the caps.

    The first reply that would begin beyond a cap is refused; one more is let through, so that the run can conclude,
    unless the cap is overdrawn by more than `reserve` dollars.
    """

    def __init__(
        self, inner: Model, ledger: DailyLedger, channel: str, prices: PriceTable, *, reserve: float
    ) -> None:
        self._inner = inner
        self._ledger = ledger
        self._channel = channel
        self._prices = prices
        self._reserve = reserve
        self.reached = False
        """Whether a reply was refused."""

    async def reply(self, prompt: Prompt, *, within: float, notice: Notice) -> Reply:
        left = await self._ledger.left(self._channel)
        if left <= (-self._reserve if self.reached else 0.0):
            self.reached = True
            raise CapReached(USED_UP.format(where=""))
        reply = await self._inner.reply(prompt, within=within, notice=notice)
        price = self._prices.of(reply.model)
        measure_reply(reply, price)
        await self._ledger.record(
            self._channel, price.usd(reply.usage), price.usd_uncached(reply.usage), reply.usage
        )
        return reply


async def refusal(ledger: DailyLedger, channel: str) -> str:
    """Why no run may begin now, in words for the thread; empty when one may."""
    if await ledger.left(channel) > 0:
        return ""
    day, caps = await ledger.day(), ledger.caps
    if caps.day_usd and day.usd >= caps.day_usd:
        return USED_UP.format(where=f" (${day.usd:.2f} of ${caps.day_usd:.2f})")
    spent = day.channels.get(channel, 0.0)
    return USED_UP.format(where=f" for this channel (${spent:.2f} of ${caps.channel_usd:.2f})")
