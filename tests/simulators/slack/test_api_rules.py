"""The checks that all Web API methods share, in Slack's order, and the shape of refusals."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.simulators.slack import SlackSimulator


async def _call(
    slack: SlackSimulator, session: aiohttp.ClientSession, method: str, token: str = "", **args: Any
) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(slack.api_url + method, json=args, headers=headers) as response:
        assert response.status == 200
        body: dict[str, Any] = await response.json()
        return body


async def _refusal(call: Any) -> dict[str, Any]:
    with pytest.raises(SlackApiError) as caught:
        await call
    body: dict[str, Any] = caught.value.response.data
    return body


async def test_auth_test_names_the_bot(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """auth.test answers user_id and bot_id, and the headers list the scopes."""
    answer = await client.auth_test()
    assert answer["user_id"] == slack.bot_user_id
    assert answer["bot_id"] == slack.bot_id
    assert answer["team"] == "Tocsin Demo"
    assert "chat:write" in answer.headers["x-oauth-scopes"].split(",")


@pytest.mark.parametrize(
    ("method", "token", "error"),
    [
        pytest.param("auth.test", "", "not_authed", id="no-token"),
        pytest.param("api.test", "", None, id="no-token-needed"),
        pytest.param("auth.test", "xoxb-wrong", "invalid_auth", id="unknown-token"),
        pytest.param("apps.connections.open", "bot", "not_allowed_token_type", id="bot-token"),
        pytest.param("auth.test", "app", "not_allowed_token_type", id="app-token"),
        pytest.param("chat.nonsense", "bot", "unknown_method", id="unknown-method"),
    ],
)
async def test_token_and_method_checks(
    slack: SlackSimulator,
    session: aiohttp.ClientSession,
    method: str,
    token: str,
    error: str | None,
) -> None:
    """A call fails on its token first, then on its method."""
    token = {"bot": slack.bot_token, "app": slack.app_token}.get(token, token)
    assert (await _call(slack, session, method, token)).get("error") == error


async def test_missing_scope_names_what_is_needed(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """After a scope was taken away the method refuses, and says which scope it needs."""
    slack.remove_scope("reactions:write")
    ts = await slack.post_as_user("#general", "hello")
    body = await _refusal(
        client.reactions_add(channel=slack.channel("general"), timestamp=ts, name="eyes")
    )
    assert body["error"] == "missing_scope"
    assert body["needed"] == "reactions:write"
    assert "chat:write" in body["provided"]


async def test_missing_argument(slack: SlackSimulator, session: aiohttp.ClientSession) -> None:
    """A required argument that is not there is invalid_arguments with a message."""
    body = await _call(slack, session, "conversations.info", slack.bot_token)
    assert body["error"] == "invalid_arguments"
    assert body["response_metadata"]["messages"] == ["[ERROR] missing required field: channel"]


async def test_revoked_token(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """After auth.revoke every call is token_revoked."""
    await client.auth_revoke()
    assert (await _refusal(client.auth_test()))["error"] == "token_revoked"


async def test_arguments_come_from_query_form_and_json(
    slack: SlackSimulator, session: aiohttp.ClientSession
) -> None:
    """The same call works with its arguments in any of the three places."""
    url, args = slack.api_url + "conversations.info", {"channel": slack.channel("general")}
    headers = {"Authorization": f"Bearer {slack.bot_token}"}
    requests = (
        session.post(url, headers=headers, params=args),
        session.post(url, headers=headers, data=args),
        session.post(url, headers=headers, json=args),
    )
    for request in requests:
        async with request as response:
            assert (await response.json())["channel"]["name"] == "general"


async def test_calls_are_logged_without_the_token(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """The log holds method, arguments, answer and caller, and no token."""
    await client.conversations_info(channel=slack.channel("general"))
    (call,) = slack.calls("conversations.info")
    assert call.ok
    assert call.app == "tocsin"
    assert call.args == {"channel": slack.channel("general")}


async def test_rate_limit_answers_429_with_retry_after(
    slack: SlackSimulator, client: AsyncWebClient
) -> None:
    """The fifth post into one channel within a second is refused; after the wait it works."""
    channel = slack.channel("general")
    for number in range(4):
        await client.chat_postMessage(channel=channel, text=str(number))
    with pytest.raises(SlackApiError) as caught:
        await client.chat_postMessage(channel=channel, text="too fast")
    assert caught.value.response.status_code == 429
    assert caught.value.response.data == {"ok": False, "error": "ratelimited"}
    assert caught.value.response.headers["Retry-After"] == "1"
    slack.advance(1)
    await client.chat_postMessage(channel=channel, text="now")


async def test_method_tier_limits_edits(slack: SlackSimulator, client: AsyncWebClient) -> None:
    """chat.update is tier 3: a burst of twelve, then 429."""
    channel = slack.channel("general")
    ts = (await client.chat_postMessage(channel=channel, text="0"))["ts"]
    for number in range(12):
        await client.chat_update(channel=channel, ts=ts, text=str(number))
    assert (await _refusal(client.chat_update(channel=channel, ts=ts, text="13")))[
        "error"
    ] == "ratelimited"


async def test_rate_limits_can_be_switched_off() -> None:
    """Without strict_rate_limits nothing is ever refused for speed."""
    async with SlackSimulator(strict_rate_limits=False) as slack:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])
        for number in range(20):
            await client.chat_postMessage(channel=slack.channel("general"), text=str(number))
        assert len(slack.messages("#general")) == 20
