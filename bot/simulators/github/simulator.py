"""A GitHub server for one recorded repository: real requests, real answers; nothing but issues can be written.

It answers both as api.github.com and, under `/api/v3`, as GitHub Enterprise Server.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from bot.simulators.listening import Listening

from . import graphql, pages, refusals, routes, search
from .apps import App, Apps
from .callers import Caller, Tokens
from .faults import Faults
from .issues import Issues
from .limits import Limits
from .repository import Repository, load
from .view import Answer, View

_ENTERPRISE, _ENTERPRISE_GRAPHQL = "/api/v3", "/api/graphql"
_RESOURCES = {"/search/code": "code_search", "/graphql": "graphql"}
_REPOSITORY = re.compile(r"/repos/(?P<name>[^/]+/[^/]+)(?P<rest>/.*)?")
_ISSUES = re.compile(r"/repos/[^/]+/[^/]+/issues(?:/[0-9]+)?")
_BAD_GATEWAY = (
    "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
)


class GitHubSimulator(Listening):
    """Serves `scenario`'s `repo/`, `history.yaml` and `deploys.yaml` at `.url` while the context is open.

    `port` 0 takes a free one. The repository is private: without a token it is 404, with another one than `token` 401;
    an empty `token` makes it public. `issues_token` opens issues and reads nothing else. `app` is a GitHub App that is
    installed on it. `clock` gives seconds since the epoch, for quotas and tokens. `faults` may be changed at any time. `requests` holds "METHOD path?query" of every request, oldest first.
    """

    def __init__(
        self,
        scenario: Path,
        *,
        repository: str = "acme/online-boutique",
        host: str = "127.0.0.1",
        port: int = 0,
        token: str = "simulator-token",
        issues_token: str = "",
        app: App | None = None,
        faults: Faults | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.repository: Repository = load(scenario)
        self.issues = Issues(self.repository)
        self.name = repository
        self.faults = faults or Faults()
        self.requests: list[str] = []
        super().__init__(host, port)
        self._clock = clock
        self.apps = Apps(app, clock)
        self._private = bool(token)
        self._tokens = Tokens(token, issues_token, self.apps, self.faults)
        self._limits = {signed: Limits(clock, anonymous=not signed) for signed in (True, False)}

    @property
    def enterprise_url(self) -> str:
        """The same API where GitHub Enterprise Server has it."""
        return f"{self.url}{_ENTERPRISE}"

    def quota_used(self, resource: str = "core") -> int:
        """How much of the token's quota (`core`, `code_search`) is used up."""
        return int(self._limits[True].overview()["resources"][resource]["used"])

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path_qs}")
        if self.faults.latency:
            await asyncio.sleep(self.faults.latency)
        if self.faults.down and request.transport:
            request.transport.abort()
        if self.faults.broken:
            return web.Response(status=502, text=_BAD_GATEWAY, content_type="text/html")
        path = _path(request)
        resource = _RESOURCES.get(path, "core")
        body = await request.read() if request.method == "POST" else None
        try:
            if path.startswith("/app/") or path.endswith("/installation"):
                signed = request.headers.get("Authorization", "")
                answer = self.apps.answer(signed, path, body, self.name, self.url)
                return self._finish(request, _rendered(answer), {})
            caller = self._tokens.caller(request.headers.get("Authorization", ""))
        except refusals.Refusal as refusal:
            return self._finish(request, _refused(refusal), {})
        limits = self._limits[caller.signed_in]
        try:
            response = _rendered(self._answer(request, path, caller, body))
        except refusals.Refusal as refusal:
            response = _refused(refusal)
        response = _unchanged(request, response)
        if response.status == 304 and caller.signed_in:  # Free for signed-in callers only.
            limits.give_back(resource)
        return self._finish(request, response, limits.headers(resource))

    def _answer(
        self, request: web.Request, path: str, caller: Caller, body: bytes | None
    ) -> Answer:
        if path.startswith(f"/{self.name}/"):  # no API: what a signed-in person's browser shows
            return pages.page(self._view(request), self.issues, path.removeprefix(f"/{self.name}"))
        resource, limits = _RESOURCES.get(path, "core"), self._limits[caller.signed_in]
        self._fail(resource, limits)
        if path == "/rate_limit":
            return Answer(limits.overview())
        if _ISSUES.fullmatch(path) and request.method in ("GET", "POST"):
            return self._issue(request, path, caller, body)
        if path == "/graphql" and body is not None and not self.faults.no_graphql:
            return self._graphql(request, caller, body)
        self._check(request, resource, limits, caller)
        if path == "/search/code":
            return search.search(self._view(request), indexed=not self.faults.unindexed)
        return self._repository(request, path, caller)

    def _check(self, request: web.Request, resource: str, limits: Limits, caller: Caller) -> None:
        """Whether this may be read, by this token, now. Raises Refusal."""
        if request.method not in ("GET", "HEAD"):
            raise refusals.not_found()
        if not limits.take(resource):
            raise refusals.quota_used_up()
        if resource == "code_search" and limits.anonymous:
            raise refusals.requires_authentication()
        if (self._private and not caller.signed_in) or not self.repository.commits:
            raise refusals.not_found()

    def _issue(self, request: web.Request, path: str, caller: Caller, body: bytes | None) -> Answer:
        found = _REPOSITORY.fullmatch(path)
        here = found is not None and found["name"].lower() == self.name.lower()
        if found is None or not here or not caller.signed_in:
            raise refusals.not_found()
        if not caller.writes_issues:
            raise refusals.not_permitted("issues=write", caller.kind)
        return self.issues.answer(self._view(request), found["rest"], body, self._clock())

    def _graphql(self, request: web.Request, caller: Caller, body: bytes) -> Answer:
        limits = self._limits[True]
        if not caller.signed_in:
            raise refusals.sign_in_for_graphql()
        if not limits.take("graphql"):
            raise refusals.quota_used_up()
        if not caller.permitted("contents"):
            raise refusals.not_permitted("contents=read", caller.kind)
        return graphql.answer(self._view(request), body, limits.left("graphql"))

    def _fail(self, resource: str, limits: Limits) -> None:
        if self.faults.secondary:
            raise refusals.slow_down(self.faults.secondary)
        if resource in self.faults.used_up():
            limits.exhaust(resource)
        if self.faults.search_down and resource == "code_search":
            raise refusals.search_unavailable()
        if self.faults.forbidden:
            raise refusals.not_permitted()

    def _repository(self, request: web.Request, path: str, caller: Caller) -> Answer:
        found = _REPOSITORY.fullmatch(path)
        if found is None or found["name"].lower() != self.name.lower():
            raise refusals.not_found()
        return routes.answer(
            self._view(request), found["rest"] or "", caller.permitted, caller.kind
        )

    def _view(self, request: web.Request) -> View:
        enterprise = request.path.startswith(_ENTERPRISE)
        api = self.enterprise_url if enterprise else self.url
        return View(
            repository=self.repository,
            name=self.name,
            api=api,
            site=self.url,
            url=f"{self.url}{request.path}",
            query=dict(request.query),
            accept=request.headers.get("Accept", ""),
        )

    def _finish(
        self, request: web.Request, response: web.Response, quota: dict[str, str]
    ) -> web.Response:
        """Add what every answer carries."""
        response.headers.update(quota)
        response.headers["X-GitHub-Request-Id"] = f"8A2E:{len(self.requests):X}:90AB2:691F0C1D"
        response.headers["X-GitHub-Api-Version-Selected"] = "2022-11-28"
        if request.path.startswith(_ENTERPRISE):
            response.headers["X-GitHub-Enterprise-Version"] = "3.18.0"
        return response


