"""The Web API: one call, no hidden retries, and three ways to fail that callers can act on.

slack_sdk repeats a call whose answer was lost, and a repeated `chat.postMessage` is a second message; so no retry
handler is ever installed. It also takes proxies from the environment and ignores NO_PROXY; `proxy_for` does not.

SlackRefused   definitely not done, and would be refused again
SlackBusy      definitely not done (rate limit): wait `retry_after` seconds
SlackUnclear   perhaps done: the answer was lost, or Slack says that it does not know itself
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import PermanentError, TemporaryError

DEFAULT_BASE_URL = "https://slack.com/api/"
TIMEOUT = 10.0
"""Seconds for one call, connecting included."""

_JSON_FAMILIES = frozenset({"chat", "views", "agents"})
REFUSED_BLOCKS = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_attachments",
        "msg_blocks_too_long",
        "msg_too_long",
    }
)
"""What Slack answers when it does not know a block, or finds it too long: simpler ones may do."""
_BUSY = frozenset({"ratelimited", "rate_limited"})
_UNCLEAR = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"})
_DEFAULT_RETRY_AFTER = 30.0


class SlackRefused(PermanentError):
    """Slack said no. `code` is its error code, `answer` the whole body."""

    def __init__(self, method: str, answer: Mapping[str, Any]) -> None:
        self.method = method
        self.code = str(answer.get("error") or "unknown_error")
        self.answer = dict(answer)
        super().__init__(f"Slack refused {method}: {self.code}{self._reasons()}")

    def _reasons(self) -> str:
        metadata = self.answer.get("response_metadata")
        reasons = metadata.get("messages") if isinstance(metadata, dict) else None
        needed = self.answer.get("needed")
        listed = [str(reason) for reason in reasons or []] + (
            [f"needs scope {needed}"] if needed else []
        )
        return f" ({'; '.join(listed)[:500]})" if listed else ""


class SlackBusy(TemporaryError):
    """Rate limited: nothing was done."""


class SlackUnclear(TemporaryError):
    """The call may or may not have been carried out."""


class Api:
    """The Web API with one token."""

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """The answer's body. Arguments that are None are left out. Raises the three errors above."""
        body, _ = await self.call_with_headers(method, **arguments)
        return body

    async def call_with_headers(
        self, method: str, **arguments: Any
    ) -> tuple[dict[str, Any], Mapping[str, str]]:
        """The answer's body and its HTTP headers."""
        given = {name: value for name, value in arguments.items() if value is not None}
        in_json = method.partition(".")[0] in _JSON_FAMILIES
        try:
            answer = await self._client.api_call(
                method, json=given if in_json else None, params=None if in_json else given
            )
        except SlackApiError as error:
            raise _translated(method, error) from error
        except (aiohttp.ClientError, TimeoutError, SlackRequestError, ValueError) as error:
            raise SlackUnclear(
                f"No usable answer from Slack to {method}: {_brief(error)}"
            ) from error
        except AttributeError as error:  # the SDK's own on an answer 200 that is not JSON
            raise SlackUnclear(
                f"Slack answered {method} with something that is not JSON"
            ) from error
        if not isinstance(answer.data, dict):
            raise SlackUnclear(f"Slack answered {method} with something that is not JSON")
        return answer.data, answer.headers

    async def upload(self, url: str, data: bytes) -> None:
        """Give Slack a file's bytes, at the address it named for them. Raises SlackUnclear: upload again, at a new one."""
        if self._client.session is None:
            raise SlackUnclear("The connection to Slack is closed")
        try:
            async with self._client.session.post(url, data=data, proxy=proxy_for(url)) as answer:
                if answer.status != 200:
                    raise SlackUnclear(f"Slack answered an upload with status {answer.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SlackUnclear(f"No answer to an upload: {_brief(error)}") from error

    async def respond(self, response_url: str, text: str) -> None:
        """Tell the person who gave a command, and nobody else, by the URL that came with it (mrkdwn text)."""
        if self._client.session is None:
            raise SlackUnclear("The connection to Slack is closed")
        body = {"text": text, "response_type": "ephemeral", "replace_original": False}
        try:
            async with self._client.session.post(
                response_url, json=body, proxy=proxy_for(response_url)
            ) as answer:
                if answer.status >= 400:
                    raise SlackUnclear(f"Slack's response_url answered {answer.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SlackUnclear(f"No answer from Slack's response_url: {_brief(error)}") from error


@asynccontextmanager
async def open_api(
    token: str, base_url: str = DEFAULT_BASE_URL, *, seconds: float = TIMEOUT
) -> AsyncIterator[Api]:
    """An Api over a connection pool of its own, closed at the end. `seconds` bounds every call."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=seconds)) as session:
        yield Api(web_client(token, base_url, session))


def web_client(token: str | None, base_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """slack_sdk's client without retries, on a shared session, with the proxy that belongs to the URL."""
    client = AsyncWebClient(token=token, base_url=base_url, session=session, retry_handlers=[])
    client.proxy = proxy_for(base_url)
    return client


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for this URL; None for hosts that NO_PROXY lists and for this machine."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host in {"localhost", "::1"} or host.startswith("127.") or proxy_bypass(host):
        return None
    scheme = {"ws": "http", "wss": "https"}.get(parts.scheme, parts.scheme)
    return getproxies().get(scheme)


def _translated(method: str, error: SlackApiError) -> SlackRefused | SlackBusy | SlackUnclear:
    response = error.response
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", 0))
    data = getattr(response, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    if status == 429 or code in _BUSY:
        seconds = _retry_after(getattr(response, "headers", None) or {})
        return SlackBusy(f"Slack limits {method}; again in {seconds:.0f} s", retry_after=seconds)
    if isinstance(data, dict) and code and code not in _UNCLEAR and status < 500:
        return SlackRefused(method, data)
    return SlackUnclear(
        f"Slack answered {method} with status {status}: {code or 'no readable body'}"
    )


def _retry_after(headers: Mapping[str, str]) -> float:
    try:
        return max(float(headers.get("Retry-After", _DEFAULT_RETRY_AFTER)), 0.0)
    except ValueError:
        return _DEFAULT_RETRY_AFTER


def _brief(error: BaseException) -> str:
    if isinstance(error, asyncio.TimeoutError | TimeoutError):
        return "it took too long"
    return f"{type(error).__name__}: {error}"[:200]
