"""Small things done beside the work: signs nobody waits for. They never hold up an alarm."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

PATIENCE = 5.0
"""Seconds that errands have to end when the front stops."""

_log = logging.getLogger(__name__)


class Errands:
    """Owns tasks: keeps a reference to each, logs the ones that fail, ends them on close."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def run(self, errand: Coroutine[Any, Any, Any]) -> None:
        """Begin an errand. A task of its own, because the listener that starts it ends before it does."""
        task = asyncio.create_task(errand, name="slack errand")
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def close(self) -> None:
        """Give what runs a little time, then cancel it."""
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=PATIENCE)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("an errand failed", exc_info=error)
