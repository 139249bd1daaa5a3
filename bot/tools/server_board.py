"""How the tool servers of each worker are, for people to see.

`tocsin:servers:<worker>` (string, JSON) is there while the worker is alive; `tocsin:workers` (sorted set) names the
workers by when they last reported.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

import structlog
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError
from redis.asyncio import Redis

from bot.errors import TemporaryError
from bot.redis_client import text, texts, translated

log = structlog.get_logger(__name__)

TTL = 90
REFRESH = 20.0
"""Seconds between two reports of a worker."""
_WORKERS = "tocsin:workers"


class ServerState(BaseModel):
    """One server as one worker sees it."""

    model_config = ConfigDict(frozen=True)

    name: str
    tools: int = 0
    """How many tools are known of it."""
    down: str = ""
    """Why it cannot be used now; empty when it can, as far as known."""


_STATES = TypeAdapter(list[ServerState])


class ServerBoard:
    """Written by workers, read by the front. Raises TemporaryError when Redis is not there."""

    def __init__(self, redis: Redis, clock: Callable[[], float] = time.time) -> None:
        self._redis = redis
        self._clock = clock

    @translated
    async def post(self, worker: str, states: Sequence[ServerState]) -> None:
        """What this worker sees now; forgotten after TTL."""
        shown = _STATES.dump_json(list(states)).decode()
        await self._redis.set(servers_key(worker), shown, ex=TTL)
        await self._redis.zadd(_WORKERS, {worker: self._clock()})
        await self._redis.zremrangebyscore(_WORKERS, 0, self._clock() - 10 * TTL)
        await self._redis.expire(_WORKERS, 10 * TTL)

    async def keep_posted(self, worker: str, states: Callable[[], Sequence[ServerState]]) -> None:
        """Post what `states` gives, again and again until cancelled."""
        while True:
            try:
                await self.post(worker, states())
            except TemporaryError as error:
                log.info("the state of the tool servers is not shown", reason=str(error))
            await asyncio.sleep(REFRESH)

    @translated
    async def read(self) -> dict[str, list[ServerState]]:
        """Worker to its servers, of the workers that are alive."""
        found: dict[str, list[ServerState]] = {}
        for worker in texts(await self._redis.zrange(_WORKERS, 0, -1)):
            shown = text(await self._redis.get(servers_key(worker)))
            if shown is None:
                continue
            try:
                found[worker] = _STATES.validate_json(shown)
            except ValidationError:  # a worker of another version
                continue
        return found


def servers_key(worker: str) -> str:
    return f"tocsin:servers:{worker}"
