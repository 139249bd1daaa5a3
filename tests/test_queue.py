"""Asking for jobs, on a real docket: once by name and id, from a process that cannot do them."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator

import pytest
from docket import Docket

from bot.errors import PermanentError, TemporaryError
from bot.queue import DOCKET_NAME, Queue, answer, investigate, serve
from tests.conftest import wait_until


@pytest.fixture
async def docket(redis_url: str) -> AsyncIterator[Docket]:
    async with Docket(name=DOCKET_NAME, url=redis_url) as docket:
        yield docket


class Doer:
    """Registers jobs that note what they were asked for."""

    def __init__(self, docket: Docket) -> None:
        self.done: list[tuple[object, ...]] = []
        self.go_on = asyncio.Event()
        docket.register(self.investigate)
        docket.register(self.answer)

    async def investigate(self, incident_id: str, run: int) -> None:
        self.done.append((incident_id, run))
        await self.go_on.wait()

    async def answer(self, incident_id: str, question_id: str) -> None:
        self.done.append((incident_id, question_id))
        await self.go_on.wait()


async def run(docket: Docket, doer: Doer, jobs: int) -> None:
    """Serve until so many jobs have begun, and let them end."""
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(docket, stop=stop))
    await wait_until(lambda: len(doer.done) >= jobs)
    doer.go_on.set()
    stop.set()
    await serving


async def test_asked_for_often_done_once(docket: Docket) -> None:
    """Ten requests for one run and one question, waiting or running, are one job each."""
    queue, doer = Queue(docket), Doer(docket)
    for _ in range(10):
        await queue.investigate("i1")
        await queue.answer("i1", "q1")
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(docket, stop=stop))
    await wait_until(lambda: len(doer.done) == 2)
    await queue.investigate("i1", 1)
    await queue.answer("i1", "q1")
    doer.go_on.set()
    await queue.investigate("i2")
    await wait_until(lambda: ("i2", 1) in doer.done)
    stop.set()
    await serving
    assert sorted(doer.done, key=str) == [("i1", "q1"), ("i1", 1), ("i2", 1)]


async def test_different_work_is_different_jobs(docket: Docket) -> None:
    """Runs, questions and incidents never stand in for each other."""
    queue, doer = Queue(docket), Doer(docket)
    await queue.investigate("i1", 1)
    await queue.investigate("i1", 2)
    await queue.investigate("i2", 1)
    await queue.answer("i1", "1")
    doer.go_on.set()
    await run(docket, doer, 4)
    assert set(doer.done) == {("i1", 1), ("i1", 2), ("i2", 1), ("i1", "1")}


async def test_a_request_after_another_owner_is_not_swallowed(docket: Docket) -> None:
    """`after` asks once more although the ordinary job is still there, and once per owner."""
    queue, doer = Queue(docket), Doer(docket)
    await queue.answer("i1", "q1")
    for _ in range(3):
        await queue.answer("i1", "q1", after=4)
        await queue.investigate("i1", after=4)
    await run(docket, doer, 3)
    assert sorted(doer.done, key=str) == [("i1", "q1"), ("i1", "q1"), ("i1", 1)]


async def test_asked_in_one_process_done_in_another(redis_url: str) -> None:
    """The front only knows the jobs' names; a worker with the real ones does what it asked for."""
    async with Docket(name=DOCKET_NAME, url=redis_url) as front:
        await Queue(front).investigate("i1")
    async with Docket(name=DOCKET_NAME, url=redis_url) as docket:
        doer = Doer(docket)
        Queue(docket)
        doer.go_on.set()
        await run(docket, doer, 1)
    assert doer.done == [("i1", 1)]


async def test_declarations_cannot_be_done() -> None:
    """A process without the worker's code says so instead of dropping a job in silence."""
    with pytest.raises(PermanentError, match="no worker code"):
        await investigate("i1", 1)
    with pytest.raises(PermanentError, match="no worker code"):
        await answer("i1", "q1")


async def test_no_redis_is_temporary() -> None:
    """A request that could not be written is an error to its caller, who then does not acknowledge."""
    async with Docket(name=DOCKET_NAME, url="redis://127.0.0.1:1/0") as nowhere:
        with pytest.raises(TemporaryError):
            await Queue(nowhere).investigate("i1")


async def test_sigterm_stops_serving(docket: Docket) -> None:
    """Without a stop event of the caller's, SIGTERM ends the worker in order."""
    queue, doer = Queue(docket), Doer(docket)
    await queue.investigate("i1")
    serving = asyncio.create_task(serve(docket))
    await wait_until(lambda: bool(doer.done))
    os.kill(os.getpid(), signal.SIGTERM)
    doer.go_on.set()
    await asyncio.wait_for(serving, 60)
    assert doer.done == [("i1", 1)]
