"""The daily ledger in Redis: one cap for all workers."""

from __future__ import annotations

import asyncio
import math

import pytest
from redis.asyncio import Redis

from bot.costs.caps import Caps
from bot.costs.store import DailyLedger
from bot.costs.usage import Usage
from tests.conftest import Clock


async def test_what_was_spent_is_added_up_by_day_and_channel(redis: Redis, clock: Clock) -> None:
    """Replies of many workers at the same moment are all counted."""
    workers = [DailyLedger(redis, clock, Caps(day_usd=10, channel_usd=1)) for _ in range(4)]

    usage = Usage(input=3, cache_read=900, output=20)
    await asyncio.gather(*(worker.record("C1", 0.1, 0.4, usage) for worker in workers))
    await workers[0].record("C2", 0.5, 0.5)

    day = await workers[0].day()
    assert day.usd == pytest.approx(0.9)
    assert day.usd_uncached == pytest.approx(2.1)
    assert day.replies == 5
    assert day.tokens == Usage(input=12, cache_read=3600, output=80)
    assert day.channels == pytest.approx({"C1": 0.4, "C2": 0.5})


async def test_the_tighter_cap_decides_what_is_left(redis: Redis, clock: Clock) -> None:
    """Of the day and of the channel."""
    ledger = DailyLedger(redis, clock, Caps(day_usd=2, channel_usd=1))
    await ledger.record("C1", 0.75, 0)
    await ledger.record("C2", 1.0, 0)

    assert await ledger.left("C1") == pytest.approx(0.25)
    assert await ledger.left("C2") == pytest.approx(0.0)
    assert await ledger.left("C3") == pytest.approx(0.25)


async def test_replies_under_way_do_not_spend_the_same_money(redis: Redis, clock: Clock) -> None:
    """Of many workers that ask at the same moment as many go on as the cap pays for."""
    workers = [DailyLedger(redis, clock, Caps(day_usd=1, channel_usd=0.5)) for _ in range(9)]
    await workers[0].record("C2", 0.3, 0)

    holds = await asyncio.gather(*(each.hold("C1", 0.2, seconds=60) for each in workers))
    others = [await each.hold("C2", 0.2, seconds=60) for each in workers]

    assert sum(map(bool, holds)) == 3  # the third begins within the cap of its channel
    assert sum(map(bool, others)) == 1
    assert await workers[0].hold("C1", 0.2, seconds=60, overdraft=0.2)
    assert not await workers[0].hold("C1", 0.2, seconds=60, overdraft=0.2)


async def test_what_was_held_is_free_again(redis: Redis, clock: Clock) -> None:
    """When the reply is over, or its worker died and nobody told."""
    ledger = DailyLedger(redis, clock, Caps(day_usd=1))

    hold = await ledger.hold("C1", 1, seconds=60)
    assert not await ledger.hold("C1", 1, seconds=60)
    assert hold is not None
    await ledger.release(hold)
    assert await ledger.hold("C1", 1, seconds=60)
    clock.advance(61)

    assert await ledger.hold("C1", 1, seconds=60)
    assert await ledger.left("C1") == 1


async def test_a_new_day_begins_with_nothing_spent(redis: Redis, clock: Clock) -> None:
    """Days are counted in UTC."""
    ledger = DailyLedger(redis, clock, Caps(day_usd=1))
    await ledger.record("C1", 5, 5)
    assert await ledger.left("C1") < 0

    clock.advance(24 * 3600)

    assert await ledger.left("C1") == 1


async def test_without_caps_there_is_no_limit(redis: Redis, clock: Clock) -> None:
    """Zero means none."""
    ledger = DailyLedger(redis, clock, Caps(day_usd=0, channel_usd=0))
    await ledger.record("C1", 1000, 1000)

    assert await ledger.left("C1") == math.inf
