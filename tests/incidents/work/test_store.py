"""Runs and questions in a real Redis: one owner at a time, in order, and a stale owner is refused."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from bot.errors import PermanentError
from bot.fencing import Superseded, epoch_key, incident_key
from bot.incidents.incident import Lease, Question, answer_slot
from bot.incidents.store import IncidentStore
from bot.incidents.work.reading import Pending
from bot.incidents.work.store import Busy
from tests.conftest import Clock
from tests.incidents.conftest import alarm, post


def question(name: str) -> Question:
    return Question(id=name, user="U1", text=f"what about {name}?", ts=f"{name}.0")


@pytest.fixture
async def incident_id(store: IncidentStore) -> str:
    """An open incident whose run 1 waits."""
    claim = await store.claim(alarm(), post("1.000001"))
    assert claim.incident is not None
    return claim.incident.id


@pytest.fixture
async def diagnosed_id(store: IncidentStore, incident_id: str) -> str:
    """An open incident whose run 1 is finished."""
    lease = await begin(store, incident_id)
    await store.finish(incident_id, 1, lease.epoch, "diagnosed")
    return incident_id


async def begin(store: IncidentStore, incident_id: str, run: int = 1, progress: int = 0) -> Lease:
    lease = await store.begin(incident_id, run, progress=progress)
    assert lease is not None
    return lease


async def take(store: IncidentStore, incident_id: str) -> Lease:
    lease = await store.take(incident_id)
    assert lease is not None
    return lease


async def lapse(redis: Redis, incident_id: str) -> None:
    """Its owner went silent for longer than the lease."""
    await redis.delete(incident_key(incident_id, "lease"))


async def test_a_run_from_begin_to_finish(store: IncidentStore, incident_id: str) -> None:
    """Queued, running, finished; afterwards nobody can begin it again, and nothing is left to do."""
    assert await store.outcome(incident_id, 1) is None
    lease = await begin(store, incident_id)
    assert (lease.slot, lease.epoch, lease.deliveries, lease.question) == ("run:1", 1, 1, None)
    assert await store.running(incident_id) == "run:1"
    await store.finish(incident_id, 1, lease.epoch, "diagnosed")
    assert await store.outcome(incident_id, 1) == "diagnosed"
    assert await store.running(incident_id) is None
    assert await store.begin(incident_id, 1) is None
    assert await store.pending(incident_id) == Pending([], [])
    assert await store.list_unfinished() == []


async def test_one_owner_at_a_time(store: IncidentStore, incident_id: str) -> None:
    """While the owner is alive nobody else may begin; the lease's life is the bound."""
    await begin(store, incident_id)
    with pytest.raises(Busy, match="run:1"):
        await store.begin(incident_id, 1)


async def test_a_dead_owner_is_followed_and_fenced(
    store: IncidentStore, redis: Redis, incident_id: str
) -> None:
    """When the lease has lapsed the next delivery takes over with a higher epoch; the old owner can write nothing."""
    old = await begin(store, incident_id)
    await lapse(redis, incident_id)
    new = await begin(store, incident_id)
    assert (new.epoch, new.deliveries) == (old.epoch + 1, 2)
    with pytest.raises(Superseded):
        await store.renew(old)
    with pytest.raises(Superseded):
        await store.release(old)
    with pytest.raises(Superseded):
        await store.save_report(old, "{}")
    with pytest.raises(Superseded):
        await store.finish(incident_id, 1, old.epoch, "diagnosed")
    assert await store.outcome(incident_id, 1) is None
    assert await store.saved_report(incident_id, 1) is None
    await store.renew(new)


async def test_deliveries_count_only_without_progress(
    store: IncidentStore, redis: Redis, incident_id: str
) -> None:
    """Each try that dies counts; a saved turn in between starts the count again."""
    counts = []
    for progress in (0, 0, 4, 4, 6):
        counts.append((await begin(store, incident_id, progress=progress)).deliveries)
        await lapse(redis, incident_id)
    assert counts == [1, 2, 1, 2, 1]


