"""One thread and its channel can be read, and no other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastmcp import Client
from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.server import new_server
from tocsin_mcp.slack.client import Slack
from tocsin_mcp.slack.server import build

from bot.simulators.slack import SlackSimulator

Call = Callable[..., Awaitable[Any]]


async def test_no_argument_names_a_channel(slack: SlackSimulator) -> None:
    """The tools' arguments are counts and times; one that is not declared is refused."""
    server = build(Environment({"SLACK_API_URL": slack.api_url}))
    tools = {tool.name: tool for tool in await server.list_tools()}
    assert set(tools) == {"read_thread", "read_channel"}
    assert set(tools["read_thread"].parameters["properties"]) == {"limit"}
    assert set(tools["read_channel"].parameters["properties"]) == {"limit", "since"}
    assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools.values())
    assert slack.calls() == []


async def test_undeclared_argument_reads_nothing_else(
    call: Call, slack: SlackSimulator, meta: Callable[..., dict[str, str]]
) -> None:
    """A model that invents a channel argument is refused, and that channel is never asked for."""
    slack.add_channel("secret")
    slack.invite_bot("#secret")
    await slack.post_as_user("#secret", "the merger is on Friday")
    got = await call("read_channel", channel=slack.channel("#secret"), meta=meta("#incidents"))
    assert got.is_error
    assert "`channel`: Unexpected keyword argument" in got.text
    assert slack.calls() == []


async def test_call_meta_wins_over_the_environment(
    slack: SlackSimulator, serving: Callable[..., Any], meta: Callable[..., dict[str, str]]
) -> None:
    """The environment counts only when the call names no channel, and never lends its thread to another channel."""
    slack.add_channel("team")
    slack.invite_bot("#team")
    ts = await slack.post_as_user("#team", "root of the team's thread")
    await slack.post_as_user("#incidents", "in incidents")
    settings = {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_API_URL": slack.api_url,
        "TOCSIN_SLACK_CHANNEL": slack.channel("#team"),
        "TOCSIN_SLACK_THREAD_TS": ts,
    }
    async with serving(**settings) as call:
        assert "root of the team's thread" in (await call("read_thread")).text
        assert "in incidents" in (await call("read_channel", meta=meta("#incidents"))).text
        other = await call("read_thread", meta=meta("#incidents"))
        assert "There is no thread" in other.text


async def test_without_a_scope_nothing_is_read(call: Call, slack: SlackSimulator) -> None:
    """A call that names no channel is refused before anything is asked."""
    got = await call("read_channel")
    assert got.is_error
    assert "tocsin/channel" in got.text
    assert "TOCSIN_SLACK_CHANNEL" in got.text
    assert slack.calls() == []


@pytest.mark.parametrize(
    "scope",
    [
        {"tocsin/channel": "#incidents"},
        {"tocsin/channel": "C1&ts=1"},
        {"tocsin/channel": ["C0123456"]},
        {"tocsin/channel": "C0123456789", "tocsin/thread_ts": "../1"},
        {"tocsin/channel": "C0123456789", "tocsin/thread_ts": 17},
    ],
)
async def test_scope_must_be_ids(call: Call, slack: SlackSimulator, scope: dict[str, Any]) -> None:
    """What is no id is not sent to Slack."""
    got = await call("read_thread", meta=scope)
    assert got.is_error
    assert "not an id" in got.text
    assert slack.calls() == []


async def test_scope_reaches_a_mounted_server(
    slack: SlackSimulator, meta: Callable[..., dict[str, str]]
) -> None:
    """Served together with others, under a prefix, the call's scope arrives as well."""
    together = new_server("together", "all")
    settings = {"SLACK_BOT_TOKEN": slack.bot_token, "SLACK_API_URL": slack.api_url}
    together.mount(build(Environment(settings)), namespace="slack")
    ts = await slack.post_as_user("#incidents", "hello there")
    async with Client(together) as client:
        answer = await client.call_tool("slack_read_thread", {}, meta=meta("#incidents", ts))
    assert "hello there" in str(answer.content)


async def test_only_reading_methods_can_be_called(slack: SlackSimulator) -> None:
    """The client refuses every method that could write, whoever asks."""
    client = Slack(Environment({"SLACK_BOT_TOKEN": "x", "SLACK_API_URL": slack.api_url}))
    with pytest.raises(ValueError, match="only read"):
        await client.call("chat.postMessage", {"channel": "C1", "text": "hi"})
    assert slack.calls() == []
