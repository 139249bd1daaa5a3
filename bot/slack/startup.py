"""The checks before the first connection, so that a wrong token is one clear line and not a silent retry loop.

slack_sdk's Socket Mode client never gives up on a bad app token, and bolt answers events with an apology when the bot
token is bad; so both are tried here, once, within seconds.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from bot.errors import ConfigurationError, TemporaryError
from bot.slack.api import Api, SlackRefused, open_api
from bot.slack.scopes import REQUIRED_SCOPES

LIMIT = 10.0
"""Seconds for all checks together."""

_APP_TOKEN_HELP = (
    'make one under "Basic Information" → "App-Level Tokens" with the scope connections:write'
)
_BOT_TOKEN_HELP = 'copy the "Bot User OAuth Token" from "OAuth & Permissions"'


class Identity(NamedTuple):
    """Who the bot is in its workspace."""

    team: str
    user: str
    bot: str
    scopes: frozenset[str]
    workspace: str = ""
    """The workspace's own address, with a slash at the end."""


async def check(bot_token: str, app_token: str, base_url: str) -> Identity:
    """Try both tokens. Raises ConfigurationError in one line that says what to do."""
    _require("SLACK_BOT_TOKEN", bot_token, "xoxb-", _BOT_TOKEN_HELP)
    _require("SLACK_APP_TOKEN", app_token, "xapp-", _APP_TOKEN_HELP)
    try:
        async with asyncio.timeout(LIMIT):
            async with open_api(bot_token, base_url) as api:
                identity = await _who_am_i(api)
            async with open_api(app_token, base_url) as api:
                await _may_connect(api)
    except TimeoutError as error:
        raise ConfigurationError(
            f"Slack cannot be reached at {base_url}: no answer within {LIMIT:.0f} s."
        ) from error
    except TemporaryError as error:
        raise ConfigurationError(f"Slack cannot be reached at {base_url}: {error}.") from error
    return identity


def _require(setting: str, token: str, prefix: str, remedy: str) -> None:
    if not token.strip():
        raise ConfigurationError(f"{setting} is not set: {remedy}.")
    if not token.strip().startswith(prefix):
        raise ConfigurationError(f"{setting} does not begin with {prefix}: {remedy}.")


async def _who_am_i(api: Api) -> Identity:
    try:
        answer, headers = await api.call_with_headers("auth.test")
    except SlackRefused as refused:
        raise ConfigurationError(
            f"Slack refuses SLACK_BOT_TOKEN ({refused.code}): {_BOT_TOKEN_HELP}."
        ) from refused
    granted = frozenset(part.strip() for part in headers.get("x-oauth-scopes", "").split(","))
    missing = sorted(REQUIRED_SCOPES.keys() - granted)
    if missing and granted != {""}:
        raise ConfigurationError(
            f"The Slack app lacks {'the scope' if len(missing) == 1 else 'the scopes'} "
            f"{', '.join(missing)}: add them as manifest.yml has them, and reinstall the app."
        )
    return Identity(
        team=str(answer["team_id"]),
        user=str(answer["user_id"]),
        bot=str(answer.get("bot_id", "")),
        scopes=granted,
        workspace=str(answer.get("url") or ""),
    )


async def _may_connect(api: Api) -> None:
    try:
        await api.call("apps.connections.open")
    except SlackRefused as refused:
        raise ConfigurationError(
            f"Slack refuses SLACK_APP_TOKEN ({refused.code}): {_APP_TOKEN_HELP}, "
            "and switch Socket Mode on."
        ) from refused
