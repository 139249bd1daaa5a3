"""A running simulator with a clock that stands still, and the real SDK pointed at it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from anthropic import AsyncAnthropic

from bot.simulators.messages_api import ManualClock, MessagesApiSimulator


@pytest.fixture
def clock() -> ManualClock:
    """The simulator's time."""
    return ManualClock()


@pytest.fixture
async def api(clock: ManualClock) -> AsyncIterator[MessagesApiSimulator]:
    """A simulator that answers `ok` until it is told otherwise."""
    async with MessagesApiSimulator(clock=clock) as simulator:
        simulator.script(lambda _: "ok")
        yield simulator


@pytest.fixture
async def client(api: MessagesApiSimulator) -> AsyncIterator[AsyncAnthropic]:
    """The SDK without retries and with a short timeout."""
    async with AsyncAnthropic(
        base_url=api.url, api_key=api.api_key, max_retries=0, timeout=30.0
    ) as sdk:
        yield sdk
