"""Redis: a server of our own when none is configured, and how every part of the bot talks to one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import (
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    TimeoutError,
    TryAgainError,
)

from bot.errors import TemporaryError

P = ParamSpec("P")
T = TypeVar("T")


def connect(url: str) -> Redis:
    return Redis.from_url(url, decode_responses=True, retry=Retry(ExponentialBackoff(cap=1, base=0.05), 6))


def translated(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    @wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except (ConnectionError, TimeoutError) as error:
            raise TemporaryError(f"Redis: {error}") from error

    return call
