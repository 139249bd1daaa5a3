"""The Web API: three ways to fail, and no second attempt behind the caller's back."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.simulators.slack import SlackSimulator
from bot.slack.api import Api, SlackBusy, SlackRefused, SlackUnclear, open_api, proxy_for


async def test_a_refusal_names_code_and_reasons(slack: SlackSimulator, api: Api) -> None:
    """What Slack says is wrong is in the error's text."""
    with pytest.raises(SlackRefused, match="channel_not_found") as caught:
        await api.call("chat.postMessage", channel="C0", text="x")
    assert caught.value.code == "channel_not_found"
    slack.remove_scope("users:read")
    with pytest.raises(SlackRefused, match="needs scope users:read"):
        await api.call("users.info", user=slack.users["ada"].id)


async def test_a_limit_names_the_pause(slack: SlackSimulator, api: Api) -> None:
    """HTTP 429 with Retry-After, and the code that comes with HTTP 200."""
    slack.faults.rate_limit("auth.test", retry_after=12)
    with pytest.raises(SlackBusy) as caught:
        await api.call("auth.test")
    assert caught.value.retry_after == 12
    slack.faults.error("auth.test", "rate_limited")
    with pytest.raises(SlackBusy):
        await api.call("auth.test")


@pytest.mark.parametrize("fault", ["apply_then_reset", "drop", "http_500"])
async def test_a_lost_answer_is_unclear_and_not_repeated(
    slack: SlackSimulator, api: Api, fault: str
) -> None:
    """The SDK's own retry would post a second time."""
    channel = slack.channel("#incidents")
    getattr(slack.faults, fault)("chat.postMessage")
    with pytest.raises(SlackUnclear):
        await api.call("chat.postMessage", channel=channel, text="x")
    assert len(slack.messages("#incidents")) == (1 if fault == "apply_then_reset" else 0)


@pytest.fixture
async def odd() -> AsyncIterator[Api]:
    """Something that answers like a captive portal: each method with another kind of nonsense."""

    async def answer(request: web.Request) -> web.StreamResponse:
        match request.match_info["method"]:
            case "html":
                return web.Response(text="<html>Sign in</html>", content_type="text/html")
            case "text":
                return web.Response(text="OK")
            case "broken":
                return web.Response(text='{"ok": tru', content_type="application/json")
            case "list":
                return web.json_response([1, 2])
            case _:
                return web.json_response(None)

    app = web.Application()
    app.router.add_post("/api/{method}", answer)
    async with TestServer(app) as server, open_api("xoxb-1", str(server.make_url("/api/"))) as api:
        yield api


@pytest.mark.parametrize("method", ["html", "text", "broken", "list", "null"])
async def test_nonsense_is_unclear(odd: Api, method: str) -> None:
    """Whatever is not Slack's JSON proves nothing about what was done."""
    with pytest.raises(SlackUnclear):
        await odd.call(method)


async def test_slowness_is_unclear(slack: SlackSimulator) -> None:
    """Every call has a limit."""
    slack.faults.latency("auth.test", 5)
    async with open_api(slack.bot_token, slack.api_url, seconds=0.2) as api:
        with pytest.raises(SlackUnclear, match="too long"):
            await api.call("auth.test")


def test_proxies_follow_the_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment's proxy, but not for this machine and not for hosts in NO_PROXY."""
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.acme.example:3128")
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.acme.example:3128")
    monkeypatch.setenv("NO_PROXY", "slack.acme.example")
    assert proxy_for("https://slack.com/api/") == "http://proxy.acme.example:3128"
    assert proxy_for("wss://wss-primary.slack.com/link/") == "http://proxy.acme.example:3128"
    assert proxy_for("http://127.0.0.1:8123/api/") is None
    assert proxy_for("http://localhost:8123/api/") is None
    assert proxy_for("https://slack.acme.example/api/") is None
