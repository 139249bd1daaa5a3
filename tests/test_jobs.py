"""The worker's half of the queue, over a real docket and a real Redis: every job ends, and the thread is told once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from redis.asyncio import Redis

from bot.embedded_redis import EmbeddedRedis
from bot.errors import ConfigurationError, PermanentError, TemporaryError
from bot.fencing import Superseded, incident_key
from bot.investigation.diagnosis import Report
from bot.jobs import BUG, POISONED, TOO_LONG, Limits
from bot.redis_client import check
from tests.conftest import wait_until
from tests.jobs_world import DONE, QUICK, STARTED, World, world


class Play:
    """A script for the investigator: it notes every call, and raises its errors first, one per call."""

    def __init__(self, *errors: Exception, hold: bool = False) -> None:
        self.calls: list[tuple[str, int]] = []
        self.errors = list(errors)
        self.go_on = asyncio.Event()
        self.cut_off = 0
        self.at_once = 0
        self.most_at_once = 0
        if not hold:
            self.go_on.set()

    async def __call__(self, slot: str, epoch: int) -> Report:
        self.calls.append((slot, epoch))
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        try:
            if self.errors:
                raise self.errors.pop(0)
            await self.go_on.wait()
        except asyncio.CancelledError:
            self.cut_off += 1
            raise
        finally:
            self.at_once -= 1
        return DONE


def told(this: World, count: int = 1) -> Callable[[], Awaitable[bool]]:
    async def enough() -> bool:
        return len(await this.thread.posted()) >= count

    return enough


def ended(this: World, incident_id: str, work: int | str = 1) -> Callable[[], Awaitable[bool]]:
    async def is_ended() -> bool:
        return await this.incidents.outcome(incident_id, work) is not None

    return is_ended


async def child(url: str, how: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.jobs_world", url, how)


async def test_a_run_is_done_and_told_once(redis_url: str) -> None:
    """One incident, one run, one terminal report, and the outcome is kept."""
    play = Play()
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert await this.thread.posted() == [("run:1", DONE)]
        assert await this.incidents.outcome(incident_id, 1) == "diagnosed"
        assert play.calls == [("run:1", 1)]


async def test_a_finished_run_is_not_done_again(redis_url: str) -> None:
    """The same job once more, as after a lost acknowledgement, does nothing and says nothing."""
    play = Play()
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
            await this.queue.investigate(incident_id, after=7)
            await this.incident("Another")
            await wait_until(told(this, 2))
        assert Counter(slot for slot, _ in play.calls) == {"run:1": 2}
        assert len(await this.thread.posted()) == 2


async def test_questions_are_answered_in_order_one_at_a_time(redis_url: str) -> None:
    """Three questions whose jobs are asked for in the wrong order, four jobs allowed at once: answered as asked."""
    play = Play()
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        await this.ask(incident_id, "q1", "q2", "q3")
        async with this.working():
            await wait_until(told(this, 4))
        slots = ["run:1", "answer:q1", "answer:q2", "answer:q3"]
        assert [slot for slot, _ in await this.thread.posted()] == slots
        assert [slot for slot, _ in play.calls] == slots
        assert play.most_at_once == 1


async def test_a_question_waits_for_the_run(redis_url: str) -> None:
    """What is asked while the investigation runs is answered as soon as it ends, without waiting for a sweep."""
    play = Play(hold=True)
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(lambda: len(play.calls) == 1)
            await this.ask(incident_id, "q1")
            await wait_until(lambda: _no_jobs_but(this, 1))
            assert len(play.calls) == 1
            play.go_on.set()
            await wait_until(told(this, 2))
        assert [slot for slot, _ in await this.thread.posted()] == ["run:1", "answer:q1"]


async def _no_jobs_but(this: World, running: int) -> bool:
    snapshot = await this.docket.snapshot()
    busy = [each for each in snapshot.running if each.function_name != "sweep"]
    queued = [each for each in snapshot.future if each.function_name != "sweep"]
    return len(busy) == running and not queued


async def test_incidents_run_side_by_side(redis_url: str) -> None:
    """One incident's work never waits for another's."""
    play = Play(hold=True)
    async with world(redis_url, play) as this:
        for name in ("A", "B", "C"):
            await this.incident(name)
        async with this.working():
            await wait_until(lambda: play.at_once == 3)
            play.go_on.set()
            await wait_until(told(this, 3))


async def test_a_killed_worker_s_job_is_taken_over(redis_url: str) -> None:
    """SIGKILL in the middle of a run: another worker goes on with a higher epoch, and the thread is told once."""
    play = Play()
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        process = await child(redis_url, "hang")
        await wait_until(lambda: _started(this.redis, 1), 30)
        process.kill()
        await process.wait()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert await this.redis.lrange(STARTED, 0, -1) == ["run:1 1"]
        assert play.calls == [("run:1", 2)]
        assert await this.thread.posted() == [("run:1", DONE)]


async def _started(redis: Redis, count: int) -> bool:
    return await redis.llen(STARTED) >= count


async def test_a_job_that_kills_its_worker_is_given_up(redis_url: str) -> None:
    """Three workers die of it; the fourth does not try again but tells the thread, and the next job is done."""
    async with world(redis_url, Play()) as this:
        incident_id = await this.incident()
        for deaths in (1, 2, 3):
            process = await child(redis_url, "die")
            assert await asyncio.wait_for(process.wait(), 30) == 1
            assert await this.redis.llen(STARTED) == deaths
        async with this.working():
            await wait_until(ended(this, incident_id))
            await this.ask(incident_id, "q1")
            await wait_until(told(this, 2))
        assert await this.thread.posted() == [
            ("run:1", Report(outcome="failed", note=POISONED)),
            ("answer:q1", DONE),
        ]


async def test_a_stale_owner_is_cut_off_and_says_nothing(redis_url: str) -> None:
    """A worker that was paused wakes up after another has taken over: its work is cancelled, nothing is posted."""
    play = Play(hold=True)
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        async with this.working(redelivery=timedelta(seconds=30)):
            await wait_until(lambda: len(play.calls) == 1)
            await this.redis.delete(incident_key(incident_id, "lease"))
            other = await this.incidents.begin(incident_id, 1)
            await wait_until(lambda: play.cut_off == 1)
            assert other is not None
            await this.incidents.renew(other)
        assert await this.thread.posted() == []
        assert await this.incidents.outcome(incident_id, 1) is None


async def test_superseded_in_the_work_is_silent(redis_url: str) -> None:
    """An owner that learns from a refused write that it is stale posts nothing and does not end the run."""
    play = Play(Superseded("x", 1))
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(lambda: len(play.calls) == 1)
            await wait_until(lambda: _no_jobs_but(this, 0))
        assert await this.thread.posted() == []
        assert await this.incidents.outcome(incident_id, 1) is None


async def test_temporary_errors_are_retried(redis_url: str) -> None:
    """Two failures that may pass, then success: three tries, one report, none of them counted as a death."""
    play = Play(TemporaryError("the model is busy"), TemporaryError("busy", retry_after=0.01))
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert len(play.calls) == 3
        assert await this.thread.posted() == [("run:1", DONE)]


async def test_temporary_errors_end(redis_url: str) -> None:
    """An error that does not pass is told once, after the last try, with its reason."""
    play = Play(*[TemporaryError("the model is busy") for _ in range(20)])
    async with world(redis_url, play, replace(QUICK, attempts=3)) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert len(play.calls) == 3
        ((slot, report),) = await this.thread.posted()
        assert (slot, report.outcome) == ("run:1", "failed")
        assert report.note == "the model is busy. It was tried 3 times."


async def test_a_permanent_error_is_told_at_once(redis_url: str) -> None:
    """What will not pass is not tried again."""
    play = Play(PermanentError("No model is configured."))
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert len(play.calls) == 1
        report = Report(outcome="failed", note="No model is configured.")
        assert await this.thread.posted() == [("run:1", report)]


async def test_a_bug_is_told_without_its_text(
    redis_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An error nobody foresaw ends the work at once; the log has the traceback, the thread has not."""
    play = Play(ZeroDivisionError("token=secret"))
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        with caplog.at_level(logging.ERROR, logger="bot.jobs"):
            async with this.working():
                await wait_until(ended(this, incident_id))
        assert len(play.calls) == 1
        assert await this.thread.posted() == [("run:1", Report(outcome="failed", note=BUG))]
    assert any(r.exc_info and r.exc_info[0] is ZeroDivisionError for r in caplog.records)