async def test_work_given_back_does_not_count(store: IncidentStore, incident_id: str) -> None:
    """A retry or a shutdown gives the lease back at once, and the delivery with it."""
    lease = await begin(store, incident_id)
    await store.release(lease)
    again = await begin(store, incident_id)
    assert (again.epoch, again.deliveries) == (lease.epoch + 1, 1)


async def test_the_first_report_counts(store: IncidentStore, incident_id: str) -> None:
    """A report that was saved is the one that every later try gets."""
    lease = await begin(store, incident_id)
    assert await store.save_report(lease, '{"a":1}') == '{"a":1}'
    await store.release(lease)
    later = await begin(store, incident_id)
    assert await store.save_report(later, '{"b":2}') == '{"a":1}'
    assert await store.saved_report(incident_id, 1) == '{"a":1}'


async def test_questions_are_taken_in_the_order_asked(
    store: IncidentStore, diagnosed_id: str
) -> None:
    """Oldest first, one at a time; the list shows what nobody has begun."""
    for name in ("q1", "q2", "q3"):
        assert await store.push(diagnosed_id, question(name))
    taken = []
    while (lease := await store.take(diagnosed_id)) is not None:
        assert lease.question is not None
        taken.append(lease.question)
        with pytest.raises(Busy):
            await store.take(diagnosed_id)
        await store.finish(diagnosed_id, lease.slot, lease.epoch, "diagnosed")
        assert (
            await store.waiting(diagnosed_id)
            == [question(n) for n in ("q1", "q2", "q3")][len(taken) :]
        )
    assert taken == [question("q1"), question("q2"), question("q3")]


async def test_a_question_begun_is_not_lost(
    store: IncidentStore, redis: Redis, diagnosed_id: str
) -> None:
    """The question whose owner died is taken again before the next one."""
    for name in ("q1", "q2"):
        await store.push(diagnosed_id, question(name))
    first = await take(store, diagnosed_id)
    await lapse(redis, diagnosed_id)
    assert await store.pending(diagnosed_id) == Pending([], ["q1", "q2"])
    again = await take(store, diagnosed_id)
    assert (again.question, again.slot) == (question("q1"), answer_slot("q1"))
    assert (again.epoch, again.deliveries) == (first.epoch + 1, 2)


async def test_a_question_is_asked_once(store: IncidentStore, diagnosed_id: str) -> None:
    """Slack delivers the reply again, before and after it was answered: nothing is added."""
    assert await store.push(diagnosed_id, question("q1"))
    assert not await store.push(diagnosed_id, question("q1"))
    lease = await take(store, diagnosed_id)
    await store.finish(diagnosed_id, lease.slot, lease.epoch, "diagnosed")
    assert not await store.push(diagnosed_id, question("q1"))
    assert await store.take(diagnosed_id) is None


async def test_runs_go_before_questions(
    store: IncidentStore, redis: Redis, incident_id: str
) -> None:
    """A question waits for the run that is queued, running, or was begun by an owner that died."""
    await store.push(incident_id, question("q1"))
    with pytest.raises(Busy, match="run:1"):
        await store.take(incident_id)
    lease = await begin(store, incident_id)
    with pytest.raises(Busy, match="run:1"):
        await store.take(incident_id)
    await lapse(redis, incident_id)
    with pytest.raises(Busy, match="run:1"):
        await store.take(incident_id)
    await store.finish(incident_id, 1, lease.epoch, "failed")
    assert (await take(store, incident_id)).question == question("q1")


async def test_a_run_waits_for_the_answer_that_is_being_given(
    store: IncidentStore, diagnosed_id: str
) -> None:
    """Keep going, pressed while a question is answered, comes after the answer, and is not forgotten meanwhile."""
    await store.push(diagnosed_id, question("q1"))
    lease = await take(store, diagnosed_id)
    assert await store.request_run(diagnosed_id, after=1) == 2
    with pytest.raises(Busy, match="answer:q1"):
        await store.begin(diagnosed_id, 2)
    await store.finish(diagnosed_id, lease.slot, lease.epoch, "diagnosed")
    assert (await store.pending(diagnosed_id)).runs == [2]
    assert (await begin(store, diagnosed_id, 2)).slot == "run:2"


