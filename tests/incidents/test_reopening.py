"""What was over and fires again: the same incident for a while, and not one investigation per flap."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.incidents.correlation import PAUSE, Rules
from bot.incidents.incident import Incident
from bot.incidents.store import Claim, IncidentStore, alarm_key
from bot.redis_client import connect
from tests.conftest import Clock
from tests.incidents.conftest import alarm, post

FIRST = "100.000001"


def incident_of(claim: Claim) -> Incident:
    assert claim.incident is not None
    return claim.incident


async def over(store: IncidentStore, number: int = 1) -> Incident:
    """An incident whose run is finished and whose alarm was resolved by an edit of its post."""
    opened = incident_of(await store.claim(alarm(), post(FIRST)))
    await finish(store, opened, number)
    return incident_of(await store.claim(alarm(state="resolved"), post(FIRST), "101.000001"))


async def finish(store: IncidentStore, incident: Incident, run: int) -> None:
    lease = await store.begin(incident.id, run)
    assert lease is not None
    await store.finish(incident.id, run, lease.epoch, "diagnosed")


async def test_an_edit_that_fires_again_reopens(store: IncidentStore) -> None:
    """Senders that edit one post: the same incident begins again, with a further run."""
    known = await over(store)
    assert known.state == "resolved"
    claim = await store.claim(alarm(), post(FIRST), "102.000001")
    again = incident_of(claim)
    assert (claim.kind, claim.run) == ("reopened", 2)
    assert (again.id, again.state, again.occurrences, again.run) == (known.id, "open", 2, 2)
    assert (await store.pending(known.id)).runs == [2]
    assert [each.id for each in await store.list_open()] == [known.id]


async def test_a_reopening_delivered_twice_is_one(store: IncidentStore) -> None:
    """The same edit again gives the same answer and counts nothing."""
    await over(store)
    first = await store.claim(alarm(), post(FIRST), "102.000001")
    assert await store.claim(alarm(), post(FIRST), "102.000001") == first
    assert incident_of(first).occurrences == 2


async def test_a_flap_is_counted_and_not_investigated(store: IncidentStore, clock: Clock) -> None:
    """Within the pause after a further run, the incident begins again without one; after it there is one more."""
    known = await over(store)
    await store.claim(alarm(), post(FIRST), "102.000001")
    await finish(store, known, 2)
    for flap in (1, 2):
        clock.advance(60)
        await store.claim(alarm(state="resolved"), post(FIRST), f"{100 + 5 * flap}.000001")
        claim = await store.claim(alarm(), post(FIRST), f"{101 + 5 * flap}.000001")
        assert (claim.kind, claim.run, incident_of(claim).flaps) == ("reopened", 0, flap)
    flapping = await store.get(known.id)
    rests = flapping.rests_until if flapping else None
    assert rests is not None
    assert rests - clock.now == PAUSE - timedelta(seconds=120)
    assert (await store.pending(known.id)).runs == []

    await store.claim(alarm(state="resolved"), post(FIRST), "120.000001")
    clock.advance(PAUSE.total_seconds())
    later = await store.claim(alarm(), post(FIRST), "121.000001")
    assert (later.kind, later.run, incident_of(later).flaps) == ("reopened", 3, 0)


async def test_a_run_that_goes_on_is_enough(store: IncidentStore) -> None:
    """What begins again while it is still being investigated gets no second run."""
    await store.claim(alarm(), post(FIRST))
    await store.claim(alarm(state="resolved"), post(FIRST), "101.000001")
    claim = await store.claim(alarm(), post(FIRST), "102.000001")
    assert (claim.kind, claim.run, incident_of(claim).flaps) == ("reopened", 0, 1)


async def test_a_new_post_soon_after_goes_on_in_the_first_thread(store: IncidentStore) -> None:
    """Senders that post anew each time: the first thread keeps the incident."""
    known = await over(store)
    claim = await store.claim(alarm(), post("200.000001"))
    assert (claim.kind, claim.run) == ("reopened", 2)
    assert incident_of(claim).origin == known.origin


async def test_a_new_post_long_after_is_a_new_incident(store: IncidentStore, clock: Clock) -> None:
    """What was over for longer than the pause gets an incident, a thread and a first run of its own."""
    known = await over(store)
    clock.advance(PAUSE.total_seconds() + 1)
    claim = await store.claim(alarm(), post("200.000001"))
    assert (claim.kind, claim.run) == ("new", 1)
    assert incident_of(claim).id != known.id
    assert incident_of(claim).origin == post("200.000001")


async def test_an_edit_reopens_however_late(store: IncidentStore, clock: Clock) -> None:
    """A post has one thread: its incident begins again there, days later."""
    known = await over(store)
    clock.advance(2 * 86_400)
    claim = await store.claim(alarm(), post(FIRST), "102.000001")
    assert (claim.kind, claim.run, incident_of(claim).id) == ("reopened", 2, known.id)


async def test_a_late_delivery_of_the_first_post_changes_nothing(store: IncidentStore) -> None:
    """The post that opened an incident, delivered again after the incident was over and began again."""
    known = await over(store)
    await store.claim(alarm(), post(FIRST), "102.000001")
    late = await store.claim(alarm(), post(FIRST))
    assert (late.kind, incident_of(late).id, incident_of(late).occurrences) == ("new", known.id, 2)


@pytest.mark.parametrize("at", ["99.000001", "101.500000"])
async def test_a_resolve_that_comes_late_ends_nothing(store: IncidentStore, at: str) -> None:
    """Slack keeps no order: a resolve that was made before the latest firing is old news."""
    await over(store)
    await store.claim(alarm(), post(FIRST), "102.000001")
    claim = await store.claim(alarm(state="resolved"), post(FIRST), at)
    assert claim == Claim("ignored", None)
    assert len(await store.list_open()) == 1


async def test_an_edit_under_another_name_is_the_same_post(store: IncidentStore) -> None:
    """A sender that renames its post when it edits it still speaks of the same incident."""
    known = incident_of(await store.claim(alarm("[P1] Cart errors"), post(FIRST)))
    resolved = await store.claim(alarm("Recovered", state="resolved"), post(FIRST), "101.000001")
    assert (resolved.kind, incident_of(resolved).id) == ("resolved", known.id)
    again = await store.claim(alarm("Re-triggered"), post(FIRST), "102.000001")
    assert (again.kind, incident_of(again).occurrences) == ("reopened", 2)
    assert incident_of(again).members == []


async def test_many_at_once_reopen_once(redis_url: str, clock: Clock) -> None:
    """Twenty posts of a condition that was over, through four clients: one run, all counted."""
    clients = [connect(redis_url) for _ in range(4)]
    stores = [IncidentStore(client, clock) for client in clients]
    await over(stores[0])
    claims = await asyncio.gather(
        *(stores[n % 4].claim(alarm(), post(f"{200 + n}.000001")) for n in range(20))
    )
    assert sorted(claim.kind for claim in claims) == ["reopened"] + ["repeated"] * 19
    assert sorted(claim.run for claim in claims) == [0] * 19 + [2]
    now = await stores[0].get(incident_of(claims[0]).id)
    assert now is not None
    assert now.occurrences == 21
    for client in clients:
        await client.aclose()


async def test_without_a_pause_every_flap_is_investigated(redis: Redis, clock: Clock) -> None:
    """A deployment may want it so; then a later post is a new incident."""
    store = IncidentStore(redis, clock, rules=Rules(pause=timedelta(0)))
    known = await over(store)
    assert (await store.claim(alarm(), post(FIRST), "102.000001")).run == 2
    await finish(store, known, 2)
    await store.claim(alarm(state="resolved"), post(FIRST), "103.000001")
    assert (await store.claim(alarm(), post(FIRST), "104.000001")).run == 3


async def test_a_forgotten_incident_does_not_come_back(store: IncidentStore, redis: Redis) -> None:
    """An edit of a post whose incident was forgotten opens a new one in the same thread."""
    known = await over(store)
    await redis.delete(f"tocsin:{{{known.id}}}:incident", alarm_key(alarm().fingerprint))
    claim = await store.claim(alarm(), post(FIRST), "102.000001")
    assert (claim.kind, incident_of(claim).origin) == ("new", post(FIRST))
    assert incident_of(claim).id != known.id