async def test_work_without_an_end_is_cut_off(redis_url: str) -> None:
    """An investigator that ignores its own deadline is ended by the job's."""
    play = Play(hold=True)
    async with world(redis_url, play, replace(QUICK, duration=0.05)) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert await this.thread.posted() == [
            ("run:1", Report(outcome="out_of_time", note=TOO_LONG))
        ]
        assert play.cut_off == 1


async def test_a_timeout_of_the_investigator_s_own_is_a_bug(redis_url: str) -> None:
    """A TimeoutError that is not the job's own limit is told as what it is."""
    async with world(redis_url, Play(TimeoutError())) as this:
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert await this.thread.posted() == [("run:1", Report(outcome="failed", note=BUG))]


async def test_a_report_that_could_not_be_posted_is_not_found_out_again(redis_url: str) -> None:
    """Slack is away when the report is ready: the same report is posted later, the model is asked once."""
    play = Play()
    async with world(redis_url, play) as this:
        this.thread.troubles = [TemporaryError("Slack is away"), TemporaryError("Slack is away")]
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert len(play.calls) == 1
        assert await this.thread.posted() == [("run:1", DONE)]


async def test_a_report_outlives_a_long_outage(redis_url: str) -> None:
    """Slack is away for longer than all tries: the report is kept, and the next sweep gets it posted."""
    play = Play()
    async with world(redis_url, play, replace(QUICK, attempts=2)) as this:
        this.thread.troubles = [TemporaryError("Slack is away") for _ in range(2)]
        incident_id = await this.incident()
        async with this.working():
            await wait_until(lambda: not this.thread.troubles)
            await wait_until(lambda: _no_jobs_but(this, 0))
            assert await this.incidents.outcome(incident_id, 1) is None
            await this.jobs.sweep()
            await wait_until(ended(this, incident_id))
        assert len(play.calls) == 1
        assert await this.thread.posted() == [("run:1", DONE)]


