"""The worker's half of the queue, over a real docket and a real Redis: each job once, in order, none forgotten."""

from __future__ import annotations

import contextlib
from collections import Counter
from pathlib import Path

import pytest

from bot.embedded_redis import EmbeddedRedis
from bot.fencing import incident_key
from tests.conftest import wait_until
from tests.jobs_world import DONE, Play, ended, only_running, told, world


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
            await wait_until(lambda: only_running(this, 1))
            assert len(play.calls) == 1
            play.go_on.set()
            await wait_until(told(this, 2))
        assert [slot for slot, _ in await this.thread.posted()] == ["run:1", "answer:q1"]


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
            await wait_until(lambda: only_running(this, 0))
        assert [slot for slot, _ in play.calls] == ["run:1", "answer:q1"]


async def test_a_sweep_without_redis_is_put_off(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A sweep that finds no Redis leaves the work to the next one."""
    async with contextlib.AsyncExitStack() as stack:
        server = await stack.enter_async_context(EmbeddedRedis(tmp_path))
        this = await stack.enter_async_context(world(server.url, Play()))
        await server.__aexit__(None, None, None)
        await this.jobs.sweep()
    assert "sweep put off" in caplog.text


async def test_an_incident_forgotten_meanwhile_is_let_go(redis_url: str) -> None:
    """The record expired while its run waited: the run ends without anybody to tell."""
    play = Play()
    async with world(redis_url, play) as this:
        incident_id = await this.incident()
        await this.redis.delete(incident_key(incident_id, "incident"))
        async with this.working():
            await wait_until(ended(this, incident_id))
        assert play.calls == []
