"""Whatever is sent to any method, the answer is JSON with `ok`, never a broken server."""

from __future__ import annotations

import inspect
import sys
from typing import Any

import aiohttp
import pytest

from bot.simulators.slack import SlackSimulator
from bot.simulators.slack.api import METHODS
from bot.simulators.slack.methods import catalog, content

NAMES = (
    "attachments blocks channel channel_id chunks document_content files length limit loading_messages message metadata "
    "name oldest prompts status text thread_ts timestamp trigger_id ts user users view view_id changes canvas_id cursor"
)
ODD: tuple[Any, ...] = (
    [],
    {},
    [1],
    [{}],
    [None],
    {"type": "modal", "blocks": [[]]},
    "x",
    "[1]",
    '{"a":[{}]}',
    7,
    True,
    None,
    -1.5,
)


BODIES = {
    "not-utf-8": (b'{"text": "\xff"}', "application/json", "invalid_json"),
    "no-encoding": (b'{"limit": 1}', "application/json; charset=none", ""),
    "deep": (b"[" * 100_000, "application/json", "invalid_json"),
    "not-a-number": (b'{"limit": NaN}', "application/json", "invalid_json"),
    "infinite": (b'{"limit": 1e999}', "application/json", "invalid_json"),
    "huge": (b'{"limit": ' + b"1" * 5_000 + b"}", "application/json", "invalid_json"),
    "no-boundary": (b"x", "multipart/form-data", "invalid_form_data"),
    "no-form": (b"--x\r\nfoo", "multipart/form-data; boundary=x", "invalid_form_data"),
    "limit": (b'{"limit": -1}', "application/json", "invalid_limit"),
    "cursor": (b'{"cursor": "b2Zmc2V0Oi0y"}', "application/json", "invalid_cursor"),
}


@pytest.mark.parametrize("name", BODIES)
async def test_odd_bodies_are_refused(
    slack: SlackSimulator, session: aiohttp.ClientSession, name: str
) -> None:
    """Bytes that are no arguments answer Slack's code, at the Web API and the control API."""
    body, kind, error = BODIES[name]
    headers = {"Authorization": f"Bearer {slack.bot_token}", "Content-Type": kind}
    url = f"{slack.api_url}conversations.list"
    async with session.post(url, data=body, headers=headers) as response:
        assert (response.status, (await response.json()).get("error", "")) == (200, error)
    async with session.post(f"{slack.url}/_emu/advance", data=body, headers=headers) as response:
        assert response.status == 400


def named(method: str) -> list[str]:
    """The arguments that the method's module, or what all modules share about content, speaks of."""
    source = inspect.getsource(sys.modules[METHODS[method].handler.__module__])
    source += inspect.getsource(catalog) + (
        inspect.getsource(content) if "content import" in source else ""
    )
    return [name for name in NAMES.split() if f'"{name}"' in source]


@pytest.mark.parametrize("method", sorted(METHODS))
async def test_odd_arguments_are_refused_or_served(
    method: str, session: aiohttp.ClientSession
) -> None:
    """Each argument takes odd values while the others point at real things."""
    async with SlackSimulator(strict_rate_limits=False) as slack:
        channel, user = slack.channel("general"), slack.users["ada"].id
        ts = await slack.post_as_user(channel, "x")
        given: dict[str, Any] = {
            "channel": channel,
            "channel_id": channel,
            "user": user,
            "user_id": user,
            "users": user,
            "ts": ts,
            "timestamp": ts,
            "message_ts": ts,
            "thread_ts": ts,
            "text": "x",
            "name": "eyes",
            "status": "active",
            "filename": "a.txt",
            "title": "t",
            "type": "link",
            "link": "https://e.com",
            "recipient_user_id": user,
            "recipient_team_id": slack.team_id,
        }
        token = slack.app_token if METHODS[method].token == "app" else slack.bot_token
        headers = {"Authorization": f"Bearer {token}"}
        for name in named(method):
            for value in ODD:
                arguments = {**given, name: value}
                async with session.post(
                    slack.api_url + method, json=arguments, headers=headers
                ) as response:
                    assert response.status == 200, (name, value)
                    assert isinstance((await response.json())["ok"], bool)
