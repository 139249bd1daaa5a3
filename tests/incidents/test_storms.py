"""Many alarms at once: related ones are one incident, whoever comes first; critical ones stand for themselves."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from redis.asyncio import Redis

from bot.incidents.correlation import LONGEST, STORM, WINDOW, Rules
from bot.incidents.incident import Incident
from bot.incidents.store import Claim, IncidentStore, alarm_key, thread_key
from bot.redis_client import connect
from tests.conftest import Clock
from tests.incidents.conftest import alarm, post

GRAPH = {"frontend": frozenset({"cartservice"}), "cartservice": frozenset({"redis-cart"})}


def incident_of(claim: Claim) -> Incident:
    assert claim.incident is not None
    return claim.incident


async def test_a_related_condition_joins(redis: Redis, clock: Clock) -> None:
    """What calls the service that alarmed a moment ago is a member of that incident, with the reason, and no run."""
    store = IncidentStore(redis, clock, rules=Rules(depends_on=GRAPH))
    first = incident_of(await store.claim(alarm("Down", service="redis-cart"), post("1.000001")))
    clock.advance(20)
    claim = await store.claim(alarm("Errors", service="frontend"), post("2.000001"))
    (member,) = incident_of(claim).members
    assert (claim.kind, claim.run, incident_of(claim).id) == ("joined", 0, first.id)
    assert (member.name, member.because, member.state) == ("Errors", "graph", "firing")
    assert member.origin == post("2.000001")
    assert member.first_seen_at == clock.now
    assert incident_of(claim).occurrences == 1
    assert (await store.pending(first.id)).runs == [1]


async def test_a_member_again_is_counted_with_it(store: IncidentStore) -> None:
    """A member's own repeats, and its post delivered twice."""
    await store.claim(alarm("A"), post("1.000001"))
    joined = await store.claim(alarm("B"), post("2.000001"))
    assert (await store.claim(alarm("B"), post("2.000001"))).kind == joined.kind == "joined"
    claim = await store.claim(alarm("B"), post("3.000001"))
    (member,) = incident_of(claim).members
    assert (claim.kind, member.occurrences, incident_of(claim).occurrences) == ("repeated", 2, 1)


async def test_later_it_stands_for_itself(store: IncidentStore, clock: Clock) -> None:
    """After the window a related condition opens an incident of its own."""
    await store.claim(alarm("A"), post("1.000001"))
    clock.advance(WINDOW.total_seconds() + 1)
    assert (await store.claim(alarm("B"), post("2.000001"))).kind == "new"


async def test_a_storm_that_goes_on_stays_one_incident_for_a_while(
    store: IncidentStore, clock: Clock
) -> None:
    """Each condition that joins keeps the window open, though not for ever."""
    kinds = []
    for number in range(2 * LONGEST):
        kinds.append((await store.claim(alarm(f"N{number}"), post(f"{number}.000001"))).kind)
        clock.advance(WINDOW.total_seconds() * 0.9)
    assert kinds[1:LONGEST] == ["joined"] * (LONGEST - 1)
    assert kinds.count("new") == 2


async def test_other_channels_are_other_worlds(store: IncidentStore) -> None:
    """Nothing joins an incident of another channel."""
    await store.claim(alarm("A"), post("1.000001"))
    assert (await store.claim(alarm("B"), post("2.000001", channel="C2"))).kind == "new"


async def test_it_is_over_when_all_members_are(store: IncidentStore) -> None:
    """Each resolve eases; the last one ends the incident, whoever opened it."""
    first = incident_of(await store.claim(alarm("A"), post("1.000001")))
    await store.claim(alarm("B"), post("2.000001"))
    own = await store.claim(alarm("A", state="resolved"), post("3.000001"))
    assert (own.kind, incident_of(own).state, incident_of(own).alarm_state) == (
        "eased",
        "open",
        "resolved",
    )
    last = await store.claim(alarm("B", state="resolved"), post("4.000001"))
    assert (last.kind, incident_of(last).id, incident_of(last).state) == (
        "resolved",
        first.id,
        "resolved",
    )
    assert incident_of(last).members[0].state == "resolved"
    assert await store.list_open() == []


