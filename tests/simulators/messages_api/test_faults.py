"""What goes wrong on purpose, as the real SDK sees it."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic import AsyncAnthropic

from bot.simulators.messages_api import (
    ManualClock,
    MessagesApiSimulator,
    RateLimits,
    faults,
)

MODEL = "claude-sonnet-5-5"
HELLO: list[Any] = [{"role": "user", "content": "Hello"}]


async def streamed(client: AsyncAnthropic, **changes: Any) -> Any:
    """The final message of a streamed request."""
    asked: dict[str, Any] = {"model": MODEL, "max_tokens": 1000, "messages": HELLO, **changes}
    async with client.messages.stream(**asked) as stream:
        return await stream.get_final_message()


async def test_faults_come_one_per_request(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """Queued refusals reach the SDK as its own error classes, then requests succeed again."""
    api.faults.add(faults.rate_limited(7))
    api.faults.add(faults.overloaded(), times=2)
    api.faults.add(faults.server_error())
    with pytest.raises(anthropic.RateLimitError) as limited:
        await streamed(client)
    assert limited.value.response.headers["retry-after"] == "7"
    for _ in range(2):
        with pytest.raises(anthropic.InternalServerError) as busy:
            await streamed(client)
        assert busy.value.status_code == 529
    with pytest.raises(anthropic.InternalServerError):
        await streamed(client)
    assert (await streamed(client)).stop_reason == "end_turn"
    assert len(api.ledger) == 1
    assert len(api.requests) == 5


async def test_sdk_retries_until_it_succeeds(api: MessagesApiSimulator) -> None:
    """With retries on, a 529 followed by an answer looks like an answer."""
    api.faults.add(faults.overloaded())
    async with AsyncAnthropic(base_url=api.url, api_key=api.api_key, max_retries=1) as client:
        assert (await streamed(client)).stop_reason == "end_turn"
    assert len(api.requests) == 2


async def test_spend_limit_is_its_own_error(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """The spend-limit 429 carries its error code and no retry-after."""
    api.faults.add(faults.spend_limit_reached())
    with pytest.raises(anthropic.EnforcedSpendLimitReachedError) as refused:
        await streamed(client)
    assert "retry-after" not in refused.value.response.headers


async def test_error_in_the_middle_of_a_stream(
    api: MessagesApiSimulator, client: AsyncAnthropic
) -> None:
    """An error event raises with status 200 and its own type; the request is billed."""
    api.faults.add(faults.mid_stream_error(after=4))
    with pytest.raises(anthropic.APIStatusError) as broken:
        await streamed(client)
    assert broken.value.status_code == 200
    assert broken.value.type == "overloaded_error"
    assert len(api.ledger) == 1


@pytest.mark.parametrize("after", [0, 5, 700])
async def test_disconnect_at_a_byte(
    api: MessagesApiSimulator, client: AsyncAnthropic, after: int
) -> None:
    """A connection cut in the middle of the body raises, and the next request works."""
    api.faults.add(faults.disconnect(after))
    with pytest.raises((anthropic.APIConnectionError, httpx2.TransportError)):
        await streamed(client)
    assert (await streamed(client)).stop_reason == "end_turn"


async def test_stall_until_the_caller_gives_up(api: MessagesApiSimulator) -> None:
    """A stalled stream ends in the client's timeout; a released one completes."""
    api.faults.add(faults.stall(after=50))
    async with AsyncAnthropic(
        base_url=api.url, api_key=api.api_key, max_retries=0, timeout=0.2
    ) as client:
        with pytest.raises((anthropic.APITimeoutError, httpx2.TimeoutException)):
            await streamed(client)
    api.faults.clear()
    api.faults.add(faults.stall(after=50))
    before = len(api.ledger)
    async with (
        AsyncAnthropic(base_url=api.url, api_key=api.api_key, max_retries=0) as client,
        asyncio.TaskGroup() as group,
    ):
        waiting = group.create_task(streamed(client))
        async with asyncio.timeout(30):
            while len(api.ledger) == before:
                await asyncio.wait([waiting], timeout=0.01)
        assert not waiting.done()
        api.release()
        assert (await waiting).stop_reason == "end_turn"


async def test_slow_answers_arrive(api: MessagesApiSimulator, client: AsyncAnthropic) -> None:
    """A slow stream is whole in the end."""
    api.faults.add(faults.slow(0.005))
    assert (await streamed(client)).content[0].text == "ok"


async def test_enforced_limits_refuse_with_retry_after(clock: ManualClock) -> None:
    """When limits are enforced, the request over the limit waits for the bucket to refill."""
    limits = RateLimits(requests=1)
    async with (
        MessagesApiSimulator(clock=clock, rate_limits=limits, enforce_rate_limits=True) as api,
        AsyncAnthropic(base_url=api.url, api_key=api.api_key, max_retries=0) as client,
    ):
        api.script(lambda _: "ok")
        await streamed(client)
        with pytest.raises(anthropic.RateLimitError) as refused:
            await streamed(client)
        clock.advance(float(refused.value.response.headers["retry-after"]))
        assert (await streamed(client)).stop_reason == "end_turn"
