"""HTTP as every server here speaks it: bounded in time and size, no redirects, failures in words for the caller.

Redirects are not followed, since a request carries credentials that are for one server. A proxy of the environment is
used, save for this machine itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import aiohttp

from .environment import MissingSetting
from .errors import timed_out, unreachable
from .output import encodable

CONNECT_SECONDS = 5.0
LARGEST_BODY = 8 * 1024 * 1024
"""Bytes."""
_MAYBE_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class BodyTooLarge(Exception):
    """An answer larger than is worth reading."""


class Answer(NamedTuple):
    """What came back, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def retry_after(self) -> float | None:
        """Seconds until it may be asked again, when the answer says so."""
        text = self.headers.get("Retry-After", "")
        return float(text) if text.isascii() and text.isdigit() else None


class Web:
    """The connections to one service, opened at the first call; may be used again after `close`.

    `service` is its name and `setting` the variable that holds its address, both for error texts; `timeout_seconds`
    bounds each request.
    """

    def __init__(self, service: str, setting: str, *, timeout_seconds: float) -> None:
        self.service = service
        self._setting = setting
        self._timeout = timeout_seconds
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, method: str, url: str, **given: Any) -> Answer:
        """One request; `given` is what aiohttp takes. Raises BodyTooLarge, Unavailable (no answer)."""
        with self.in_words(url):
            return await exchange(self.session(url), method, url, **given)

    def session(self, url: str) -> aiohttp.ClientSession:
        """The session, opened for a service at `url` when there is none."""
        if self._session is None:
            local = urlsplit(url).hostname in _LOOPBACK
            limits = aiohttp.ClientTimeout(total=self._timeout, connect=CONNECT_SECONDS)
            self._session = aiohttp.ClientSession(trust_env=not local, timeout=limits)
        return self._session

    @contextmanager
    def in_words(self, url: str) -> Iterator[None]:
        """What keeps an answer from coming is raised as Unavailable, with what to do."""
        try:
            yield
        except TimeoutError as error:
            raise timed_out(self.service, host_of(url), self._timeout) from error
        except aiohttp.ClientError as error:
            raise unreachable(self.service, host_of(url), self._setting) from error

    def address(self, address: str, *examples: str) -> str:
        """The address without a slash at its end. Raises MissingSetting when it is none, naming the examples."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query:
            raise MissingSetting(
                f"{self._setting} is not a URL like {' or '.join(examples)}. This is a matter of the server's "
                "configuration; calling again will not help."
            )
        return address.rstrip("/")

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session:
            await session.close()


async def exchange(session: aiohttp.ClientSession, method: str, url: str, **given: Any) -> Answer:
    """One request and its whole answer. Raises BodyTooLarge, TimeoutError, aiohttp.ClientError."""
    async with session.request(method, url, allow_redirects=False, **given) as response:
        body = bytearray()
        async for chunk in response.content.iter_chunked(64 * 1024):
            body += chunk
            if len(body) > LARGEST_BODY:
                raise BodyTooLarge(url)
        return Answer(response.status, response.headers, bytes(body))


def decoded(body: bytes) -> Any:
    """The JSON of a body, in which every text can be encoded again. Raises ValueError, RecursionError."""
    return _encodable(json.loads(body)) if _MAYBE_SURROGATE.search(body) else json.loads(body)


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {encodable(key): _encodable(each) for key, each in value.items()}
    return [_encodable(each) for each in value] if isinstance(value, list) else value


def host_of(url: str) -> str:
    """Host and port, never the credentials of a URL that holds some."""
    return urlsplit(url).netloc.rpartition("@")[2]
