"""A person may stop a run at any moment: while it thinks, while its tools work, while it takes its first look."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

POLL_SECONDS = 0.5
"""How often a run looks whether a person pressed Stop; Stop must end it within two seconds."""

T = TypeVar("T")


async def unless_stopped(
    stopped: Callable[[], Awaitable[str | None]], work: Coroutine[Any, Any, T]
) -> T | None:
    """What the work gives; None when a person stops it first. `stopped` says who did, if anybody."""
    working = asyncio.ensure_future(work)
    stop = asyncio.ensure_future(_wait(stopped))
    try:
        await asyncio.wait({working, stop}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        stop.result()
        return None
    finally:
        await _end(working, stop)


async def _wait(stopped: Callable[[], Awaitable[str | None]]) -> None:
    while True:
        if await stopped():
            return
        await asyncio.sleep(POLL_SECONDS)


async def _end(*tasks: asyncio.Future[Any]) -> None:
    """Cancel until all are over: Python 3.11's `asyncio.wait_for`, in redis-py, may swallow a cancellation."""
    pending = {task for task in tasks if not task.done()}
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=1)
    await asyncio.gather(*tasks, return_exceptions=True)
