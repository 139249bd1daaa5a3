"""A Kubernetes API server for one recorded cluster: real requests, real answers, read-only.

It serves discovery, lists, gets, watches of a cluster that stands still, Tables, pod logs and the error bodies of the
real server, so that any client works against it: lightkube, client-go, kubectl.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import yaml
from aiohttp import web

from bot.simulators.listening import Listening

from . import discovery, listing, tables
from .faults import Faults
from .pod_logs import pod_log
from .resources import Target, parse_path
from .scene import load
from .shapes import Json
from .status import (
    Refusal,
    forbidden,
    method_not_allowed,
    no_such_resource,
    not_found,
    unauthorized,
    unavailable,
)

USER = "system:serviceaccount:tocsin:tocsin"
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class KubernetesSimulator(Listening):
    """Serves `scenario`/cluster.json at `.url` while the context is open.

    `port` 0 takes a free one. A request without `Authorization: Bearer <token>` gets 401; an empty token lets everyone
    in (kubectl needs that: it sends no token over plain HTTP). `faults` may be changed at any time. `requests` holds
    "METHOD path?query" of every request, oldest first.
    """

    def __init__(
        self,
        scenario: Path,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str = "simulator-token",
        faults: Faults | None = None,
    ) -> None:
        self.scene = load(scenario)
        self.faults = faults or Faults()
        self.requests: list[str] = []
        super().__init__(host, port)
        self._token = token
        self._closing = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._closing.clear()
        return await super().__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._closing.set()
        await super().__aexit__(kind, error, trace)

    def write_kubeconfig(self, path: Path) -> Path:
        """Write a kubeconfig whose current context `scenario` points here and to the recorded namespace."""
        name = "scenario"
        user: Json = {"token": self._token} if self._token else {}
        config: Json = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": name, "cluster": {"server": self.url}}],
            "users": [{"name": name, "user": user}],
            "contexts": [
                {
                    "name": name,
                    "context": {"cluster": name, "user": name, "namespace": self.scene.namespace},
                }
            ],
            "current-context": name,
        }
        path.write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")
        path.chmod(0o600)
        return path

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path_qs}")
        if self.faults.latency:
            await asyncio.sleep(self.faults.latency)
        if self.faults.down and request.transport:
            request.transport.abort()
        try:
            self._admit(request)
            return await self._answer(request)
        except Refusal as refusal:
            return _json(refusal.body, refusal.code)

    def _admit(self, request: web.Request) -> None:
        if self.faults.overloaded:
            raise unavailable()
        if self._token and request.headers.get("Authorization", "") != f"Bearer {self._token}":
            raise unauthorized()
        if request.method not in ("GET", "HEAD"):
            raise method_not_allowed()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        document = discovery.document(request.path)
        if document is not None:
            return _json(document)
        if request.path.rstrip("/") in ("/healthz", "/livez", "/readyz"):
            return web.Response(text="ok")
        target = parse_path(request.path)
        if target is None:
            if request.path.startswith(("/api/v1/", "/apis/")):
                raise no_such_resource()
            return web.Response(status=404, text="404 page not found\n")
        self._authorize(target, request)
        if not target.name:
            return await self._list(request, target)
        return self._get(request, target)

    def _authorize(self, target: Target, request: web.Request) -> None:
        plural = target.resource.plural
        names = {plural, f"{plural}/{target.subresource}"} if target.subresource else {plural}
        if names & set(self.faults.forbidden):
            verb = "get" if target.name else "watch" if _watches(request) else "list"
            raise forbidden(USER, verb, target.resource, target.namespace, target.subresource)

    def _get(self, request: web.Request, target: Target) -> web.Response:
        item = self.scene.get(target.resource, target.namespace, target.name)
        if item is None:
            raise not_found(target.resource, target.name)
        if target.subresource == "log" and target.resource.plural == "pods":
            return web.Response(text=pod_log(self.scene, item, request.query))
        if target.subresource not in ("", "status"):
            raise no_such_resource()
        if tables.wanted(request.headers.get("Accept", "")):
            metadata: Json = {"resourceVersion": item["metadata"]["resourceVersion"]}
            return _json(tables.table(target.resource, [item], metadata, self.scene.now))
        return _json(item)

    async def _list(self, request: web.Request, target: Target) -> web.StreamResponse:
        items, metadata = listing.page(self.scene, target.resource, target.namespace, request.query)
        if _watches(request):
            return await self._watch(request, items)
        if tables.wanted(request.headers.get("Accept", "")):
            return _json(tables.table(target.resource, items, metadata, self.scene.now))
        return _json(listing.as_list_object(target.resource, items, metadata))

    async def _watch(self, request: web.Request, items: list[Json]) -> web.StreamResponse:
        """The present objects as ADDED (unless the client has them already), then silence: nothing changes here."""
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        if request.query.get("resourceVersion", "0") in ("", "0"):
            for item in items:
                await response.write(json.dumps({"type": "ADDED", "object": item}).encode() + b"\n")
        seconds = listing.number(request.query, "timeoutSeconds") or 1800
        try:
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        except TimeoutError:
            pass
        await response.write_eof()
        return response


def _json(body: Json, status: int = 200) -> web.Response:
    # The real server names no charset, and clients compare the header literally.
    return web.Response(
        body=json.dumps(body).encode(), status=status, content_type="application/json"
    )


def _watches(request: web.Request) -> bool:
    return request.query.get("watch", "").lower() in ("true", "1")