async def test_a_member_that_comes_back_reopens(store: IncidentStore) -> None:
    """What was a member is one again when it fires soon after the end."""
    await test_it_is_over_when_all_members_are(store)
    claim = await store.claim(alarm("B"), post("5.000001"))
    assert claim.kind == "reopened"
    assert incident_of(claim).members[0].occurrences == 2
    assert incident_of(claim).alarm_state == "resolved"


async def test_critical_alarms_have_a_run_of_their_own(store: IncidentStore) -> None:
    """A critical alarm does not join what a warning opened; a second critical one of the service joins the first."""
    await store.claim(alarm("A"), post("1.000001"))
    critical = await store.claim(alarm("B", severity="critical"), post("2.000001"))
    assert (critical.kind, critical.run) == ("new", 1)
    second = await store.claim(alarm("C", severity="critical"), post("3.000001"))
    assert (second.kind, incident_of(second).id) == ("joined", incident_of(critical).id)


@pytest.mark.parametrize("clients", [1, 6])
async def test_a_hundred_alarms_at_once(redis_url: str, clock: Clock, clients: int) -> None:
    """A hundred posts of forty unrelated conditions at the same moment: a handful of incidents, every post counted."""
    connections = [connect(redis_url) for _ in range(clients)]
    stores = [IncidentStore(connection, clock) for connection in connections]
    posts = [(alarm(f"N{n % 40}", service=f"s{n % 40}"), post(f"{n}.000001")) for n in range(100)]
    claims = await asyncio.gather(
        *(stores[n % clients].claim(*each) for n, each in enumerate(posts))
    )
    kinds = [claim.kind for claim in claims]
    opened = await stores[0].list_open()
    assert len(opened) == kinds.count("new") <= STORM
    assert kinds.count("new") + kinds.count("joined") == 40
    assert kinds.count("repeated") == 60
    counted = sum(each.occurrences + sum(m.occurrences for m in each.members) for each in opened)
    assert counted == 100
    assert len({m.fingerprint for each in opened for m in each.members}) == 40 - len(opened)
    assert [len((await stores[0].pending(each.id)).runs) for each in opened] == [1] * len(opened)
    for connection in connections:
        await connection.aclose()


async def test_related_alarms_at_the_same_moment_are_one(redis_url: str, clock: Clock) -> None:
    """Of forty conditions of one service through eight fronts, one opens the incident and all others join."""
    connections = [connect(redis_url) for _ in range(8)]
    stores = [IncidentStore(connection, clock) for connection in connections]
    claims = await asyncio.gather(
        *(stores[n % 8].claim(alarm(f"N{n}"), post(f"{n}.000001")) for n in range(40))
    )
    assert sorted(claim.kind for claim in claims) == ["joined"] * 39 + ["new"]
    for connection in connections:
        await connection.aclose()


async def test_a_crash_after_the_window_is_made_good(store: IncidentStore, redis: Redis) -> None:
    """The process died after it had entered the incident and before anything named it: the post's next delivery does."""
    opened = incident_of(await store.claim(alarm(), post("1.000001")))
    await redis.delete(
        alarm_key(alarm().fingerprint), thread_key("T1", "C1", "1.000001"), "tocsin:open"
    )
    again = await store.claim(alarm(), post("1.000001"))
    assert (again.kind, incident_of(again).id) == ("new", opened.id)
    assert [each.id for each in await store.list_open()] == [opened.id]


async def test_correlation_can_be_switched_off(redis: Redis, clock: Clock) -> None:
    """With a window of nothing every condition is an incident."""
    store = IncidentStore(redis, clock, rules=Rules(window=timedelta(0)))
    kinds = [(await store.claim(alarm(f"N{n}"), post(f"{n}.000001"))).kind for n in range(10)]
    assert kinds == ["new"] * 10
