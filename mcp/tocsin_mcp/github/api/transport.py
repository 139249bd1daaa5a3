"""HTTP below gidgethub: time limits, bounded bodies, conditional requests, quotas, and no foreign redirects."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp
from gidgethub.abc import GitHubAPI

from tocsin_mcp.kit.web import exchange

from .quotas import Quotas, resource_of

TIMEOUT_SECONDS = 15.0
_CACHE_BYTES = 16 * 1024 * 1024
_MOST_REDIRECTS = 2
_REDIRECTS = frozenset({301, 302, 307, 308})


@dataclass(frozen=True, slots=True)
class Stored:
    """One answer and the tag to ask about it again."""

    etag: str
    headers: Mapping[str, str]
    body: bytes


class EtagCache:
    """Answers by URL and media type, the least recently used thrown away beyond `limit` bytes of bodies."""

    def __init__(self, limit: int = _CACHE_BYTES) -> None:
        self._limit, self._size = limit, 0
        self._stored: OrderedDict[tuple[str, str], Stored] = OrderedDict()

    def get(self, key: tuple[str, str]) -> Stored | None:
        """What was stored, now the most recently used."""
        found = self._stored.get(key)
        if found:
            self._stored.move_to_end(key)
        return found

    def put(self, key: tuple[str, str], stored: Stored) -> None:
        """Store, unless it alone is larger than a quarter of the cache."""
        self._drop(key)
        if len(stored.body) > self._limit // 4:
            return
        self._stored[key] = stored
        self._size += len(stored.body)
        while self._size > self._limit:
            self._drop(next(iter(self._stored)))

    def _drop(self, key: tuple[str, str]) -> None:
        old = self._stored.pop(key, None)
        self._size -= len(old.body) if old else 0


class Transport(GitHubAPI):
    """gidgethub's requests over one aiohttp session."""

    def __init__(self, session: aiohttp.ClientSession, quotas: Quotas, *, base_url: str) -> None:
        super().__init__("tocsin", base_url=base_url)
        self._session, self._quotas, self._etags = session, quotas, EtagCache()

    async def sleep(self, seconds: float) -> None:
        """Never called: nothing here waits for a quota, a caller has other tools meanwhile."""
        raise NotImplementedError

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        resource = resource_of(url)
        self._quotas.check(resource)
        if method != "GET":
            found = await self._once(method, url, headers, body)
            self._quotas.learn(found[1], resource, found[0])
            return found
        key = (url, headers.get("accept", ""))
        stored = self._etags.get(key)
        sent = {**headers, "if-none-match": stored.etag} if stored else headers
        status, answered, content = await self._follow(url, sent)
        self._quotas.learn(answered, resource, status)
        if status == 304 and stored:
            return 200, stored.headers, stored.body
        if status == 200 and answered.get("etag"):
            self._etags.put(key, Stored(answered["etag"], answered, content))
        return status, answered, content

    async def _follow(
        self, url: str, headers: Mapping[str, str]
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Renamed repositories redirect. The token goes nowhere but to the server that it was made for."""
        for _ in range(_MOST_REDIRECTS):
            status, answered, content = await self._once("GET", url, headers)
            target = urljoin(url, answered.get("location", ""))
            if status not in _REDIRECTS or _origin(target) != _origin(url):
                return status, answered, content
            url = target
        return await self._once("GET", url, headers)

    async def _once(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        return await exchange(self._session, method, url, headers=headers, data=body or None)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc
