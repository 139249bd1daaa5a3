"""When Slack refuses or fails, the caller learns why and what to do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.slack.client import Slack

from bot.simulators.slack import SlackSimulator

Call = Callable[..., Awaitable[Any]]
Meta = Callable[..., dict[str, str]]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("not_in_channel", "Invite it"),
        ("channel_not_found", "Invite it"),
        ("token_revoked", "SLACK_BOT_TOKEN is wrong or has expired"),
        ("missing_scope", "lacks the scope"),
        ("fatal_error", "Slack refused conversations.history (fatal_error)"),
        ("ratelimited", "rate limiting this token"),
    ],
)
async def test_refusals_are_told_in_words(
    call: Call, slack: SlackSimulator, meta: Meta, code: str, words: str
) -> None:
    """Each of Slack's codes that a person can act on says how."""
    slack.faults.error("conversations.history", code)
    got = await call("read_channel", meta=meta("#incidents"))
    assert got.is_error
    assert words in got.text


async def test_rate_limit_names_the_pause(call: Call, slack: SlackSimulator, meta: Meta) -> None:
    """429 tells after how many seconds Slack can be asked again."""
    slack.faults.rate_limit("conversations.history", retry_after=17)
    got = await call("read_channel", meta=meta("#incidents"))
    assert "it can be asked again in 17 s" in got.text


async def test_server_errors_and_lost_connections(
    call: Call, slack: SlackSimulator, meta: Meta
) -> None:
    """A 500 and a cut connection are told apart; the next call works again."""
    slack.faults.http_500("conversations.history")
    assert "Slack failed (500)" in (await call("read_channel", meta=meta("#incidents"))).text
    slack.faults.drop("conversations.history")
    assert "Cannot reach Slack" in (await call("read_channel", meta=meta("#incidents"))).text
    assert not (await call("read_channel", meta=meta("#incidents"))).is_error


async def test_deleted_thread(call: Call, slack: SlackSimulator, meta: Meta) -> None:
    """A thread whose root is gone is an error that says so."""
    got = await call("read_thread", meta=meta("#incidents", "1700000000.000001"))
    assert got.is_error
    assert "not there any more" in got.text


async def test_names_that_fail_do_not_fail_the_reading(
    call: Call, slack: SlackSimulator, meta: Meta
) -> None:
    """When a name cannot be had, the id stands in its place."""
    ts = await slack.post_as_user("#incidents", "hello")
    slack.faults.http_500("users.info")
    got = await call("read_thread", meta=meta("#incidents", ts))
    assert not got.is_error
    assert "hello" in got.text


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"SLACK_BOT_TOKEN": ""}, "SLACK_BOT_TOKEN is not set"),
        ({"SLACK_API_URL": "slack.com"}, "SLACK_API_URL is not a URL"),
    ],
)
async def test_unusable_settings_are_named(
    serving: Callable[..., Any], meta: Meta, settings: dict[str, str], words: str
) -> None:
    """The server starts without settings; its tools say which one is missing or wrong."""
    async with serving(**{"SLACK_BOT_TOKEN": "xoxb-1", **settings}) as call:
        got = await call("read_channel", meta=meta("#incidents"))
    assert got.is_error
    assert words in got.text
    assert "xoxb" not in got.text


@asynccontextmanager
async def answering(body: bytes, status: int = 200, **headers: str) -> AsyncIterator[str]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, headers=headers)

    app = web.Application()
    app.router.add_post("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/api"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"<html>hi</html>", 200, "is not Slack's API"),
        (b"[1]", 200, "is not Slack's API"),
        (b"[" * 100_000, 200, "is not Slack's API"),
        (b"", 302, "is not Slack's API"),
        (b"oops", 503, r"failed \(503\)"),
        (b" " * (9 * 1024 * 1024), 200, "too large"),
        (b"{}", 200, "unknown_error"),
    ],
)
async def test_hostile_answers_are_contained(body: bytes, status: int, words: str) -> None:
    """Whatever a server behind SLACK_API_URL sends, the outcome is one sentence."""
    async with answering(body, status, Location="http://127.0.0.1:9/steal") as address:
        client = Slack(Environment({"SLACK_BOT_TOKEN": "x", "SLACK_API_URL": address}))
        with pytest.raises(Unavailable, match=words):
            await client.call("auth.test", {})
        await client.close()
