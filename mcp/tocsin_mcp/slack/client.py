"""Slack's Web API as the tools ask it: reading methods only, errors already in words for the caller."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from tocsin_mcp.kit.environment import Environment, MissingSetting
from tocsin_mcp.kit.errors import (
    NotFound,
    Unavailable,
    rate_limited,
    refused_credentials,
    timed_out,
    unreachable,
)

TOKEN, ADDRESS = "SLACK_BOT_TOKEN", "SLACK_API_URL"
DEFAULT_ADDRESS = "https://slack.com/api/"
TIMEOUT_SECONDS = 15.0
_CONNECT_SECONDS = 5.0
_LARGEST_BODY = 8 * 1024 * 1024
_READING = frozenset({"auth.test", "conversations.history", "conversations.replies", "users.info"})
_BAD_TOKEN = frozenset(
    {"not_authed", "invalid_auth", "account_inactive", "token_revoked", "token_expired"}
)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")

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
        self._timeout = timeout_seconds
        self._session: aiohttp.ClientSession | None = None

    async def call(self, method: str, arguments: Mapping[str, str]) -> Json:
        """The answer of a reading method, which said `ok`.

        Raises NotFound, MissingScope, Unavailable, MissingSetting; ValueError for a method that could write.
        """
        if method not in _READING:
            raise ValueError(f"{method} is not one of the methods that only read")
        token = self.environment.require(TOKEN, "is the bot token that reads the thread")
        address, host = self._address()
        try:
            status, headers, body = await self._post(address + method, token, arguments)
        except TimeoutError as error:
            raise timed_out("Slack", host, self._timeout) from error
        except aiohttp.ClientError as error:
            raise unreachable("Slack", host, ADDRESS) from error
        if status == 429:
            raise rate_limited("Slack", _seconds(headers.get("Retry-After")))
        return _checked(_parsed(status, body, host), method)

    async def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        session, self._session = self._session, None
        if session:
            await session.close()

    async def _post(
        self, url: str, token: str, arguments: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        session = self._connected(url)
        sent = {"Authorization": f"Bearer {token}"}
        # Redirects are not followed: the token goes to no other server.
        async with session.post(
            url, data=dict(arguments), headers=sent, allow_redirects=False
        ) as response:
            body = bytearray()
            async for chunk in response.content.iter_chunked(64 * 1024):
                body += chunk
                if len(body) > _LARGEST_BODY:
                    raise Unavailable(
                        "Slack's answer is too large to read. Ask for fewer messages."
                    )
            return response.status, response.headers, bytes(body)

    def _connected(self, url: str) -> aiohttp.ClientSession:
        if self._session is None:
            local = urlsplit(url).hostname in _LOOPBACK
            limits = aiohttp.ClientTimeout(total=self._timeout, connect=_CONNECT_SECONDS)
            self._session = aiohttp.ClientSession(trust_env=not local, timeout=limits)
        return self._session

    def _address(self) -> tuple[str, str]:
        address = self.environment.get(ADDRESS, DEFAULT_ADDRESS).rstrip("/") + "/"
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise MissingSetting(
                f"{ADDRESS} is not a URL like {DEFAULT_ADDRESS}. This is a matter of the server's configuration; "
                "calling again will not help."
            )
        return address, parts.netloc.rpartition("@")[2]


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdecimal() else None


def _parsed(status: int, body: bytes, host: str) -> Json:
    if status >= 500:
        raise Unavailable(f"Slack failed ({status}). It may be down; go on without it.")
    try:
        answer = json.loads(body)
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
