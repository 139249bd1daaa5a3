"""`/_sim/*`: reading and steering the simulator over HTTP, for a demo in another process. No key is needed.

GET  /_sim/usage      the ledger and its totals
GET  /_sim/requests   the bodies received, in order
POST /_sim/clock      {"advance": seconds}
POST /_sim/faults     {"faults": [{"kind": "rate_limited", "retry_after": 1, "times": 1, "skip": 0}, …]}
POST /_sim/script     {"replies": [...]} or {"rules": [{"contains", "reply"}]} or {"trajectory": {"messages": [...]}}
                      or {} to let the brain answer again
POST /_sim/reset      forget cache, ledger, requests, faults and script
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from bot.simulators.messages_api.brain import (
    Brain,
    Reply,
    Rule,
    RuleBrain,
    ScriptedBrain,
    as_reply,
    replay,
)
from bot.simulators.messages_api.faults import fault_from_json
from bot.simulators.messages_api.ledger import as_json
from bot.simulators.messages_api.state import State


def add_routes(app: web.Application, state: State) -> None:
    """Mount the control endpoints."""
    control = _Control(state)
    app.router.add_get("/_sim/usage", control.usage)
    app.router.add_get("/_sim/requests", control.requests)
    app.router.add_post("/_sim/clock", control.clock)
    app.router.add_post("/_sim/faults", control.faults)
    app.router.add_post("/_sim/script", control.script)
    app.router.add_post("/_sim/reset", control.reset)


class _Control:
    def __init__(self, state: State) -> None:
        self._state = state

    async def usage(self, _: web.Request) -> web.Response:
        return web.json_response(as_json(self._state.api.ledger))

    async def requests(self, _: web.Request) -> web.Response:
        received = [{"path": r.path, "body": r.body} for r in self._state.requests]
        return web.json_response({"requests": received})

    async def clock(self, request: web.Request) -> web.Response:
        given = await _body(request)
        try:
            self._state.clock.offset += float(given["advance"])
        except (KeyError, TypeError, ValueError):
            return _refused("advance: a number of seconds is required")
        return web.json_response({"now": self._state.clock.now()})

    async def faults(self, request: web.Request) -> web.Response:
        given = await _body(request)
        try:
            for item in given.get("faults") or ():
                fault = fault_from_json(item)
                self._state.faults.add(
                    fault, times=int(item.get("times", 1)), skip=int(item.get("skip", 0))
                )
        except (ValueError, TypeError, AttributeError) as error:
            return _refused(f"faults: {error}")
        return web.json_response({"waiting": len(self._state.faults)})

    async def script(self, request: web.Request) -> web.Response:
        given = await _body(request)
        try:
            self._state.use(_scripted(given))
        except (KeyError, TypeError, ValueError) as error:
            return _refused(f"script: {error}")
        return web.json_response({"ok": True})

    async def reset(self, _: web.Request) -> web.Response:
        self._state.reset()
        return web.json_response({"ok": True})


def _scripted(given: Mapping[str, Any]) -> Brain | None:
    if "replies" in given:
        return ScriptedBrain([_reply(item) for item in given["replies"]])
    if "rules" in given:
        rules = (Rule(item.get("contains", ""), _reply(item["reply"])) for item in given["rules"])
        return RuleBrain(tuple(rules))
    if "trajectory" in given:
        return replay(given["trajectory"]["messages"])
    return None


def _reply(item: Any) -> Reply:
    """A text, a block, a list of blocks, or `{"content": [...], "stop_reason": …}`."""
    if isinstance(item, Mapping) and "content" in item:
        return Reply(item["content"], item.get("stop_reason"), item.get("stop_details"))
    return as_reply(item)


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        given = await request.json()
    except json.JSONDecodeError:
        return {}
    return given if isinstance(given, dict) else {}


def _refused(message: str) -> web.Response:
    return web.json_response({"error": message}, status=400)
