"""The front door of the Web API: `ANY /api/{method}`, with the checks all methods share, in Slack's order.

Token given → token known → right kind of token → method known → rate limit → scope → required arguments → the method.
Everything but rate limits and broken servers is HTTP 200 with `ok`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from bot.simulators.slack.arguments import Arguments, read_arguments
from bot.simulators.slack.calls import Call
from bot.simulators.slack.errors import RateLimited, SlackError
from bot.simulators.slack.faults import Fault
from bot.simulators.slack.methods import (
    agents,
    auth,
    blocks,
    chat,
    conversations,
    files,
    reactions,
    rooms,
    shelf,
    streams,
    views,
)
from bot.simulators.slack.methods.catalog import Invocation, Method
from bot.simulators.slack.people import App
from bot.simulators.slack.world import World

METHODS: dict[str, Method] = {
    **agents.METHODS,
    **auth.METHODS,
    **blocks.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **reactions.METHODS,
    **rooms.METHODS,
    **shelf.METHODS,
    **streams.METHODS,
    **views.METHODS,
}


@dataclass(slots=True)
class _Answer:
    body: dict[str, Any]
    status: int = 200
    retry_after: int | None = None
    app: App | None = None
    accepted: tuple[str, ...] = ()


class Api:
    """Answers Web API calls and logs them."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def handle(self, request: web.Request) -> web.Response:
        name = request.match_info["method"]
        fault = self._world.faults.take(name)
        if fault is not None:
            self._world.changes.publish("fault", method=name, fault=fault.to_json())
        if fault is not None and fault.kind == "latency":
            await self._world.clock.sleep(fault.seconds)
        try:
            args = await read_arguments(request)
        except SlackError as error:
            return self._respond(name, Arguments({}), _Answer(error.to_json()), fault)
        answer = self._spoiled(fault) or self._answer(request, name, args)
        response = self._respond(name, args, answer, fault)
        cut = fault is not None and fault.kind in ("drop", "apply_then_reset")
        if cut and request.transport is not None:
            request.transport.abort()
        return response

    def _spoiled(self, fault: Fault | None) -> _Answer | None:
        """The answer of a fault that keeps the method from being applied."""
        if fault is None or fault.kind in ("latency", "apply_then_reset"):
            return None
        if fault.kind == "error":
            return _Answer({"ok": False, "error": fault.error})
        if fault.kind == "rate_limit":
            return _Answer({"ok": False, "error": "ratelimited"}, 429, int(fault.seconds))
        return _Answer({"ok": False, "error": "internal_error"}, 500)

    def _answer(self, request: web.Request, name: str, args: Arguments) -> _Answer:
        answer = _Answer({})
        try:
            app, method = self._admit(request, name, args, answer)
            args.require(method.required)
            answer.body = {"ok": True, **method.handler(Invocation(self._world, app, args))}
        except SlackError as error:
            answer.body = error.to_json()
        except RateLimited as limited:
            answer.body = {"ok": False, "error": "ratelimited"}
            answer.status, answer.retry_after = 429, limited.retry_after
        return answer

    def _admit(
        self, request: web.Request, name: str, args: Arguments, answer: _Answer
    ) -> tuple[App, Method]:
        token, method = _token(request, args), METHODS.get(name)
        if not token and method is not None and method.token == "any":
            return self._world.app, method
        app = answer.app = self._known(token)
        kind = "app" if token == app.app_token else "bot"
        if (method is None and kind == "app") or (method and method.token not in (kind, "any")):
            raise SlackError("not_allowed_token_type")
        if method is None or (method.post_only and request.method != "POST"):
            raise SlackError(
                "unknown_method" if method is None else "invalid_http_method", req_method=name
            )
        answer.accepted = method.scopes
        self._world.rate_limits.take(app.id, name, method.tier)
        _require_scope(app, method)
        return app, method

    def _known(self, token: str) -> App:
        if not token:
            raise SlackError("not_authed")
        app = self._world.workspace.app_by_token(token)
        if app is None:
            raise SlackError("invalid_auth")
        if app.revoked:
            raise SlackError("token_revoked")
        return app

    def _respond(
        self, name: str, args: Arguments, answer: _Answer, fault: Fault | None
    ) -> web.Response:
        self._world.calls.add(
            Call(
                method=name,
                args=args.to_log(),
                at=self._world.clock.time(),
                response=answer.body,
                status=answer.status,
                app=answer.app.name if answer.app else "",
                fault=fault.kind if fault else "",
            )
        )
        self._world.changes.publish("call", method=name, ok=bool(answer.body.get("ok")))
        response = web.json_response(answer.body, status=answer.status)
        response.headers["x-slack-req-id"] = self._world.ids.hex(32)
        if answer.retry_after is not None:
            response.headers["Retry-After"] = str(answer.retry_after)
        if answer.app is not None:
            response.headers["x-oauth-scopes"] = ",".join(sorted(answer.app.grants.scopes))
            response.headers["x-accepted-oauth-scopes"] = ",".join(answer.accepted)
        return response


def _token(request: web.Request, args: Arguments) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else args.text("token")


def _require_scope(app: App, method: Method) -> None:
    if method.token == "bot" and method.scopes and not app.grants.scopes & set(method.scopes):
        raise SlackError(
            "missing_scope",
            needed=",".join(method.scopes),
            provided=",".join(sorted(app.grants.scopes)),
        )
