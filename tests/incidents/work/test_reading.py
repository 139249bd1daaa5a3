"""What is known of the work: the line of runs that wait, further runs, reports, questions."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from bot.errors import PermanentError
from bot.incidents.incident import Lease, Question
from bot.incidents.store import IncidentStore
from bot.incidents.work.recent import KEPT, RECENT_KEY, RecentReports
from bot.incidents.work.store import RETENTION
from tests.conftest import Clock
from tests.incidents.conftest import alarm, post


async def opened(store: IncidentStore, number: int) -> str:
    """An incident of its own service, with run 1 waiting."""
    claim = await store.claim(alarm(f"N{number}", service=f"s{number}"), post(f"{number}.000001"))
    assert claim.incident is not None
    return claim.incident.id


async def begun(store: IncidentStore, incident_id: str, run: int = 1) -> Lease:
    lease = await store.begin(incident_id, run)
    assert lease is not None
    return lease


async def test_the_line_is_who_waits_in_order(store: IncidentStore, clock: Clock) -> None:
    """Runs that nobody has begun, the oldest first; what is worked on or finished does not wait."""
    ids = []
    for number in range(3):
        ids.append(await opened(store, number))
        clock.advance(1)
    assert await store.line() == [(each, 1) for each in ids]
    lease = await begun(store, ids[0])
    assert await store.line() == [(ids[1], 1), (ids[2], 1)]
    await store.finish(ids[0], 1, lease.epoch, "diagnosed")
    assert await store.line() == [(ids[1], 1), (ids[2], 1)]


async def test_a_further_run_is_one_however_often_it_is_asked_for(store: IncidentStore) -> None:
    """While a run waits or goes on, asking for another gives that one; afterwards the next number."""
    incident_id = await opened(store, 1)
    assert await store.request_next_run(incident_id) == 1
    lease = await begun(store, incident_id)
    assert await store.request_next_run(incident_id) == 1
    await store.finish(incident_id, 1, lease.epoch, "diagnosed")
    assert await store.request_next_run(incident_id) == 2
    assert await store.request_next_run(incident_id) == 2
    assert (await store.pending(incident_id)).runs == [2]


async def test_a_forgotten_incident_gets_no_further_run(store: IncidentStore) -> None:
    """What is not known cannot be looked into again."""
    with pytest.raises(PermanentError, match="no longer remembered"):
        await store.request_next_run("nothing")


async def test_the_latest_reports_of_all_incidents(store: IncidentStore, clock: Clock) -> None:
    """Newest first, each once, with the time at which it was saved first."""
    saved = []
    for number in range(3):
        incident_id = await opened(store, number)
        lease = await begun(store, incident_id)
        await store.save_report(lease, "{}")
        saved.append((incident_id, clock.now))
        clock.advance(10)
        await store.save_report(lease, '{"again": 1}')
    latest = await store.latest_reports(2)
    assert [(each.incident_id, each.slot) for each in latest] == [
        (saved[2][0], "run:1"),
        (saved[1][0], "run:1"),
    ]
    assert await store.reported_at(saved[0][0], "run:1") == saved[0][1]
    assert await store.reported_at("nothing", "run:1") is None
    assert await store.reports(saved[0][0]) == {"run:1": "{}"}


async def test_the_index_of_reports_is_bounded(redis: Redis) -> None:
    """The oldest ones leave."""
    recent = RecentReports(redis, RETENTION)
    for number in range(KEPT + 5):
        await recent.add(f"i{number}", "run:1", float(number))
    assert await redis.zcard(RECENT_KEY) == KEPT
    assert (await recent.latest(1))[0].incident_id == f"i{KEPT + 4}"


async def test_questions_in_the_order_of_their_messages(store: IncidentStore) -> None:
    """All that were asked, answered or not."""
    incident_id = await opened(store, 1)
    for ts in ("12.000002", "11.000001"):
        await store.push(incident_id, Question(id=ts, user="U1", text=ts, ts=ts))
    assert [each.ts for each in await store.questions(incident_id)] == ["11.000001", "12.000002"]
