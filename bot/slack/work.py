"""Listeners at work: counted, bounded, crossed out of the inbox when done, awaited at the end.

bolt starts one task per request and awaits none of them; a thousand requests would be a thousand listeners at once,
and a shutdown would cut them off.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.errors import PermanentError, TemporaryError
from bot.slack.inbox import Inbox
from bot.slack.listeners.requests import Body, request_id
from bot.telemetry import bound

AT_ONCE = 32
"""Listeners that run together; with the inbox's writes they stay within redis-py's connection pool."""
DRAIN = 25.0
"""Seconds that listeners have to finish when the front stops."""

_log = logging.getLogger(__name__)
Act = Callable[[Body, AsyncAck], Awaitable[Any]]


class Work:
    """All listeners of one front."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def listener(self, act: Act) -> Callable[[Body, AsyncAck], Awaitable[None]]:
        """`act` as bolt wants it. What raises TemporaryError, or a bug, stays in the inbox and is tried again."""

        async def listen(body: Body, ack: AsyncAck) -> None:
            self._running += 1
            self._idle.clear()
            try:
                async with self._turns:
                    with bound(request=request_id(body)):
                        await self._act(act, body, ack)
            finally:
                self._running -= 1
                if not self._running:
                    self._idle.set()

        return listen

    def event(self, act: Callable[[Body], Awaitable[Any]]) -> Callable[..., Awaitable[None]]:
        """A listener of events, which bolt acknowledges by itself."""

        async def without_ack(body: Body, _ack: AsyncAck) -> None:
            await act(body)

        return self.listener(without_ack)

    async def drain(self) -> None:
        """Wait until nothing runs, at most DRAIN seconds; what is left is tried again by the next front."""
        try:
            async with asyncio.timeout(DRAIN):
                await self._idle.wait()
        except TimeoutError:
            _log.warning("%d requests were still being handled at the end", self._running)

    async def _act(self, act: Act, body: Body, ack: AsyncAck) -> None:
        try:
            await act(body, ack)
        except TemporaryError as error:
            _log.warning("not done yet, to be tried again: %s", error)
            return
        except PermanentError as error:
            _log.error("cannot be done: %s", error)
        if event_id := request_id(body):
            await self._inbox.done(event_id)
