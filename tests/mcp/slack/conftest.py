"""The Slack server between a real MCP client and a simulated workspace."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from fastmcp import Client
from mcp_types import TextContent
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.slack.server import build

from bot.simulators.slack import SlackSimulator


@dataclass(frozen=True)
class Result:
    """One tool call's outcome: its single text and whether it is an error."""

    text: str
    is_error: bool


Call = Callable[..., Awaitable[Result]]


@asynccontextmanager
async def serving(**settings: str) -> AsyncIterator[Call]:
    """`await call("read_thread", meta={…}, limit=…)` against a server with these settings."""
    async with Client(build(Environment(settings))) as client:

        async def call(
            tool: str, *, meta: dict[str, Any] | None = None, **arguments: Any
        ) -> Result:
            answer = await client.call_tool(tool, arguments, meta=meta, raise_on_error=False)
            [block] = answer.content
            assert isinstance(block, TextContent)
            return Result(block.text, answer.is_error)

        yield call


@pytest.fixture(name="serving")
def serving_fixture() -> Callable[..., Any]:
    """`async with serving(SLACK_BOT_TOKEN=…) as call`: a server with settings of the test's own."""
    return serving


@pytest.fixture
async def slack() -> AsyncIterator[SlackSimulator]:
    """A workspace with the bot in #incidents."""
    async with SlackSimulator() as simulator:
        simulator.invite_bot("#incidents")
        yield simulator


@pytest.fixture
async def call(slack: SlackSimulator) -> AsyncIterator[Call]:
    """`await call(tool, meta={…})` with the bot's token."""
    async with serving(SLACK_BOT_TOKEN=slack.bot_token, SLACK_API_URL=slack.api_url) as made:
        yield made


@pytest.fixture
def meta(slack: SlackSimulator) -> Callable[..., dict[str, str]]:
    """`meta("#incidents", ts)`: what the bot puts into `_meta`."""

    def make(channel: str, thread_ts: str = "") -> dict[str, str]:
        return {"tocsin/channel": slack.channel(channel), "tocsin/thread_ts": thread_ts}

    return make
