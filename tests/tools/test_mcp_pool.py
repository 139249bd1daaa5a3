"""One session per server, shared, healed when it breaks; definitions come from the cache."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from bot.investigation.prompt import definitions
from bot.tools.allowed import Allowed
from bot.tools.definition_cache import MemoryDefinitionCache, RedisDefinitionCache
from bot.tools.mcp_pool import McpPool
from bot.tools.servers import ServerSpec
from bot.tools.toolset import ToolCall, ToolResult

SERVER = Path(__file__).with_name("sample_server.py")
STDIO = ServerSpec(name="sample", command=sys.executable, args=(str(SERVER),))
ODD = ServerSpec(
    name="odd", command=sys.executable, args=(str(SERVER.with_name("odd_server.py")),), allow=("*",)
)
GONE = ServerSpec(
    name="gone", command=sys.executable, args=("-c", "raise SystemExit('no such server')")
)


def _call(name: str, **arguments: Any) -> ToolCall:
    return ToolCall(id="t", label="c1", name=name, arguments=arguments)


async def _run(pool: McpPool, name: str, within: float = 20.0, **arguments: Any) -> ToolResult:
    return await pool.toolset({"tocsin/channel": "C1"}).call(
        _call(name, **arguments), within=within
    )


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[McpPool]:
    async with McpPool([STDIO], MemoryDefinitionCache(), logs=tmp_path) as opened:
        yield opened


async def test_twenty_calls_share_one_process_and_carry_the_scope(pool: McpPool) -> None:
    """Sessions are opened once, however many ask at the same moment."""
    results = await asyncio.gather(*(_run(pool, "sample_pid") for _ in range(20)))

    assert len({result.text for result in results}) == 1
    assert (await _run(pool, "sample_scope")).text == "C1"


async def test_what_a_tool_raises_is_a_result(pool: McpPool) -> None:
    """Errors are news for the model: no exception, no gap."""
    failed = await _run(pool, "sample_fails")
    unknown = await _run(pool, "sample_nothing")
    wrong = await _run(pool, "sample_echo", words="x")

    assert failed.is_error
    assert "no such thing" in failed.text
    assert not failed.gap
    assert unknown.is_error
    assert wrong.is_error


async def test_a_slow_tool_is_cut_off_and_the_session_goes_on(pool: McpPool) -> None:
    """The call has its own limit, and its failure is named as a gap."""
    await _run(pool, "sample_echo", text="warm")

    slow = await _run(pool, "sample_slow", within=0.3, seconds=30)

    assert slow.is_error
    assert "timed out" in slow.gap
    assert (await _run(pool, "sample_echo", text="still here")).text == "still here"


async def test_a_killed_server_is_started_again_for_the_next_call(pool: McpPool) -> None:
    """A read-only call on a dead session is repeated on a fresh one."""
    first = (await _run(pool, "sample_pid")).text
    os.kill(int(first), signal.SIGKILL)

    second = await _run(pool, "sample_pid")

    assert not second.is_error
    assert second.text != first


async def test_a_call_that_may_change_something_is_not_repeated(pool: McpPool) -> None:
    """The server died in the middle of it: nobody knows whether it was done."""
    await _run(pool, "sample_pid")

    result = await _run(pool, "sample_dies")

    assert result.is_error
    assert "'sample' is down" in result.gap


async def test_a_server_that_is_down_is_a_gap_and_the_others_work(tmp_path: Path) -> None:
    """The run goes on without it."""
    async with McpPool([GONE, STDIO], MemoryDefinitionCache(), logs=tmp_path) as pool:
        names = {tool.name for tool in await pool.definitions()}

        assert "sample_echo" in names
        assert not any(name.startswith("gone_") for name in names)
        assert ["'gone' is down" in gap for gap in pool.gaps()] == [True]


@pytest.fixture
async def odd() -> AsyncIterator[McpPool]:
    """A server with tools that no library would offer."""
    async with McpPool([ODD], MemoryDefinitionCache()) as opened:
        yield opened


async def test_a_definition_that_the_api_refuses_is_left_out_and_named(odd: McpPool) -> None:
    """In a prompt it would make every request of every investigation fail."""
    tools = await odd.definitions()

    assert {tool.remote_name for tool in tools} == {"good", "barred", "endless", "shapeless"}
    assert ["'wrong' of MCP server 'odd' cannot be offered" in gap for gap in odd.gaps()] == [True]
    said = json.dumps(definitions(tools), ensure_ascii=False)
    assert "Hidden" in said
    assert "\u200b" not in said


async def test_what_was_kept_back_is_a_gap(odd: McpPool) -> None:
    """Somebody did not permit it, or it was too long: the thread is told what could not be seen."""
    barred, endless = await _run(odd, "odd_barred"), await _run(odd, "odd_endless")

    assert barred.is_error
    assert barred.gap == "odd_barred: pods is forbidden: user x cannot list"
    assert not endless.is_error
    assert endless.text.endswith("… cut after 1,000,000 characters")
    assert "was cut" in endless.gap


async def test_an_answer_that_is_not_mcp_is_a_result(odd: McpPool) -> None:
    """The session goes on."""
    shapeless = await _run(odd, "odd_shapeless")

    assert shapeless.is_error
    assert "does not keep to MCP, content" in shapeless.text
    assert (await _run(odd, "odd_good")).text == "fine"


async def test_a_server_whose_tools_are_not_mcp_is_a_gap() -> None:
    """It counts as down, with the reason; nothing else suffers."""
    spec = ODD.model_copy(update={"args": (*ODD.args, "no MCP")})
    async with McpPool([spec], MemoryDefinitionCache()) as pool:
        assert await pool.definitions() == []
        assert "inputSchema.type" in pool.gaps()[0]


async def test_known_definitions_need_no_server(redis: Redis) -> None:
    """A second worker takes them from Redis; only the first has asked the server."""
    cache = RedisDefinitionCache(redis)
    async with McpPool([STDIO], cache) as first:
        known = await first.definitions()
    unreachable = STDIO.model_copy(update={"env": {"PYTHONHOME": "/nowhere"}})

    async with McpPool([unreachable], cache) as second:
        assert await second.definitions() == known
        assert (await _run(second, "sample_echo", text="x")).is_error


async def test_only_allowed_tools_are_shown_and_callable(pool: McpPool) -> None:
    """A wildcard opens read-only tools; one that may write needs its exact name."""
    allowed = Allowed(pool.toolset(), {"sample": ["*"]})
    named = Allowed(pool.toolset(), {"sample": ["echo", "writes"]})

    assert "sample_writes" not in {tool.name for tool in await allowed.tools()}
    assert (await allowed.call(_call("sample_writes", text="x"), within=5)).is_error
    assert {tool.name for tool in await named.tools()} == {"sample_echo", "sample_writes"}
    assert (await named.call(_call("sample_writes", text="x"), within=5)).text == "wrote x"


async def _listening(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def test_streamable_http_survives_a_restart_of_the_server(
    wait_until: Callable[..., Awaitable[None]],
) -> None:
    """Calls work, fail with a gap while the server is away, and work again when it is back."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    async def start() -> asyncio.subprocess.Process:
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(SERVER), "http", str(port), stderr=asyncio.subprocess.DEVNULL
        )
        await wait_until(lambda: _listening(port), within=20)
        return process

    server = await start()
    spec = ServerSpec(name="web", url=f"http://127.0.0.1:{port}/mcp")
    try:
        async with McpPool([spec], MemoryDefinitionCache()) as pool:
            assert (await _run(pool, "web_echo", text="one")).text == "one"
            server.kill()
            await server.wait()
            assert (await _run(pool, "web_echo", text="two")).is_error
            server = await start()

            async def answers() -> bool:
                return (await _run(pool, "web_echo", text="three")).text == "three"

            await wait_until(answers, within=20)
    finally:
        server.kill()
        await server.wait()
