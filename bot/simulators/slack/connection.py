"""One Socket Mode connection: frames out in order, PING answered with PONG, and the ways it can go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

from aiohttp import ClientConnectionError, WSMsgType, web

from bot.simulators.slack import json_text

Frame = dict[str, Any]
Acknowledge = Callable[["Connection", Frame], None]


class Connection:
    """The server's end of a websocket of one app."""

    def __init__(self, app_id: str, number: int, request: web.Request) -> None:
        self.app_id = app_id
        self.number = number
        self.blackholed = False
        self.mute_pongs = False
        self.received: list[Frame] = []
        self._request = request
        self._socket = web.WebSocketResponse(autoping=False, timeout=0.5)
        self._outbox: asyncio.Queue[str | None] = asyncio.Queue()

    @property
    def alive(self) -> bool:
        return self._socket.prepared and not self._socket.closed

    def send(self, frame: Frame | str) -> None:
        """Queue a frame (or raw text). A black hole swallows it."""
        if not self.blackholed:
            self._outbox.put_nowait(frame if isinstance(frame, str) else json.dumps(frame))

    async def run(
        self, acknowledge: Acknowledge, greet: Callable[[], Frame]
    ) -> web.WebSocketResponse:
        """Serve the connection until either side ends it."""
        await self._socket.prepare(self._request)
        self.send(greet())
        writer = asyncio.create_task(self._write(), name=f"socket-{self.number}-writer")
        try:
            await self._read(acknowledge)
        finally:
            self._outbox.put_nowait(None)
            await writer
        return self._socket

    async def _read(self, acknowledge: Acknowledge) -> None:
        while True:
            message = await self._socket.receive()
            if message.type in (
                WSMsgType.CLOSE,
                WSMsgType.CLOSED,
                WSMsgType.CLOSING,
                WSMsgType.ERROR,
            ):
                if not self._socket.closed:
                    await self._socket.close()
                return
            if self.blackholed:
                continue
            if message.type is WSMsgType.PING and not self.mute_pongs:
                with contextlib.suppress(ClientConnectionError, ConnectionError):
                    await self._socket.pong(message.data)
            elif message.type is WSMsgType.TEXT:
                self._take(message.data, acknowledge)

    def _take(self, text: str, acknowledge: Acknowledge) -> None:
        try:
            frame = json_text.parse(text)
        except ValueError:
            return
        if isinstance(frame, dict):
            self.received.append(frame)
            acknowledge(self, frame)

    async def _write(self) -> None:
        while (text := await self._outbox.get()) is not None:
            with contextlib.suppress(ClientConnectionError, ConnectionError):
                await self._socket.send_str(text)

    async def ping(self) -> None:
        """Slack pings its clients too."""
        if self.alive and not self.blackholed:
            with contextlib.suppress(ClientConnectionError, ConnectionError):
                await self._socket.ping(b"Ping from applink-simulator")

    async def close(self) -> None:
        """A CLOSE frame, as Slack sends when it ends a connection."""
        if self.alive:
            await self._socket.close()

    def abort(self) -> None:
        """Cut the TCP connection without a word."""
        if (transport := self._request.transport) is not None:
            transport.abort()