def _path(request: web.Request) -> str:
    """The path as api.github.com has it; an Enterprise Server has REST below `/api/v3` and GraphQL at `/api/graphql`."""
    if request.path == _ENTERPRISE_GRAPHQL:
        return "/graphql"
    return request.path.removeprefix(_ENTERPRISE)


def _unchanged(request: web.Request, response: web.Response) -> web.Response:
    """The answer with its ETag, or 304 when the client has it already."""
    if response.status != 200 or request.method == "POST":
        return response
    body = response.body if isinstance(response.body, bytes) else b""
    etag = f'W/"{hashlib.sha256(body).hexdigest()}"'
    if request.headers.get("If-None-Match") == etag:
        response = web.Response(status=304)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, max-age=60, s-maxage=60"
    return response


def _rendered(answer: Answer) -> web.Response:
    body = json.dumps(answer.body).encode() if answer.raw is None else answer.raw
    headers = {**answer.headers, "Content-Type": answer.content_type}
    return web.Response(status=answer.status, body=body, headers=headers)


def _refused(refusal: refusals.Refusal) -> web.Response:
    headers = {**refusal.headers, "Content-Type": "application/json; charset=utf-8"}
    return web.Response(
        status=refusal.status, body=json.dumps(refusal.body).encode(), headers=headers
    )
