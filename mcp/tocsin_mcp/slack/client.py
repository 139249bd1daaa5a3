"""Slack's Web API as the tools ask it: reading methods only, errors already in words for the caller."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import (
    NotFound,
    Unavailable,
    rate_limited,
    refused_credentials,
)
from tocsin_mcp.kit.web import BodyTooLarge, Web, decoded, host_of

TOKEN, ADDRESS = "SLACK_BOT_TOKEN", "SLACK_API_URL"
DEFAULT_ADDRESS = "https://slack.com/api/"
TIMEOUT_SECONDS = 15.0
_READING = frozenset({"auth.test", "conversations.history", "conversations.replies", "users.info"})
_BAD_TOKEN = frozenset(
    {"not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired"}
)

Json = dict[str, Any]


class MissingScope(Unavailable):
    """The token lacks an OAuth scope."""


class Slack:
    """Opens its connections at the first call; may be used again after `close`.

    `timeout_seconds` bounds each request.
    """

    def __init__(
        self, environment: Environment, *, timeout_seconds: float = TIMEOUT_SECONDS
    ) -> None:
        self.environment = environment
        self._web = Web("Slack", ADDRESS, timeout_seconds=timeout_seconds)

    async def call(self, method: str, arguments: Mapping[str, str]) -> Json:
        """The answer of a reading method, which said `ok`.

        Raises NotFound, MissingScope, Unavailable, MissingSetting; ValueError for a method that could write.
        """
        if method not in _READING:
            raise ValueError(f"{method} is not one of the methods that only read")
        token = self.environment.require(TOKEN, "is the bot token that reads the thread")
        base = self._web.address(self.environment.get(ADDRESS, DEFAULT_ADDRESS), DEFAULT_ADDRESS)
        sent = {"Authorization": f"Bearer {token}"}
        try:
            answer = await self._web.ask(
                "POST", f"{base}/{method}", data=dict(arguments), headers=sent
            )
        except BodyTooLarge as error:
            raise Unavailable(
                "Slack's answer is too large to read. Ask for fewer messages."
            ) from error
        if answer.status == 429:
            raise rate_limited("Slack", answer.retry_after)
        return _checked(_parsed(answer.status, answer.body, host_of(base)), method)

    async def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        await self._web.close()


def _parsed(status: int, body: bytes, host: str) -> Json:
    if status >= 500:
        raise Unavailable(f"Slack failed ({status}). It may be down; go on without it.")
    try:
        answer = decoded(body)
    except (ValueError, RecursionError):
        answer = None
    if isinstance(answer, dict):
        return answer
    raise Unavailable(f"What answers at {host} is not Slack's API. {ADDRESS} may be wrong.")


def _checked(answer: Json, method: str) -> Json:
    if answer.get("ok") is True:
        return answer
    error = str(answer.get("error", "unknown_error"))[:80]
    if error in _BAD_TOKEN:
        raise refused_credentials("Slack", TOKEN)
    if error == "missing_scope":
        needed = str(answer.get("needed", "channels:history"))[:80]
        raise MissingScope(
            f"Slack refused {method}: the token in {TOKEN} lacks the scope {needed}. Add it to the app and install it "
            "again; calling again will not help."
        )
    if error in ("not_in_channel", "channel_not_found"):
        raise Unavailable(
            f"Slack says {error}: the bot is not a member of this channel. Invite it; calling again will not help."
        )
    if error in ("thread_not_found", "message_not_found"):
        raise NotFound("This thread is not there any more: its first message was deleted.")
    if error in ("ratelimited", "rate_limited"):
        raise rate_limited("Slack", None)
    raise Unavailable(f"Slack refused {method} ({error}). Go on without it.")
