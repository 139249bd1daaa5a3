"""GitHub as the tools ask it: one GET at a time, errors already in words for the caller."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
import gidgethub

from tocsin_mcp.kit.environment import Environment, MissingSetting
from tocsin_mcp.kit.errors import (
    NotFound,
    Unavailable,
    refused_credentials,
    timed_out,
    unreachable,
)
from tocsin_mcp.kit.output import clip, plain
from tocsin_mcp.kit.times import Clock, clock_of

from .quotas import CODE_SEARCH, CORE, OutOfQuota, Quotas
from .transport import CONNECT_SECONDS, TIMEOUT_SECONDS, BodyTooLarge, Transport

TOKEN, ADDRESS = "GITHUB_TOKEN", "GITHUB_API_URL"
DEFAULT_ADDRESS = "https://api.github.com"
_AT_ONCE = 6
_LONGEST_REASON = 300
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class GitHub:
    """Opens its connections at the first call; may be used again after `close`.

    `wall_clock` gives seconds since the epoch, for quotas; `now` is the present of the incident. `timeout_seconds`
    bounds each request.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        wall_clock: Callable[[], float] = time.time,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self.environment = environment
        self.now: Clock = clock_of(environment)
        self.quotas = Quotas(wall_clock)
        self._timeout = timeout_seconds
        self._session: aiohttp.ClientSession | None = None
        self._transport: Transport | None = None
        self._slots = asyncio.Semaphore(_AT_ONCE)

    @property
    def has_token(self) -> bool:
        """Whether requests are signed in."""
        return bool(self.environment.get(TOKEN))

    async def get(
        self, path: str, query: Mapping[str, str | None] | None = None, *, what: str
    ) -> Any:
        """The decoded JSON of `GET {path}?{query}`; None values are left out. `path` is already quoted.

        `what` names the thing asked for in error texts. Raises NotFound (404, 422), OutOfQuota, Unavailable,
        MissingSetting.
        """
        given = {name: value for name, value in (query or {}).items() if value}
        url = f"{path}?{urlencode(given)}" if given else path
        async with self._slots:
            data = await self._ask(url, what)
        if not isinstance(data, dict | list):
            raise Unavailable(
                f"What answers at {self._host()} is not GitHub's API (no JSON). {ADDRESS} may be wrong."
            )
        return data

    async def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        session, self._session, self._transport = self._session, None, None
        if session:
            await session.close()

    async def _ask(self, url: str, what: str) -> Any:
        host = self._host()
        try:
            return await self._connected().getitem(url)
        except gidgethub.HTTPException as error:
            raise self._translated(error, url, what) from error
        except BodyTooLarge as error:
            raise Unavailable(f"{what} is too large to read. Ask for something smaller.") from error
        except TimeoutError as error:
            raise timed_out("GitHub", host, self._timeout) from error
        except aiohttp.ClientError as error:
            raise unreachable("GitHub", host, ADDRESS) from error
        except (ValueError, LookupError, OverflowError) as error:
            raise Unavailable(
                f"GitHub at {host} answered {what} with something unreadable."
            ) from error

    def _connected(self) -> Transport:
        if self._transport is None:
            address = self.environment.get(ADDRESS, DEFAULT_ADDRESS)
            local = urlsplit(address).hostname in _LOOPBACK
            limits = aiohttp.ClientTimeout(total=self._timeout, connect=CONNECT_SECONDS)
            self._session = aiohttp.ClientSession(trust_env=not local, timeout=limits)
            token = self.environment.get(TOKEN) or None
            self._transport = Transport(self._session, self.quotas, token=token, base_url=address)
        return self._transport

    def _host(self) -> str:
        address = self.environment.get(ADDRESS, DEFAULT_ADDRESS)
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise MissingSetting(
                f"{ADDRESS} is not a URL like {DEFAULT_ADDRESS} or https://github.example.com/api/v3. "
                "This is a matter of the server's configuration; calling again will not help."
            )
        return parts.netloc.rpartition("@")[2]

    def _translated(self, error: gidgethub.HTTPException, url: str, what: str) -> Exception:
        status, text = int(error.status_code), clip(plain(str(error)), _LONGEST_REASON)
        if status == 401 and not self.has_token:
            return Unavailable(
                f"GitHub answers this only to signed-in callers: {TOKEN} is not set."
            )
        if status == 401:
            return refused_credentials("GitHub", TOKEN)
        if status < 400:
            return Unavailable(
                f"{what} has moved to another server, which is not followed. {ADDRESS} or the "
                "configured repository's name is out of date; calling again will not help."
            )
        if status in (403, 429):
            return self._refused(error, text, url)
        if status in (404, 409, 410, 422):
            return self._missing(status, text, what)
        return Unavailable(
            f"GitHub failed ({status}) when asked for {what}. It may be down; try once more later, or go on without it."
        )

    def _refused(self, error: gidgethub.HTTPException, text: str, url: str) -> Exception:
        retry_after = error.headers.get("retry-after")
        if retry_after or "secondary rate limit" in text or "abuse" in text:
            self.quotas.pause(retry_after)
        try:
            self.quotas.check(CODE_SEARCH if "search/code" in url else CORE)
        except OutOfQuota as limited:
            return limited
        return Unavailable(
            f"GitHub refused ({text}). The token in {TOKEN} needs contents: read and metadata: read on this "
            "repository; calling again will not help."
        )

    def _missing(self, status: int, text: str, what: str) -> Exception:
        if status == 409:
            return NotFound("The repository is empty: there is no commit yet.")
        if status == 404 and not self.has_token:
            hint = f" {TOKEN} is not set, and a private repository looks missing without it."
        elif status == 404:
            hint = " Check the spelling; list_tree shows what there is."
        else:
            hint = ""
        return NotFound(f"{what} was not found ({text}).{hint}")


def repository_path(repository: str, *segments: str) -> str:
    """`/repos/{owner}/{name}/…` with every segment quoted; slashes inside segments stay."""
    parts = ["repos", *repository.split("/"), *segments]
    return "/" + "/".join(quote(part, safe="/") for part in parts)
