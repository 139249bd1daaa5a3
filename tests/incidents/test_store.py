"""Incidents in a real Redis: one open incident per condition, whatever happens at the same time."""

from __future__ import annotations

import asyncio

import pytest
from redis.asyncio import Redis

from bot.errors import TemporaryError
from bot.incidents.correlation import QUIET
from bot.incidents.incident import Incident
from bot.incidents.store import Claim, IncidentStore, alarm_key, thread_key
from bot.redis_client import connect
from tests.conftest import Clock
from tests.incidents.conftest import alarm, post


def incident_of(claim: Claim) -> Incident:
    assert claim.incident is not None
    return claim.incident


async def test_the_first_alarm_opens_an_incident(store: IncidentStore, clock: Clock) -> None:
    """An alarm nobody knows opens an incident in its own thread, with run 1 waiting."""
    claim = await store.claim(alarm(), post("1.000001"))
    incident = incident_of(claim)
    assert claim.kind == "new"
    assert incident.origin == post("1.000001")
    assert (incident.state, incident.occurrences) == ("open", 1)
    assert incident.opened_at == incident.last_seen_at == clock.now
    assert await store.get(incident.id) == incident
    assert (await store.pending(incident.id)).runs == [1]
    assert await store.by_thread("T1", "C1", "1.000001") == incident
    assert await store.list_open() == [incident]


async def test_the_same_alarm_again_joins(store: IncidentStore, clock: Clock) -> None:
    """A second post of the condition counts, moves last_seen, and leaves thread and run as they are."""
    first = incident_of(await store.claim(alarm(), post("1.000001")))
    clock.advance(60)
    claim = await store.claim(alarm(), post("2.000001"))
    again = incident_of(claim)
    assert claim.kind == "repeated"
    assert (again.id, again.origin) == (first.id, first.origin)
    assert (again.occurrences, again.last_seen_at) == (2, clock.now)
    assert again.opened_at == first.opened_at
    assert len(await store.list_open()) == 1


async def test_a_post_delivered_twice_counts_once(store: IncidentStore) -> None:
    """The same post again gives the same answer: new for the one that opened, repeated without counting otherwise."""
    first = await store.claim(alarm(), post("1.000001"))
    assert await store.claim(alarm(), post("1.000001")) == first
    second = await store.claim(alarm(), post("2.000001"))
    assert await store.claim(alarm(), post("2.000001")) == second
    assert incident_of(second).occurrences == 2


async def test_unrelated_conditions_are_other_incidents(store: IncidentStore) -> None:
    """Two conditions that have nothing in common do not share an incident."""
    one = incident_of(await store.claim(alarm("A"), post("1.000001")))
    two = incident_of(await store.claim(alarm("B", service="payment"), post("2.000001")))
    assert one.id != two.id


async def test_a_resolve_closes(store: IncidentStore) -> None:
    """The resolve of an open incident closes it, and says so again when it is delivered again; a second one is news to
    nobody."""
    opened = incident_of(await store.claim(alarm(), post("1.000001")))
    claim = await store.claim(alarm(state="resolved"), post("2.000001"))
    assert claim.kind == "resolved"
    assert (incident_of(claim).id, incident_of(claim).state) == (opened.id, "resolved")
    assert await store.list_open() == []
    assert (await store.claim(alarm(state="resolved"), post("2.000001"))).kind == "resolved"
    assert await store.claim(alarm(state="resolved"), post("3.000001")) == Claim("ignored", None)


async def test_a_resolve_of_nothing_is_ignored(store: IncidentStore) -> None:
    """A resolve without an incident has nothing to do."""
    assert await store.claim(alarm(state="resolved"), post("1.000001")) == Claim("ignored", None)


async def test_a_silent_incident_is_replaced(store: IncidentStore, clock: Clock) -> None:
    """Senders that never resolve: after the quiet time the same condition is looked into anew, and the old incident is
    closed."""
    first = incident_of(await store.claim(alarm(), post("1.000001")))
    clock.advance(QUIET.total_seconds() + 1)
    claim = await store.claim(alarm(), post("2.000001"))
    assert claim.kind == "new"
    closed = await store.get(first.id)
    assert closed is not None
    assert closed.state == "resolved"
    assert [each.id for each in await store.list_open()] == [incident_of(claim).id]


