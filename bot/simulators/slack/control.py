"""The control API: everything the Python object can do, as JSON over HTTP under `/_emu`.

`GET /_emu/{what}` reads (channel, thread, calls, …); `POST /_emu/{command}` acts, with the keyword arguments of the
method of the same name as a JSON object. Errors are HTTP 400 `{"ok": false, "error": "…"}`.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from bot.simulators.slack import json_text
from bot.simulators.slack.errors import CommandError, SlackError
from bot.simulators.slack.kinds import require_kinds
from bot.simulators.slack.page_server import foreign

if TYPE_CHECKING:
    from bot.simulators.slack.simulator import SlackSimulator

_COMMANDS = (
    "add_app",
    "add_channel",
    "add_to_channel",
    "add_user",
    "add_webhook",
    "advance",
    "archive_channel",
    "click",
    "click_in_view",
    "close_view",
    "configure",
    "delete_message",
    "edit_as_app",
    "edit_as_user",
    "global_shortcut",
    "invite_bot",
    "open_direct",
    "open_home",
    "post_as_app",
    "post_as_user",
    "react",
    "redeliver",
    "remove_scope",
    "send_event",
    "share_channel",
    "shortcut",
    "slash",
    "stop_session",
    "submit_view",
    "suggest",
    "suggest_in_message",
    "unreact",
    "uninstall_app",
)
_FAULTS = ("error", "rate_limit", "http_500", "latency", "apply_then_reset", "drop", "clear")
_SOCKETS = (
    "abort",
    "blackhole",
    "close",
    "delay_next",
    "disconnect",
    "duplicate_next",
    "mute_pongs",
    "reorder_next",
    "send_raw",
)
_READS = (
    "calls",
    "channels",
    "connections",
    "direct",
    "display_options",
    "duplicate_posts",
    "envelopes",
    "ephemerals",
    "failed_deliveries",
    "home",
    "message",
    "messages",
    "reactions",
    "replies",
    "session",
    "thread",
    "thread_status",
    "uploads",
    "users",
    "views",
    "visible_errors",
    "webhooks",
)


class Control:
    """Maps URLs to methods of the simulator."""

    def __init__(self, simulator: SlackSimulator) -> None:
        self._simulator = simulator

    def add_routes(self, application: web.Application) -> None:
        router = application.router
        for name in _READS:
            router.add_get(f"/_emu/{name}", self._reader(name))
        for name in _COMMANDS:
            router.add_post(f"/_emu/{name}", self._command(lambda: self._simulator, name))
        for name in _FAULTS:
            router.add_post(
                f"/_emu/faults/{name}", self._command(lambda: self._simulator.faults, name)
            )
        for name in _SOCKETS:
            router.add_post(
                f"/_emu/sockets/{name}", self._command(lambda: self._simulator.sockets, name)
            )
        router.add_get("/_emu/credentials", self._credentials)

    async def _credentials(self, _request: web.Request) -> web.Response:
        """What an app has to be started with."""
        simulator = self._simulator
        return web.json_response(
            {
                "ok": True,
                "api_url": simulator.api_url,
                "bot_token": simulator.bot_token,
                "app_token": simulator.app_token,
                "webhooks": simulator.webhooks(),
            }
        )

    def _reader(self, name: str) -> Callable[[web.Request], Any]:
        async def read(request: web.Request) -> web.Response:
            found = getattr(self._simulator, name)
            return await _answer(found if callable(found) else lambda: found, dict(request.query))

        return read

    def _command(self, owner: Callable[[], Any], name: str) -> Callable[[web.Request], Any]:
        async def act(request: web.Request) -> web.Response:
            if foreign(request):
                return _refusal("the control API answers its own page and programs only")
            text = await request.read()
            try:
                arguments = json_text.parse(text) if text.strip() else {}
            except ValueError:
                return _refusal("the body is not JSON")
            if not isinstance(arguments, dict):
                return _refusal("the body is not a JSON object")
            return await _answer(getattr(owner(), name), arguments)

        return act


async def _answer(method: Callable[..., Any], arguments: dict[str, Any]) -> web.Response:
    try:
        inspect.signature(method).bind(**arguments)
        require_kinds(method, arguments)
        result = method(**arguments)
        if inspect.isawaitable(result):
            result = await result
    except (CommandError, SlackError, TypeError) as error:
        return _refusal(str(error))
    return web.json_response({"ok": True, "result": result}, dumps=_dump)


def _refusal(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error}, status=400)


def _dump(value: Any) -> str:
    return json.dumps(value, default=_to_json)


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    if hasattr(value, "to_json"):
        return value.to_json()
    return str(value)
