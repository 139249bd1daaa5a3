"""GitHub as the repositories ask it: one request at a time, errors already in words for the caller."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import gidgethub

from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kit.web import BodyTooLarge, Web, host_of

from .credentials import credentials_of
from .quotas import Quotas
from .refusals import graphql_refusal, is_unknown_token, refusal
from .transport import TIMEOUT_SECONDS, Transport

ADDRESS = "GITHUB_API_URL"
DEFAULT_ADDRESS = "https://api.github.com"
_AT_ONCE = 6


class GitHub:
    """Opens its connections at the first call; may be used again after `close`.

    `repositories` (`owner/name`) are those that an App's token is asked for. `wall_clock` gives seconds since the
    epoch, for quotas and tokens. `timeout_seconds` bounds each request.
    """

    def __init__(
        self,
        environment: Environment,
        repositories: Sequence[str] = (),
        *,
        wall_clock: Callable[[], float] = time.time,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self.quotas = Quotas(wall_clock)
        self._environment = environment
        self._credentials = credentials_of(environment, repositories, wall_clock)
        self._web = Web("GitHub", ADDRESS, timeout_seconds=timeout_seconds)
        self._transport: Transport | None = None
        self._slots = asyncio.Semaphore(_AT_ONCE)

    @property
    def signed_in(self) -> bool:
        """Whether requests carry a token."""
        return self._credentials.signed_in

    async def get(
        self, path: str, query: Mapping[str, str | None] | None = None, *, what: str
    ) -> Any:
        """The decoded JSON of `GET {path}?{query}`; None values are left out. `path` is already quoted.

        `what` names the thing asked for in error texts. Raises NotFound (404, 422), OutOfQuota, Unavailable,
        MissingSetting.
        """
        given = {name: value for name, value in (query or {}).items() if value}
        url = f"{path}?{urlencode(given)}" if given else path

        async def ask(transport: Transport) -> Any:
            return await transport.getitem(url)

        data = await self._asked(ask, url, what)
        if not isinstance(data, dict | list):
            raise Unavailable(
                f"What answers at {host_of(self._address())} is not GitHub's API (no JSON). {ADDRESS} may be wrong."
            )
        return data

    async def graphql(self, query: str, *, what: str, **variables: str) -> Any:
        """The `data` of a GraphQL query, which GitHub answers to signed-in callers only. Raises like `get`."""
        endpoint = graphql_address(self._address())

        async def ask(transport: Transport) -> Any:
            return await transport.graphql(query, endpoint=endpoint, **variables)

        return await self._asked(ask, endpoint, what)

    async def close(self) -> None:
        """Close the connections; the next call opens new ones."""
        self._transport = None
        await self._web.close()

    async def _asked(self, ask: Callable[[Transport], Awaitable[Any]], url: str, what: str) -> Any:
        """Ask, and once more with a new token when one that can be renewed was refused."""
        async with self._slots:
            with self._in_words(url, what):
                try:
                    return await self._signed(ask)
                except (gidgethub.HTTPException, gidgethub.GraphQLException) as error:
                    if not (is_unknown_token(error) and self._credentials.renew()):
                        raise
                return await self._signed(ask)

    async def _signed(self, ask: Callable[[Transport], Awaitable[Any]]) -> Any:
        transport = self._connected()
        transport.oauth_token = await self._credentials.token(transport)
        return await ask(transport)

    @contextmanager
    def _in_words(self, url: str, what: str) -> Iterator[None]:
        address = self._address()
        try:
            with self._web.in_words(address):
                yield
        except gidgethub.HTTPException as error:
            raise refusal(error, url, what, self._credentials, self.quotas) from error
        except gidgethub.GraphQLException as error:
            raise graphql_refusal(error) from error
        except BodyTooLarge as error:
            raise Unavailable(f"{what} is too large to read. Ask for something smaller.") from error
        except (ValueError, LookupError, OverflowError) as error:
            raise Unavailable(
                f"GitHub at {host_of(address)} answered {what} with something unreadable."
            ) from error

    def _connected(self) -> Transport:
        if self._transport is None:
            address = self._address()
            self._transport = Transport(self._web.session(address), self.quotas, base_url=address)
        return self._transport

    def _address(self) -> str:
        return self._web.address(
            self._environment.get(ADDRESS, DEFAULT_ADDRESS),
            DEFAULT_ADDRESS,
            "https://github.example.com/api/v3",
        )


def graphql_address(rest: str) -> str:
    """Where GraphQL is, given the address of REST: `https://host/api/v3` has it at `https://host/api/graphql`."""
    return f"{rest.rstrip('/').removesuffix('/v3')}/graphql"


def repository_path(repository: str, *segments: str) -> str:
    """`/repos/{owner}/{name}/…` with every segment quoted; slashes inside segments stay."""
    parts = ["repos", *repository.split("/"), *segments]
    return "/" + "/".join(quote(part, safe="/") for part in parts)