async def test_keep_going_pressed_twice_is_one_run(store: IncidentStore, diagnosed_id: str) -> None:
    """Two presses of one button ask for the same run, also after it has ended."""
    assert await store.request_run(diagnosed_id, after=1) == 2
    assert await store.request_run(diagnosed_id, after=1) == 2
    lease = await begin(store, diagnosed_id, 2)
    await store.finish(diagnosed_id, 2, lease.epoch, "stopped")
    assert await store.request_run(diagnosed_id, after=1) == 2
    assert await store.begin(diagnosed_id, 2) is None


async def test_work_for_a_forgotten_incident_is_refused(store: IncidentStore) -> None:
    """Old buttons and old threads get words for a person; a job for one simply ends."""
    with pytest.raises(PermanentError, match="no longer remembered"):
        await store.push("gone", question("q1"))
    with pytest.raises(PermanentError, match="no longer remembered"):
        await store.request_run("gone", after=1)
    assert await store.begin("gone", 1) is None
    assert await store.take("gone") is None


async def test_stop_is_remembered_per_slot(store: IncidentStore, incident_id: str) -> None:
    """The first person who pressed Stop is named, for that slot only."""
    assert await store.stop_requested(incident_id, 1) is None
    assert await store.request_stop(incident_id, 1, "U1")
    assert not await store.request_stop(incident_id, "run:1", "U2")
    assert await store.stop_requested(incident_id, "run:1") == "U1"
    assert await store.stop_requested(incident_id, answer_slot("q1")) is None


async def test_a_resolved_incident_s_work_is_still_listed(
    store: IncidentStore, clock: Clock
) -> None:
    """Unfinished work is found whatever the state of its incident."""
    claim = await store.claim(alarm(), post("1.000001"))
    await store.claim(alarm(state="resolved"), post("2.000001"))
    assert claim.incident is not None
    assert await store.list_unfinished() == [(claim.incident.id, Pending([1], []))]


async def test_work_that_comes_while_the_index_is_cleaned_stays_listed(
    store: IncidentStore, clock: Clock, redis: Redis, diagnosed_id: str
) -> None:
    """An index entry is only removed when nothing was added after it was looked at."""
    seen = await redis.zscore("tocsin:unfinished", diagnosed_id)
    clock.advance(1)
    await store.push(diagnosed_id, question("q1"))
    await store._forget(keys=["tocsin:unfinished"], args=[diagnosed_id, int(seen or 0)])
    assert await store.list_unfinished() == [(diagnosed_id, Pending([], ["q1"]))]


async def test_the_epoch_outlives_everything_it_fences(
    store: IncidentStore, redis: Redis, incident_id: str
) -> None:
    """The epoch is kept for longer than any record of the incident."""
    await begin(store, incident_id)
    assert await redis.ttl(epoch_key(incident_id)) > 29 * 86400
    assert await redis.ttl(incident_key(incident_id, "work")) < 8 * 86400


@pytest.mark.parametrize("ended", ["finished", "released"])
async def test_a_renewal_that_comes_after_the_end_keeps_nobody_waiting(
    store: IncidentStore, incident_id: str, ended: str
) -> None:
    """It was on its way when its owner finished; the question that came then is taken at once."""
    lease = await begin(store, incident_id)
    await store.push(incident_id, question("a"))
    if ended == "finished":
        await store.finish(incident_id, 1, lease.epoch, "diagnosed")
    else:
        await store.release(lease)
    await store.renew(lease)
    next_lease = await (
        take(store, incident_id) if ended == "finished" else begin(store, incident_id)
    )
    assert next_lease.epoch == lease.epoch + 1
