"""Work on a lease: alive as long as the work, over as soon as somebody else owns it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.fencing import Superseded, incident_key
from bot.incidents.incident import Lease
from bot.incidents.store import IncidentStore
from bot.incidents.work.holding import held
from tests.conftest import Clock, wait_until
from tests.incidents.conftest import alarm, post


@pytest.fixture
def store(redis: Redis, clock: Clock) -> IncidentStore:
    """A store with leases of one second."""
    return IncidentStore(redis, clock, lease=timedelta(seconds=1))


@pytest.fixture
async def lease(store: IncidentStore) -> Lease:
    claim = await store.claim(alarm(), post("1.000001"))
    assert claim.incident is not None
    lease = await store.begin(claim.incident.id, 1)
    assert lease is not None
    return lease


async def test_the_result_of_the_work_comes_back(store: IncidentStore, lease: Lease) -> None:
    """Work that ends gives its result, and no task is left."""

    async def work() -> str:
        return "found"

    before = asyncio.all_tasks()
    assert await held(store, lease, work()) == "found"
    assert asyncio.all_tasks() == before


async def test_an_error_of_the_work_comes_through(store: IncidentStore, lease: Lease) -> None:
    """What the work raises is raised as it is, not wrapped in a group."""

    async def work() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await held(store, lease, work())


async def test_a_lease_lasts_as_long_as_the_work(
    store: IncidentStore, redis: Redis, lease: Lease
) -> None:
    """Work longer than a lease keeps it; afterwards it lapses."""
    key = incident_key(lease.incident_id, "lease")
    begun = asyncio.get_running_loop().time()

    async def work() -> None:
        async def outlived() -> bool:
            assert await redis.exists(key)
            return asyncio.get_running_loop().time() > begun + 1.5

        await wait_until(outlived)

    await held(store, lease, work())

    async def lapsed() -> bool:
        return await redis.exists(key) == 0

    await wait_until(lapsed)


async def test_the_work_of_a_stale_owner_is_cut_off(
    store: IncidentStore, redis: Redis, lease: Lease
) -> None:
    """Another owner's epoch ends the work with Superseded, after it was cancelled."""
    cut_off = asyncio.Event()

    async def work() -> None:
        await redis.delete(incident_key(lease.incident_id, "lease"))
        await store.begin(lease.incident_id, 1)
        try:
            await asyncio.Event().wait()
        finally:
            cut_off.set()

    with pytest.raises(Superseded):
        await held(store, lease, work())
    assert cut_off.is_set()


async def test_cancelling_cancels_the_work(store: IncidentStore, lease: Lease) -> None:
    """A shutdown reaches the work and is waited for."""
    events: list[str] = []

    async def work() -> None:
        events.append("begun")
        try:
            await asyncio.Event().wait()
        finally:
            events.append("ended")

    holding = asyncio.create_task(held(store, lease, work()))
    await wait_until(lambda: events == ["begun"])
    holding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await holding
    assert events == ["begun", "ended"]
