"""How the tool servers are, from the workers to the home page."""

from __future__ import annotations

import asyncio

from redis.asyncio import Redis

from bot.tools.server_board import TTL, ServerBoard, ServerState, servers_key
from tests.conftest import wait_until

STATES = [ServerState(name="tocsin", tools=17), ServerState(name="metrics", down="it is down")]


async def test_each_worker_says_how_its_servers_are(redis: Redis) -> None:
    """What workers post is read back by worker, and forgotten when they are gone."""
    board = ServerBoard(redis)
    await board.post("a:1", STATES)
    await board.post("b:2", STATES[:1])
    assert await board.read() == {"a:1": STATES, "b:2": STATES[:1]}
    assert 0 < await redis.ttl(servers_key("a:1")) <= TTL
    await redis.delete(servers_key("a:1"))
    assert list(await board.read()) == ["b:2"]


async def test_what_another_version_wrote_is_left_out(redis: Redis) -> None:
    """A state that cannot be read does not hide the others."""
    board = ServerBoard(redis)
    await board.post("a:1", STATES)
    await board.post("b:2", STATES)
    await redis.set(servers_key("a:1"), "{}", ex=60)
    assert list(await board.read()) == ["b:2"]


async def test_a_worker_keeps_posting(redis: Redis) -> None:
    """The first report comes at once."""
    board = ServerBoard(redis)
    posting = asyncio.create_task(board.keep_posted("a:1", lambda: STATES))

    async def posted() -> bool:
        return bool(await board.read())

    await wait_until(posted)
    posting.cancel()
    await asyncio.gather(posting, return_exceptions=True)
