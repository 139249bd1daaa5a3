"""`/_sim/*`: reading and steering the simulator over HTTP, from a program of any kind. No key is needed.

GET  /_sim/usage      what each answered request read, wrote and cost, why it missed the cache, and the totals
GET  /_sim/requests   every request received, refused ones too: path, body, headers (without keys), time, id
POST /_sim/clock      {"advance": seconds}: cache lifetimes and rate limits follow
POST /_sim/faults     {"faults": [{"kind": "rate_limited", "retry_after": 1, "times": 1, "skip": 0}, …]}; see `faults`
POST /_sim/script     what the model shall say; see `scripts`
POST /_sim/quirks     {"quirks": ["no_cache_control", …]}: be another server that speaks the API; see `quirks`
POST /_sim/release    let answers that are stalled go on
POST /_sim/reset      forget cache, usage, requests, faults, script and rate limits; the clock and the quirks stay

What cannot be used is answered with 400 and `{"error": …}`, and changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.simulators.messages_api.faults import waiting_of
from bot.simulators.messages_api.ledger import as_json
from bot.simulators.messages_api.quirks import Quirks
from bot.simulators.messages_api.records import RecordedRequest
from bot.simulators.messages_api.scripts import brain_of
from bot.simulators.messages_api.state import State

_SECRET = frozenset({"x-api-key", "authorization"})

Body = dict[str, Any]


def add_routes(app: web.Application, state: State) -> None:
    """Mount the control endpoints."""
    control = _Control(state)
    app.router.add_get("/_sim/usage", control.usage)
    app.router.add_get("/_sim/requests", control.requests)
    for name, steer in control.steering.items():
        app.router.add_post(f"/_sim/{name}", _steered(steer))


def _steered(steer: Callable[[Body], Body]) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return web.json_response(steer(await _body(request)))
        except ValueError as error:
            return web.json_response({"error": str(error)}, status=400)

    return handle


class _Control:
    def __init__(self, state: State) -> None:
        self._state = state
        self.steering: dict[str, Callable[[Body], Body]] = {
            "clock": self._clock,
            "faults": self._faults,
            "script": self._script,
            "quirks": self._quirks,
            "release": self._release,
            "reset": self._reset,
        }

    async def usage(self, _: web.Request) -> web.Response:
        return web.json_response(as_json(self._state.api.ledger))

    async def requests(self, _: web.Request) -> web.Response:
        return web.json_response({"requests": [_shown(each) for each in self._state.requests]})

    def _clock(self, given: Body) -> Body:
        seconds = given.get("advance")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ValueError("advance: a number of seconds is required")
        self._state.clock.offset += seconds
        return {"now": self._state.clock.now()}

    def _faults(self, given: Body) -> Body:
        items = given.get("faults")
        if not isinstance(items, list):
            raise ValueError("faults: a list is required")
        for waiting in [waiting_of(item) for item in items]:
            self._state.faults.put(waiting)
        return {"waiting": len(self._state.faults)}

    def _script(self, given: Body) -> Body:
        self._state.use(brain_of(given))
        return {"ok": True}

    def _quirks(self, given: Body) -> Body:
        names = given.get("quirks")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ValueError("quirks: a list of names is required")
        self._state.quirks = Quirks(names)
        return {"quirks": sorted(self._state.quirks)}

    def _release(self, _: Body) -> Body:
        self._state.let_go()
        return {"ok": True}

    def _reset(self, _: Body) -> Body:
        self._state.reset()
        return {"ok": True}


def _shown(record: RecordedRequest) -> Body:
    headers = {name: value for name, value in record.headers.items() if name not in _SECRET}
    return {
        "path": record.path,
        "body": record.body,
        "headers": headers,
        "at": record.at,
        "request_id": record.request_id,
    }


async def _body(request: web.Request) -> Body:
    """The body; an empty one says nothing. Raises ValueError when it is no JSON object."""
    raw = await request.read()
    if not raw.strip():
        return {}
    try:
        given = json.loads(raw)
    except ValueError as error:
        raise ValueError(f"the body is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise ValueError("the body must be a JSON object")
    return given
