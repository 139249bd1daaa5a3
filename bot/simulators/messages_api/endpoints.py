"""The HTTP endpoints of the API."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from typing import Any

from aiohttp import web

from bot.simulators.messages_api import vertex
from bot.simulators.messages_api.api import Answer
from bot.simulators.messages_api.call import Call
from bot.simulators.messages_api.catalogue import model_info, model_list
from bot.simulators.messages_api.delivery import Broken, chunked, deliver, until_error
from bot.simulators.messages_api.errors import ApiError, invalid
from bot.simulators.messages_api.faults import Fault
from bot.simulators.messages_api.quirky_stream import QuirkyStream
from bot.simulators.messages_api.records import RecordedRequest
from bot.simulators.messages_api.state import State
from bot.simulators.messages_api.stream import encoded, error_event, events, whole
from bot.simulators.messages_api.workspaces import Workspace

_SURPRISE_EVERY = 3
"""Every third stream carries an event of an unknown type, which clients must ignore."""

_PATHS = ("/v1/messages", "/v1/messages/count_tokens", "/v1/models")

Handler = Callable[[web.Request, Call], Awaitable[web.StreamResponse]]


class Endpoints:
    """`/v1/messages`, `/v1/messages/count_tokens` and `/v1/models`; the first two as Vertex AI has them, too."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._streams = 0

    def add_routes(self, app: web.Application) -> None:
        """Mount the endpoints."""
        app.router.add_post("/v1/messages", self._guarded(self._messages))
        app.router.add_post("/v1/messages/count_tokens", self._guarded(self._count_tokens))
        app.router.add_get("/v1/models", self._guarded(self._models))
        app.router.add_get("/v1/models/{model_id}", self._guarded(self._model))
        app.router.add_post(vertex.PATH, self._guarded(self._vertex))

    def add_fallback(self, app: web.Application) -> None:
        """Answer everything else as the API does. To be called after all routes were added."""
        app.router.add_route("*", "/{path:.*}", self._guarded(self._unknown))

    def _guarded(self, handler: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            call = Call(request, self._state.clock.now())
            try:
                self._state.quirks.check_path(request.path)
                return await handler(request, call)
            except ApiError as error:
                return call.refusal(error, self._state.limiter)

        return handle

    async def _messages(self, request: web.Request, call: Call) -> web.StreamResponse:
        owner = await self._received(request, call)
        fault = self._state.faults.take()
        if fault is not None and fault.kind == "refuse" and fault.error is not None:
            raise fault.error
        quirks = self._state.quirks
        quirks.check(call.parsed())
        answer = await self._state.api.create(
            quirks.understood(call.parsed()),
            call.headers,
            owner,
            self._state.brain,
            request_id=call.id,
            started=call.started,
            signs=quirks.signs,
        )
        return await self._send(request, call, answer, fault)

    async def _received(self, request: web.Request, call: Call) -> Workspace:
        await call.read()
        self._state.requests.append(
            RecordedRequest(request.path, call.raw, call.body, call.headers, call.started, call.id)
        )
        return call.identify(self._state.keys)

    async def _send(
        self, request: web.Request, call: Call, answer: Answer, fault: Fault | None
    ) -> web.StreamResponse:
        response, pieces = self._rendered(call, answer, fault)
        state = self._state
        written = chunked(pieces, state.chunking)

        def begun() -> None:
            """Rate limits are told as they are with this request counted."""
            state.api.begin(answer)
            response.headers.update(call.response_headers(state.limiter, answer.model.line))

        try:
            await deliver(request, response, written, fault, state.release, begun)
        except (Broken, ConnectionResetError):
            # The caller is gone, or was meant to be: there is nobody left to answer.
            return response
        return response

    def _rendered(
        self, call: Call, answer: Answer, fault: Fault | None
    ) -> tuple[web.StreamResponse, Iterable[bytes]]:
        error = fault.error if fault is not None and fault.kind == "mid_stream_error" else None
        response = web.StreamResponse(headers=answer.headers)
        if not answer.stream:
            if error is not None:
                raise error
            body = json.dumps(whole(answer.message, answer.usage, answer.extra)).encode()
            response.content_type = "application/json"
            response.content_length = len(body)
            return response, [body]
        self._streams += 1
        surprise = self._streams % _SURPRISE_EVERY == 0
        told = events(answer.message, answer.usage, answer.extra, surprise=surprise)
        pieces = encoded(QuirkyStream(self._state.quirks, call.body).changed(told))
        response.content_type = "text/event-stream"
        response.charset = "utf-8"
        response.headers["Cache-Control"] = "no-cache"
        if error is not None and fault is not None:
            return response, until_error(pieces, fault.after, error_event(error.body))
        return response, pieces

    async def _count_tokens(self, request: web.Request, call: Call) -> web.StreamResponse:
        await self._received(request, call)
        return self._json(call, self._state.api.count_tokens(call.parsed(), call.headers))

    async def _vertex(self, request: web.Request, call: Call) -> web.StreamResponse:
        model = request.match_info["model"]
        await call.read()
        call.headers = vertex.headers(call.headers, call.body)
        call.translate = partial(vertex.translated, model=model)
        if model == vertex.COUNTING:
            return await self._count_tokens(request, call)
        return await self._messages(request, call)

    async def _models(self, request: web.Request, call: Call) -> web.StreamResponse:
        call.identify(self._state.keys)
        limit = request.query.get("limit", "20")
        if not limit.isdecimal():
            raise invalid("limit: Input should be a valid integer")
        after = request.query.get("after_id", "")
        return self._json(call, model_list(self._state.brain, after, int(limit)))

    async def _model(self, request: web.Request, call: Call) -> web.StreamResponse:
        call.identify(self._state.keys)
        return self._json(call, model_info(self._state.brain, request.match_info["model_id"]))

    async def _unknown(self, request: web.Request, call: Call) -> web.StreamResponse:
        call.identify(self._state.keys)
        if request.path in _PATHS:
            raise ApiError(405, "Method Not Allowed")
        raise ApiError(404, "Not Found")

    def _json(self, call: Call, body: Any) -> web.Response:
        return web.json_response(body, headers=call.response_headers(self._state.limiter))
