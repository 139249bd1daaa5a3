"""The API behind the tools: a lazily opened, read-only, bounded lightkube client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import httpx2
from lightkube import AsyncClient, SingleConfig
from lightkube.config.client_adapter import ExecAuth
from lightkube.core.generic_client import ListAsyncIterable
from lightkube.core.resource import NamespacedResource, api_info
from lightkube.resources.core_v1 import Node, PodLog

from tocsin_mcp.kit.environment import Environment
from tocsin_mcp.kit.errors import NotFound, timed_out
from tocsin_mcp.kit.output import LIMIT
from tocsin_mcp.kit.times import Clock, clock_of, rfc3339

from . import connection, contexts
from .bodies import ENCODING, bound
from .plugin import PluginAuth
from .refusals import CONNECT_SECONDS, READ_SECONDS, SERVICE, Asked, Forbidden, translated

PAGE = 500
MOST = 3000
"""At most this many objects of one list are read; more is said to be incomplete."""

WHOLE_SECONDS = 25.0
"""Longer than any one read, shorter than what a client waits for a call."""

LOG_BYTES = 4 * 1024 * 1024
"""At most this much of one container's log is read."""

LOG_TEXT = "TOCSIN_LOG_TEXT_BYTES"

N = TypeVar("N", bound=NamespacedResource)
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Listing(Generic[Item]):
    """Objects of one kind. `problem` is set when they could not be read at all (no permission) or not all."""

    items: tuple[Item, ...] = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LogRequest:
    """Which part of a container's log is wanted. `since` is a moment; `tail` counts lines from the end."""

    container: str
    previous: bool = False
    since: datetime | None = None
    tail: int | None = None


class Cluster:
    """Reads the cluster that the call means (`contexts`). Nothing is opened before the first request; `close` may be called
    at any time.

    Every method raises errors of the kit (Unavailable, NotFound, MissingSetting), never lightkube's.
    """

    def __init__(
        self,
        environment: Environment,
        *,
        read_seconds: float = READ_SECONDS,
        whole_seconds: float = WHOLE_SECONDS,
    ) -> None:
        self._environment = environment
        self._read_seconds, self._whole_seconds = read_seconds, whole_seconds
        self._clock: Clock = clock_of(environment)
        self._opening = asyncio.Lock()
        self._clients: dict[str, _Client] = {}

    def log_text_bytes(self) -> int:
        """How long the text of read_logs may be. Raises MissingSetting when the setting is no number."""
        return self._environment.number(LOG_TEXT, LIMIT)

    def now(self) -> datetime:
        """The present, or the recorded incident's (TOCSIN_NOW)."""
        return self._clock()

    async def namespace(self, asked: str | None) -> str:
        """The namespace asked for, else TOCSIN_NAMESPACE, else that of the kubeconfig's context."""
        return asked or self._environment.get("TOCSIN_NAMESPACE") or (await self._open()).namespace

    async def objects(self, kind: type[N], namespace: str, selector: str = "") -> Listing[N]:
        """All objects of a kind in a namespace, in as few requests as pages; at most MOST of them.

        `selector` is a label selector in the API's own grammar.
        """
        client = await self._open()
        asked = Asked("list", _plural(kind), namespace)
        found: list[N] = []
        async with self._asking(asked, client):
            async for item in client.select(kind, namespace, selector):
                if len(found) == MOST:
                    return Listing(
                        tuple(found), f"only the first {MOST} {asked.resource} were read"
                    )
                found.append(item)
        return Listing(tuple(found))

    async def permitted(self, kind: type[N], namespace: str, selector: str = "") -> Listing[N]:
        """Like `objects`, but a missing permission or kind becomes the listing's `problem`."""
        try:
            return await self.objects(kind, namespace, selector)
        except Forbidden:
            return Listing(problem=f"no permission to list {_plural(kind)}")
        except NotFound:
            return Listing(problem=f"this cluster serves no {_plural(kind)}")

    async def nodes(self) -> Listing[Node]:
        """The cluster's nodes; a missing permission becomes the listing's `problem`."""
        client = await self._open()
        found: list[Node] = []
        try:
            async with self._asking(Asked("list", "nodes", ""), client):
                async for node in client.list(Node, chunk_size=PAGE):
                    if len(found) < MOST:
                        found.append(node)
        except Forbidden:
            return Listing(problem="no permission to list nodes")
        return Listing(tuple(found))

    async def get(self, kind: type[N], name: str, namespace: str) -> N:
        """One object; `namespace` is empty for a kind that is in none. Raises NotFound."""
        client = await self._open()
        async with self._asking(Asked("get", _plural(kind), namespace, name), client):
            return await client.get(kind, name, namespace=namespace or None)

    async def log(self, pod: str, namespace: str, wanted: LogRequest) -> tuple[list[str], bool]:
        """Log lines, each beginning with its RFC 3339 time, and whether the oldest were left out by LOG_BYTES.

        Raises Refused when the container has not started or has no previous instance.
        """
        client = await self._open()
        async with self._asking(Asked("get", "pods/log", namespace, pod), client):
            return await client.read_log(pod, namespace, wanted)

    async def close(self) -> None:
        """Close the connections, if any were opened."""
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.close()

    @asynccontextmanager
    async def _asking(self, asked: Asked, client: _Client) -> AsyncIterator[None]:
        """Time for one question with all its pages, since an answer that trickles breaks no limit of a single read."""
        with translated(asked, client.host, self._read_seconds):
            try:
                async with asyncio.timeout(self._whole_seconds):
                    yield
            except TimeoutError as error:
                raise timed_out(SERVICE, client.host, self._whole_seconds) from error

    async def _open(self) -> _Client:
        context = contexts.chosen(self._environment)
        async with self._opening:
            if context not in self._clients:
                self._clients[context] = await asyncio.to_thread(
                    _connect, self._environment, self._read_seconds
                )
            return self._clients[context]


