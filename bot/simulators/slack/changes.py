"""Everything that happens, told to whoever waits: tests wait for a condition, the page for what to draw."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

ASK_AGAIN_SECONDS = 0.1
Change = dict[str, Any]
T = TypeVar("T")


class Changes:
    """A broadcast of changes to subscribers, and a wake-up call for waiters."""

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []
        self._feeds: list[asyncio.Queue[Change]] = []

    def publish(self, kind: str, **details: Any) -> None:
        """Tell everybody. Synchronous, so that a state change and its news cannot be torn apart."""
        for feed in self._feeds:
            feed.put_nowait({"kind": kind, **details})
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    @contextmanager
    def feed(self) -> Iterator[asyncio.Queue[Change]]:
        """A queue of every change from now on."""
        queue: asyncio.Queue[Change] = asyncio.Queue()
        self._feeds.append(queue)
        try:
            yield queue
        finally:
            self._feeds.remove(queue)

    async def wait_for(self, predicate: Callable[[], T], seconds: float) -> T:
        """The first truthy value of `predicate`, asked again after each change, and ten times a second besides.

        What it asks for may be no part of the workspace: an app's own state changes without a word here. Raises
        TimeoutError after `seconds` of real time.
        """
        async with asyncio.timeout(seconds):
            while True:
                value = predicate()
                if value:
                    return value
                waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                self._waiters.append(waiter)
                try:
                    await asyncio.wait({waiter}, timeout=ASK_AGAIN_SECONDS)
                finally:
                    if waiter in self._waiters:
                        self._waiters.remove(waiter)