async def test_many_at_once_open_one(redis_url: str, clock: Clock) -> None:
    """Forty posts of one condition through eight clients at the same moment: one incident, all counted."""
    clients = [connect(redis_url) for _ in range(8)]
    stores = [IncidentStore(client, clock) for client in clients]
    claims = await asyncio.gather(
        *(stores[n % 8].claim(alarm(), post(f"{n}.000001")) for n in range(40))
    )
    assert sorted(claim.kind for claim in claims) == ["new"] + ["repeated"] * 39
    assert len({incident_of(claim).id for claim in claims}) == 1
    now = await stores[0].get(incident_of(claims[0]).id)
    assert now is not None
    assert now.occurrences == 40
    for client in clients:
        await client.aclose()


async def test_a_crash_after_the_claim_is_made_good(store: IncidentStore, redis: Redis) -> None:
    """The process died after it had opened the incident and before it listed it: the post's next delivery lists it."""
    opened = incident_of(await store.claim(alarm(), post("1.000001")))
    await redis.delete(thread_key("T1", "C1", "1.000001"), "tocsin:open", "tocsin:unfinished")
    again = await store.claim(alarm(), post("1.000001"))
    assert (again.kind, incident_of(again).id) == ("new", opened.id)
    assert await store.by_thread("T1", "C1", "1.000001") == opened
    assert [each[0] for each in await store.list_unfinished()] == [opened.id]


async def test_a_forgotten_incident_does_not_stand_in_the_way(
    store: IncidentStore, redis: Redis
) -> None:
    """A pointer that outlived its incident is replaced."""
    await redis.set(alarm_key(alarm().fingerprint), "gone", ex=60)
    assert (await store.claim(alarm(), post("1.000001"))).kind == "new"
    assert (await store.claim(alarm(), post("2.000001"))).kind == "repeated"


async def test_unknown_ids_and_threads_are_none(store: IncidentStore) -> None:
    """Nothing known is None, not an error."""
    assert await store.get("nothing") is None
    assert await store.by_thread("T1", "C1", "9.000009") is None
    assert await store.list_open() == []


async def test_expired_incidents_leave_the_list(store: IncidentStore, redis: Redis) -> None:
    """An incident whose record is gone is not listed any more."""
    opened = incident_of(await store.claim(alarm(), post("1.000001")))
    await redis.delete(f"tocsin:{{{opened.id}}}:incident")
    assert await store.list_open() == []
    assert await redis.zcard("tocsin:open") == 0


async def test_a_reply_keeps_an_incident_from_being_forgotten(
    store: IncidentStore, redis: Redis
) -> None:
    """Looking a thread up puts the expiry of the thread and its incident back."""
    opened = incident_of(await store.claim(alarm(), post("1.000001")))
    keys = [thread_key("T1", "C1", "1.000001"), f"tocsin:{{{opened.id}}}:incident"]
    for key in keys:
        await redis.expire(key, 10)
    await store.by_thread("T1", "C1", "1.000001")
    assert all([await redis.ttl(key) > 6 * 86400 for key in keys])


async def test_no_redis_is_temporary(clock: Clock) -> None:
    """A store without its server raises what a job is retried for."""
    client = connect("unix:///nowhere/redis.sock")
    with pytest.raises(TemporaryError):
        await IncidentStore(client, clock).claim(alarm(), post("1.000001"))
    await client.aclose()


async def test_an_alarm_that_went_quiet_is_not_listed_as_current(
    store: IncidentStore, clock: Clock
) -> None:
    """Many senders never post a resolve: after six hours of silence nobody waits for one."""
    await store.claim(alarm(), post("1.000001"))
    assert [running for _, running in await store.current()] == [False]
    clock.advance(QUIET.total_seconds() + 1)
    assert await store.current() == []
    assert len(await store.list_open()) == 1
