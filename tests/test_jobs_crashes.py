"""Workers that die, freeze or are stopped, and a Redis that restarts: the work goes on, and is told once."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from datetime import timedelta
from pathlib import Path

from redis.asyncio import Redis

from bot.embedded_redis import EmbeddedRedis
from bot.errors import ConfigurationError
from bot.fencing import Superseded, incident_key
from bot.investigation.diagnosis import Report
from bot.jobs import POISONED, Limits
from bot.redis_client import check
from tests.conftest import wait_until
from tests.jobs_world import DONE, STARTED, Play, ended, only_running, told, world


async def child(url: str, how: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.jobs_world", url, how)


async def _started(redis: Redis, count: int) -> bool:
    return await redis.llen(STARTED) >= count


async def answers(url: str) -> bool:
    try:
        await check(url)
    except ConfigurationError:
        return False
    return True


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
            await wait_until(lambda: only_running(this, 0))
        assert await this.thread.posted() == []
        assert await this.incidents.outcome(incident_id, 1) is None


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
            await wait_until(lambda: only_running(this, 0), 20)
        assert len(play.calls) == 1
        assert await this.thread.posted() == [("run:1", DONE)]