class _Client(AsyncClient):
    """lightkube's client with what it lacks: a bound of bodies, care with credential programs, parameters of logs."""

    def __init__(self, config: SingleConfig, environment: Environment, read_seconds: float) -> None:
        self.host = connection.host_of(config)
        super().__init__(
            config,
            timeout=httpx2.Timeout(read_seconds, connect=CONNECT_SECONDS),
            trust_env=not connection.is_local(config),
        )
        adapter = self._client._client
        adapter.headers["Accept-Encoding"] = ENCODING
        adapter.event_hooks = {"response": [bound]}
        if isinstance(adapter.auth, ExecAuth) and config.user and config.user.exec:
            adapter.auth = PluginAuth(config, config.user.exec, environment.values)

    def select(self, kind: type[N], namespace: str, selector: str) -> ListAsyncIterable[N]:
        """Like `list`, with a selector in the API's grammar."""
        request = self._client.prepare_request(
            "list",
            kind,
            namespace=namespace,
            params={"limit": str(PAGE), "labelSelector": selector or None},
        )
        return self._client.list(request)

    async def read_log(
        self, pod: str, namespace: str, wanted: LogRequest
    ) -> tuple[list[str], bool]:
        request = self._client.prepare_request(
            "get",
            PodLog,
            name=pod,
            namespace=namespace,
            params={
                "container": wanted.container,
                "previous": "true" if wanted.previous else None,
                "sinceTime": rfc3339(wanted.since) if wanted.since else None,
                "tailLines": None if wanted.tail is None else str(wanted.tail),
                "timestamps": "true",
            },
        )
        built = self._client.build_adapter_request(request)
        response = await self._client.send(built, stream=True)  # type: ignore[no-untyped-call]  # lightkube's
        try:
            if response.is_error:
                await response.aread()
            response.raise_for_status()
            return await _last_lines(response)
        finally:
            await response.aclose()


async def _last_lines(response: httpx2.Response) -> tuple[list[str], bool]:
    """The body's lines; of a body over LOG_BYTES the last ones."""
    kept, size, cut = bytearray(), 0, False
    async for chunk in response.aiter_bytes():
        size += len(chunk)
        kept += chunk
        if len(kept) > 2 * LOG_BYTES:
            del kept[:-LOG_BYTES]
            cut = True
    if len(kept) > LOG_BYTES:
        del kept[:-LOG_BYTES]
        cut = True
    lines = kept.decode("utf-8", "replace").split("\n")
    return [line.rstrip("\r") for line in (lines[1:] if cut else lines) if line], cut


def _connect(environment: Environment, read_seconds: float) -> _Client:
    return _Client(connection.load(environment), environment, read_seconds)


def _plural(kind: type[NamespacedResource]) -> str:
    return str(api_info(kind).plural)


def problems(*listings: Listing[Any]) -> list[str]:
    """What could not be read, without repetitions."""
    return list(dict.fromkeys(listing.problem for listing in listings if listing.problem))
