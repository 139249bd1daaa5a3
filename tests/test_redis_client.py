"""Talking to Redis: what is said when it is not there, and what waits for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from redis.asyncio import Redis
from redis.exceptions import OutOfMemoryError, ReadOnlyError, ResponseError

from bot.errors import ConfigurationError, TemporaryError
from bot.redis_client import check, connect, place, translated

_GIVEN_UP_AFTER = 30
"""Seconds. The limit is five; a busy machine adds to it, and a client that tries on for ever does not end by then."""


@asynccontextmanager
async def server_that_says(reply: bytes, **replies: bytes) -> AsyncIterator[str]:
    """Answers each command named with its own bytes and all others with `reply`; empty: never."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while header := await reader.readline():
            words = []
            for _ in range(int(header[1:])):
                size = int((await reader.readline())[1:])
                words.append((await reader.readexactly(size + 2))[:-2].decode())
            writer.write(replies.get(words[0], reply))
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    try:
        yield f"redis://user:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    finally:
        server.close()


async def test_a_good_server_passes(redis_url: str) -> None:
    """A server that answers and is new enough raises nothing."""
    await check(redis_url)


async def test_nobody_listening_is_one_clear_line() -> None:
    """Within five seconds: one line that names the place, the setting to look at, and no password."""
    started = time.monotonic()
    with pytest.raises(ConfigurationError) as caught:
        await check("redis://user:secret@127.0.0.1:1/0")
    assert time.monotonic() - started < _GIVEN_UP_AFTER
    text = str(caught.value)
    assert "127.0.0.1:1" in text
    assert "REDIS_URL" in text
    assert "secret" not in text
    assert "\n" not in text


async def test_a_server_that_never_answers_is_given_up() -> None:
    """A connection that is accepted and then silent ends within five seconds."""
    started = time.monotonic()
    async with server_that_says(b"") as url:
        with pytest.raises(ConfigurationError, match="no Redis answers at 127"):
            await check(url)
    assert time.monotonic() - started < _GIVEN_UP_AFTER


async def test_a_wrong_password_is_named() -> None:
    """A refused password is told apart from a server that is not there."""
    async with server_that_says(b"-WRONGPASS invalid username-password pair\r\n") as url:
        with pytest.raises(ConfigurationError, match="refuses the password"):
            await check(url)


async def test_an_old_server_is_named() -> None:
    """Commands that it lacks would fail much later and less clearly."""
    info = b"# Server\r\nredis_version:6.0.16\r\n"
    replies = {"HELLO": b"%1\r\n+proto\r\n:3\r\n", "INFO": b"$%d\r\n%s\r\n" % (len(info), info)}
    async with server_that_says(b"+OK\r\n", **replies) as url:
        with pytest.raises(ConfigurationError, match=r"is version 6\.0\.16; 6\.2 or newer"):
            await check(url)


async def test_a_server_that_refuses_everything_is_named() -> None:
    """What is no Redis, or one too old to be talked to, is told apart from silence."""
    async with server_that_says(b"-ERR unknown command 'HELLO'\r\n") as url:
        with pytest.raises(ConfigurationError, match="no usable Redis answers at 127"):
            await check(url)


async def test_a_server_that_hides_its_version_passes() -> None:
    """Managed servers may forbid INFO; that says nothing against them."""
    replies = {"HELLO": b"%1\r\n+proto\r\n:3\r\n", "INFO": b"-NOPERM no permissions\r\n"}
    async with server_that_says(b"+OK\r\n", **replies) as url:
        await check(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1", "localhost:6379", ""])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    """A scheme that Redis does not know is an error of the configuration."""
    with pytest.raises(ConfigurationError, match="REDIS_URL"):
        _ = connect(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("redis://user:secret@db.example:6379/1", "db.example:6379"),
        ("rediss://:secret@db.example", "db.example"),
        ("unix:///run/tocsin/redis.sock?db=0", "/run/tocsin/redis.sock"),
    ],
)
def test_a_place_is_shown_without_secrets(url: str, shown: str) -> None:
    """Host and port, or the path of the socket: never user and password."""
    assert place(url) == shown


async def test_a_blocking_client_waits_as_long_as_it_likes(redis_url: str) -> None:
    """The default client gives up on a silent server; one for blocking reads does not."""
    patient, hasty = connect(redis_url, blocking=True), connect(redis_url)
    assert patient.connection_pool.connection_kwargs["socket_timeout"] is None
    assert hasty.connection_pool.connection_kwargs["socket_timeout"] == 5.0
    await patient.aclose()
    await hasty.aclose()


@pytest.mark.parametrize(
    "error",
    [
        OutOfMemoryError("command not allowed when used memory > 'maxmemory'"),
        ReadOnlyError("You can't write against a read only replica."),
        ResponseError(
            "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to"
        ),
    ],
)
async def test_a_server_that_cannot_write_is_temporary(error: Exception) -> None:
    """A full memory, a replica, a full disk: come back later."""

    @translated
    async def write() -> None:
        raise error

    with pytest.raises(TemporaryError, match="Redis"):
        await write()


async def test_a_wrong_command_is_a_bug(redis: Redis) -> None:
    """An error that waiting does not cure is not dressed up as one that it does."""

    @translated
    async def misuse() -> None:
        await redis.set("text", "x", ex=60)
        await redis.lpush("text", "y")

    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await misuse()


async def test_a_burst_waits_for_a_connection(redis_url: str) -> None:
    """Many commands at the same moment share the connections there are; none of them fails."""
    client = connect(redis_url, connections=3)
    counted = await asyncio.gather(*(client.incr("burst") for _ in range(400)))
    clients = [each for each in await client.client_list() if each["cmd"] != "hello"]
    await client.aclose()
    assert sorted(counted) == list(range(1, 401))
    assert len(clients) <= 3


async def test_cancelled_commands_leave_the_pool_whole(redis_url: str) -> None:
    """Commands that are cut off, whenever that happens, take no connection with them."""
    client = connect(redis_url, connections=2)
    for turns in range(60):
        tasks = [asyncio.ensure_future(client.get("key")) for _ in range(6)]
        for _ in range(turns % 12):
            await turn()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(30):
        await asyncio.gather(*(client.set("key", n) for n in range(20)))
    await client.aclose()


async def turn() -> None:
    """Let everything run that can run now, once."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    loop.call_soon(done.set_result, None)
    await done


async def test_a_cancellation_is_never_swallowed(redis_url: str) -> None:
    """Whoever polls Redis ends when it is cancelled, at whatever moment that is."""
    async with connect(redis_url) as client:

        async def poll() -> None:
            while True:
                await client.get("nothing")

        for ticks in range(300):
            task = asyncio.create_task(poll())
            moment = asyncio.get_running_loop().create_future()
            asyncio.get_running_loop().call_later(ticks % 30 / 20_000, moment.set_result, None)
            await moment
            task.cancel()
            await asyncio.wait({task}, timeout=30)
            assert task.cancelled()