async def test_a_report_slack_will_not_have_is_replaced(redis_url: str) -> None:
    """When the report cannot be rendered, the thread is still told, in plain words."""
    async with world(redis_url, Play()) as this:
        this.thread.troubles = [KeyError("a bug in the blocks")]
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert await this.thread.posted() == [("run:1", Report(outcome="failed", note=BUG))]
        assert await this.incidents.outcome(incident_id, 1) == "diagnosed"


async def test_a_thread_that_is_gone_ends_the_run(redis_url: str) -> None:
    """Nobody left to tell: the run is finished all the same, and not tried for ever."""
    async with world(redis_url, Play()) as this:
        this.thread.troubles = [PermanentError("the thread is gone") for _ in range(2)]
        incident_id = await this.incident()
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert await this.thread.posted() == []


async def test_posting_that_kills_workers_ends_too(redis_url: str) -> None:
    """When even the notice cannot be given without dying, the work is dropped after as many tries again."""
    play = Play()
    async with world(redis_url, play, Limits(deliveries=2)) as this:
        incident_id = await this.incident()
        for _ in range(4):
            assert await this.incidents.begin(incident_id, 1) is not None
            await this.redis.delete(incident_key(incident_id, "lease"))
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert play.calls == []
        assert await this.thread.posted() == []


