"""Serves the page, its live feed, and what it needs to draw the workspace for the first time."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientConnectionError, WSMsgType, web

from bot.simulators.slack.gallery import GalleryItem
from bot.simulators.slack.inbound import Inbound
from bot.simulators.slack.world import World

PAGE = Path(__file__).parent / "page"
_TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
_POLICY = (
    "default-src 'self'; script-src 'self'; img-src 'self' https: data:; style-src 'self'; "
    "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)


class PageServer:
    """The page at `/`, its files under `/page/`, its feed at `/_emu/feed`."""

    def __init__(self, world: World, inbound: Inbound, gallery: list[GalleryItem]) -> None:
        self._world = world
        self._inbound = inbound
        self._gallery = gallery

    def add_routes(self, application: web.Application) -> None:
        application.router.add_get("/", self._index)
        application.router.add_get(r"/archives/{rest:.+}", self._index)
        application.router.add_get("/page/{name}", self._static)
        application.router.add_get("/_emu/feed", self._feed)
        application.router.add_get("/_emu/state", self._state)
        application.router.add_get("/_emu/files/{file}/{name}", self._file)

    async def _index(self, _request: web.Request) -> web.StreamResponse:
        return _send("index.html")

    async def _static(self, request: web.Request) -> web.StreamResponse:
        return _send(request.match_info["name"])

    async def _file(self, request: web.Request) -> web.Response:
        """A file for the page, which has no token."""
        response = self._inbound.file_response(request.match_info["file"])
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        return response

    async def _state(self, _request: web.Request) -> web.Response:
        return web.json_response(self.snapshot())

    def snapshot(self) -> dict[str, Any]:
        """Everything the page draws."""
        world = self._world
        app, workspace = world.app, world.workspace
        return {
            "team": {"id": workspace.team_id, "name": workspace.name},
            "app": {
                "id": app.id,
                "name": app.name,
                "bot_user_id": app.bot_user_id,
                "home_tab": app.grants.home_tab,
                "connections": len(world.sockets.live(app.id)),
            },
            "apps": {
                item.id: {"name": item.name, "emoji": item.emoji, "bot_user_id": item.bot_user_id}
                for item in workspace.apps.values()
            },
            "users": {user.id: user.to_json() for user in workspace.users.values()},
            "channels": [
                {**channel.to_json(""), "members": sorted(channel.members), "name": channel.name}
                for channel in workspace.channels.values()
            ],
            "messages": {
                channel: [entry.message for entry in world.messages.everything(channel)]
                for channel in workspace.channels
            },
            "ephemerals": [
                {"channel": entry.channel, "for": entry.ephemeral_for, "message": entry.message}
                for entry in world.posting.ephemerals
            ],
            "commands": [
                {"command": item.command, "description": item.description, "hint": item.usage_hint}
                for item in app.grants.commands
            ],
            "shortcuts": [
                {"callback_id": item.callback_id, "name": item.name}
                for item in app.grants.shortcuts
                if item.type == "message"
            ],
            "sessions": [item.to_json() for item in world.sessions.sessions.values()],
            "threads": [
                {"channel": channel, "thread_ts": ts, **thread.to_json()}
                for (channel, ts), thread in world.sessions.threads.items()
            ],
            "views": {
                user: {
                    "stack": world.views.stack(user),
                    "homes": {app.id: world.views.home(app.id, user)},
                }
                for user in workspace.users
            },
            "gallery": [item.to_json() for item in self._gallery],
        }

    async def _feed(self, request: web.Request) -> web.WebSocketResponse:
        if foreign(request):
            raise web.HTTPForbidden
        socket = web.WebSocketResponse(heartbeat=20)
        await socket.prepare(request)
        with self._world.changes.feed() as changes:
            writer = asyncio.create_task(_forward(socket, changes), name="page-feed")
            try:
                async for message in socket:
                    if message.type is WSMsgType.ERROR:
                        break
            finally:
                writer.cancel()
                await asyncio.gather(writer, return_exceptions=True)
        return socket


async def _forward(socket: web.WebSocketResponse, changes: asyncio.Queue[dict[str, Any]]) -> None:
    with contextlib.suppress(ClientConnectionError, ConnectionError):
        while True:
            await socket.send_json(await changes.get())


def foreign(request: web.Request) -> bool:
    """True for a script of some other site in somebody's browser."""
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.host


def _send(name: str) -> web.StreamResponse:
    path = PAGE / name
    if path.parent != PAGE or not path.is_file():
        raise web.HTTPNotFound
    response = web.Response(
        body=path.read_bytes(), content_type=_TYPES.get(path.suffix, "text/plain")
    )
    response.charset = "utf-8"
    response.headers["Cache-Control"] = "no-cache"
    response.headers["Content-Security-Policy"] = _POLICY
    return response
