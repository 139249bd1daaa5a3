"""Working on a lease: it is renewed while the work goes on, and the work is cut off once somebody else owns it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, NoReturn, TypeVar

from bot.errors import TemporaryError
from bot.incidents.incident import Lease
from bot.incidents.work.store import WorkStore

RENEWALS = 4
"""Renewals within the life of a lease."""

T = TypeVar("T")

logger = logging.getLogger(__name__)


async def held(store: WorkStore, lease: Lease, work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, done as the owner of `lease`. Raises Superseded, after `work` was cancelled, and whatever
    `work` raises."""
    job = asyncio.create_task(work, name=f"{lease.incident_id} {lease.slot}")
    heart = asyncio.create_task(_renew(store, lease), name=f"{lease.incident_id} lease")
    try:
        await asyncio.wait({job, heart}, return_when=asyncio.FIRST_COMPLETED)
        if not job.done():
            heart.result()
        return await job
    finally:
        job.cancel()
        heart.cancel()
        await asyncio.gather(job, heart, return_exceptions=True)


async def _renew(store: WorkStore, lease: Lease) -> NoReturn:
    while True:
        await asyncio.sleep(store.lease_seconds / RENEWALS)
        try:
            await store.renew(lease)
        except TemporaryError as error:
            logger.warning("lease not renewed: %s", error)