async def test_a_sweep_heals_a_lost_queue(redis_url: str) -> None:
    """Everything docket knew is gone: a starting worker finds the run and the question in the incident itself."""
    play = Play()
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        await this.ask(incident_id, "q1")
        lost = [key async for key in this.redis.scan_iter("tocsin-jobs*")]
        await this.redis.delete(*lost)
        async with this.working():
            await wait_until(told(this, 2))
        assert len(lost) > 2
        assert [slot for slot, _ in await this.thread.posted()] == ["run:1", "answer:q1"]


async def test_a_sweep_doubles_nothing(redis_url: str) -> None:
    """Sweeping while work runs and waits changes nothing."""
    play = Play(hold=True)
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        await this.ask(incident_id, "q1")
        async with this.working():
            await wait_until(lambda: len(play.calls) == 1)
            for _ in range(3):
                await this.jobs.sweep()
            play.go_on.set()
            await wait_until(told(this, 2))
            await wait_until(lambda: _no_jobs_but(this, 0))
        assert [slot for slot, _ in play.calls] == ["run:1", "answer:q1"]


async def test_a_stopping_worker_lets_its_job_end(redis_url: str) -> None:
    """A job that ends within the grace period is not disturbed."""
    play = Play(hold=True)
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        async with this.working(grace=30):
            await wait_until(lambda: len(play.calls) == 1)
            asyncio.get_running_loop().call_later(0.3, play.go_on.set)
        assert await this.incidents.outcome(incident_id, 1) == "diagnosed"
        assert play.cut_off == 0


async def test_a_stopping_worker_hands_its_job_over(redis_url: str) -> None:
    """A job that needs longer is cut off and at once done by the next worker: no timeout, and it counts as no death."""
    play = Play(hold=True)
    late = timedelta(seconds=60)
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        async with this.working(redelivery=late, grace=0.1):
            await wait_until(lambda: len(play.calls) == 1)
        assert play.cut_off == 1
        assert await this.thread.posted() == []
        play.go_on.set()
        async with this.working(redelivery=late):
            await wait_until(ended(this, incident_id), 10)
        assert await this.thread.posted() == [("run:1", DONE)]


async def test_redis_restarts_in_the_middle_of_a_run(tmp_path: Path) -> None:
    """The server goes away and comes back while a job runs: the job ends, once, and is told."""
    play = Play(hold=True)
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(EmbeddedRedis(tmp_path))
        this = await stack.enter_async_context(world(server.url, play))
        incident_id = await this.incident()
        async with this.working(redelivery=timedelta(seconds=30)):
            await wait_until(lambda: len(play.calls) == 1)
            await server.__aexit__(None, None, None)
            assert not await answers(server.url)
            again = await stack.enter_async_context(EmbeddedRedis(tmp_path))
            assert again.url == server.url
            play.go_on.set()
            await wait_until(ended(this, incident_id), 20)
            await wait_until(lambda: _no_jobs_but(this, 0), 20)
        assert len(play.calls) == 1
        assert await this.thread.posted() == [("run:1", DONE)]


async def answers(url: str) -> bool:
    try:
        await check(url)
    except ConfigurationError:
        return False
    return True


async def test_an_incident_forgotten_meanwhile_is_let_go(redis_url: str) -> None:
    """The record expired while its run waited: the run ends without anybody to tell."""
    play = Play()
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        await this.redis.delete(incident_key(incident_id, "incident"))
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert play.calls == []


@pytest.mark.parametrize(
    ("attempt", "retry_after", "seconds"),
    [
        (1, None, 2),
        (2, None, 4),
        (5, None, 32),
        (6, None, 60),
        (500, None, 60),
        (1, 7.5, 7.5),
        (1, 900, 60),
    ],
)
def test_pauses_grow_to_a_bound(attempt: int, retry_after: float | None, seconds: float) -> None:
    """Twice as long each time, or as long as the other side said, and never longer than a minute."""
    error = TemporaryError("busy", retry_after=retry_after)
    assert Limits().pause(attempt, error) == timedelta(seconds=seconds)
