"""How every part of the bot talks to Redis: one way to connect, one way to check, one way to fail.

Measured with redis-py 8: `Redis.from_url` has no retry of its own, and the default `socket_timeout` of 5 s breaks
every blocking read that waits longer, so both are set here.
"""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import Callable, Coroutine, Iterable
from functools import wraps
from typing import Any, ParamSpec, TypeVar, overload
from urllib.parse import urlsplit

from redis.asyncio import ConnectionPool, Redis
from redis.asyncio.connection import AbstractConnection, Connection
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import (
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    NoPermissionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,
    TryAgainError,
)

from bot.errors import ConfigurationError, TemporaryError

OLDEST = (6, 2)
"""Redis version that everything here is written for (XAUTOCLAIM, GETEX); Valkey starts at 7.2."""
READ_TIMEOUT = 5.0
CONNECT_TIMEOUT = 3.0
CHECK_TIMEOUT = 5.0
RETRIES = 6
"""With the backoff below about 2 s in all: rides out a restart of the server."""
CONNECTIONS = 50
"""Connections of one client at most. A burst of commands waits for a free one instead of failing."""
CONNECTION_WAIT = 10.0
"""Seconds a command waits for a free connection; then Redis counts as away."""

AWAY = (
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    TimeoutError,
    TryAgainError,
)
"""What redis-py raises when the server cannot serve now and may later."""
REFUSING = ("MISCONF", "NOREPLICAS", "BUSY")
"""First words of error replies, without a class of their own, that mean the same: a full disk, a lost replica."""

P = ParamSpec("P")
T = TypeVar("T")


class _Cancellable(AbstractConnection):
    """Writes without `asyncio.wait_for`, which in Python 3.11 may swallow the cancellation of who is writing."""

    async def send_packed_command(
        self, command: bytes | str | Iterable[bytes], check_health: bool = True
    ) -> None:
        limit, self.socket_timeout = self.socket_timeout, None
        try:
            async with asyncio.timeout(limit):
                await super().send_packed_command(command, check_health)
        except builtins.TimeoutError as error:
            raise TimeoutError("Timeout writing to socket") from error
        finally:
            self.socket_timeout = limit


class BoundedPool(ConnectionPool):
    """At most `connections` at a time; whoever comes then waits for one.

    redis-py's own blocking pool loses a connection for good when a command is cancelled while it is given back.
    """

    def __init__(self, *, connections: int = CONNECTIONS, **options: Any) -> None:
        chosen: type[AbstractConnection] = options.pop("connection_class", Connection)
        cancellable = type(f"Cancellable{chosen.__name__}", (_Cancellable, chosen), {})
        super().__init__(connection_class=cancellable, **options)
        self._turns = asyncio.Semaphore(connections)

    async def get_connection(
        self, command_name: object = None, *keys: object, **options: object
    ) -> AbstractConnection:
        """A connected connection. Raises redis-py's ConnectionError when none is free in time."""
        try:
            async with asyncio.timeout(CONNECTION_WAIT):
                await self._turns.acquire()
        except builtins.TimeoutError as error:
            raise ConnectionError("no connection is free") from error
        try:
            connection: AbstractConnection = self.get_available_connection()  # type: ignore[no-untyped-call] # redis-py gives it no types
        except BaseException:
            self._turns.release()
            raise
        try:
            await self.ensure_connection(connection)
        except BaseException:
            await self.release(connection)
            raise
        return connection

    async def release(self, connection: AbstractConnection) -> None:
        """Give a connection back, to its end even when the command that had it is cancelled."""
        try:
            await asyncio.shield(super().release(connection))
        finally:
            self._turns.release()


def connect(
    url: str, *, blocking: bool = False, retries: int = RETRIES, connections: int = CONNECTIONS
) -> Redis:
    """A client for `redis://`, `rediss://` and `unix://` addresses that decodes replies and retries lost connections.

    `blocking` is for clients that wait in XREAD and the like, for as long as they please. Never more than
    `connections` are open: whoever comes then waits for one. Nothing is sent yet. Raises ConfigurationError when the
    address cannot be read.
    """
    try:
        pool = BoundedPool.from_url(
            url,
            connections=connections,
            decode_responses=True,
            socket_timeout=None if blocking else READ_TIMEOUT,
            socket_connect_timeout=CONNECT_TIMEOUT,
            retry=Retry(ExponentialBackoff(cap=1, base=0.05), retries),
        )
    except ValueError as error:
        raise ConfigurationError(
            f"REDIS_URL is not an address of a Redis server: {error}"
        ) from error
    return Redis.from_pool(pool)


async def check(url: str) -> None:
    """Raise ConfigurationError, one line, when no usable Redis answers at this address within five seconds."""
    client = connect(url, retries=0)
    try:
        async with asyncio.timeout(CHECK_TIMEOUT):
            info = await client.info("server")
    except AuthenticationError as error:
        raise ConfigurationError(
            f"Redis at {place(url)} refuses the password of REDIS_URL"
        ) from error
    except NoPermissionError:
        return
    except ResponseError as error:
        raise ConfigurationError(f"no usable Redis answers at {place(url)}: {error}") from error
    except (RedisError, OSError, builtins.TimeoutError) as error:
        hint = "is it running, and is REDIS_URL right?"
        raise ConfigurationError(f"no Redis answers at {place(url)}: {hint}") from error
    finally:
        await client.aclose()
    version = str(info.get("redis_version", ""))
    if _number(version) < OLDEST:
        raise ConfigurationError(
            f"Redis at {place(url)} is version {version}; 6.2 or newer is needed"
        )


def place(url: str) -> str:
    """Where an address points, fit to be shown: without user and password."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return parts.path
    return parts.netloc.rpartition("@")[2] or url.partition("://")[0]


@overload
def text(reply: None) -> None: ...
@overload
def text(reply: bytes | str) -> str: ...
@overload
def text(reply: bytes | str | None) -> str | None: ...
def text(reply: bytes | str | None) -> str | None:
    """A reply as text: `connect` has them all decoded, which the client's types do not say."""
    return None if reply is None else str(reply)


def texts(replies: Iterable[object]) -> list[str]:
    """A list of replies as text."""
    return [str(reply) for reply in replies]


def translated(
    method: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, Coroutine[Any, Any, T]]:
    """Let a store's method raise TemporaryError when Redis is away, starting, full, or not to be written to."""

    @wraps(method)
    async def call(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except AWAY as error:
            raise _temporary(error) from error
        except ResponseError as error:
            if str(error).startswith(REFUSING):
                raise _temporary(error) from error
            raise

    return call


def _temporary(error: RedisError) -> TemporaryError:
    return TemporaryError(f"Redis cannot be used at the moment ({type(error).__name__})")


def _number(version: str) -> tuple[int, ...]:
    """`7.2.4` as numbers; a version that cannot be read is taken for new enough."""
    parts = version.split(".")[:2]
    return tuple(int(part) for part in parts) if all(p.isdecimal() for p in parts) else OLDEST
