"""Socket Mode connections of all apps: tickets, hello, refresh, the limit of ten, and socket faults.

Rules of https://docs.slack.dev/apis/events-api/using-socket-mode: a ticket opens one connection; up to ten connections
per app; each payload goes to any one of them; a connection is refreshed after some hours with a warning before.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable
from typing import Any

from aiohttp import web

from bot.simulators.slack.background import Background
from bot.simulators.slack.changes import Changes
from bot.simulators.slack.clock import Clock
from bot.simulators.slack.connection import Connection, Frame
from bot.simulators.slack.errors import CommandError
from bot.simulators.slack.ids import Ids

MAX_CONNECTIONS = 10
TICKET_SECONDS = 30.0
LIFETIME_SECONDS = 18_060.0
DEBUG_LIFETIME_SECONDS = 360.0
WARNING_SECONDS = 10.0
PING_SECONDS = 10.0
REASONS = ("warning", "refresh_requested", "link_disabled", "too_many_websockets")


class Sockets:
    """Hands out tickets, accepts connections, and sends frames to a random live one."""

    def __init__(self, clock: Clock, ids: Ids, background: Background, changes: Changes) -> None:
        self._clock = clock
        self._ids = ids
        self._background = background
        self._changes = changes
        self._numbers = itertools.count(1)
        self._tickets: dict[str, tuple[str, float]] = {}
        self._connections: list[Connection] = []
        self._acknowledge: Callable[[Connection, Frame], None] = lambda _connection, _frame: None
        self.lifetime_seconds = LIFETIME_SECONDS
        self.max_connections = MAX_CONNECTIONS
        self.duplicates = 0
        """How many of the next envelopes are sent twice."""
        self._late: deque[float] = deque()
        self._overtaken: list[tuple[str, Frame]] = []
        self._reorder = 0

    def on_acknowledgement(self, acknowledge: Callable[[Connection, Frame], None]) -> None:
        self._acknowledge = acknowledge

    def open_ticket(self, app_id: str) -> str:
        """The query string of a single-use connection URL."""
        ticket = self._ids.hex(32)
        self._tickets[ticket] = (app_id, self._clock.time() + TICKET_SECONDS)
        return f"ticket={ticket}&app_id={app_id}"

    def live(self, app_id: str | None = None) -> list[Connection]:
        """Open connections, oldest first."""
        return [item for item in self._connections if item.alive and app_id in (None, item.app_id)]

    def send(self, app_id: str, frame: Frame) -> set[int]:
        """To one random live connection of the app. The numbers of the connections used, empty if none."""
        candidates = self.live(app_id)
        if not candidates:
            return set()
        if self._reorder and not self._overtaken:
            self._reorder -= 1
            self._overtaken.append((app_id, frame))
            return {candidates[0].number}
        carriers = self._put(candidates, frame)
        for owner, overtaken in self._overtaken:
            self._put(self.live(owner) or candidates, overtaken)
        self._overtaken.clear()
        return carriers

    def _put(self, candidates: list[Connection], frame: Frame) -> set[int]:
        if self._late:
            connection = self._ids.random.choice(candidates)
            delayed = self._later(connection, frame, self._late.popleft())
            self._background.start(delayed, f"socket-{connection.number}-late")
            return {connection.number}
        carriers = set()
        for _ in range(2 if self._take_duplicate() else 1):
            connection = self._ids.random.choice(candidates)
            connection.send(frame)
            carriers.add(connection.number)
        return carriers

    async def _later(self, connection: Connection, frame: Frame, seconds: float) -> None:
        await self._clock.sleep(seconds)
        connection.send(frame)

    def _take_duplicate(self) -> bool:
        if self.duplicates <= 0:
            return False
        self.duplicates -= 1
        return True

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """`GET /link/?ticket=…&app_id=…`"""
        app_id, expires = self._tickets.pop(request.query.get("ticket", ""), ("", 0.0))
        if not app_id or expires < self._clock.time():
            return web.Response(status=403, text="ticket unknown, used or expired")
        connection = Connection(app_id, next(self._numbers), request)
        if len(self.live(app_id)) >= self.max_connections:
            return await connection.run(self._acknowledge, lambda: self._refuse(connection))
        self._connections.append(connection)
        lifetime = self._lifetime(request)
        stop_refreshing = self._background.start(
            self._refresh(connection, lifetime), f"socket-{connection.number}-refresh"
        )
        stop_pinging = self._background.start(
            self._ping(connection), f"socket-{connection.number}-ping"
        )
        try:
            return await connection.run(self._acknowledge, lambda: self._hello(app_id, lifetime))
        finally:
            stop_refreshing()
            stop_pinging()
            self._connections.remove(connection)
            self._changes.publish("socket", app=app_id, connections=len(self.live(app_id)))

    def _lifetime(self, request: web.Request) -> float:
        debug = request.query.get("debug_reconnects") == "true"
        return DEBUG_LIFETIME_SECONDS if debug else self.lifetime_seconds

    def _hello(self, app_id: str, lifetime: float) -> Frame:
        connections = len(self.live(app_id))
        self._changes.publish("socket", app=app_id, connections=connections)
        return {
            "type": "hello",
            "num_connections": connections,
            "connection_info": {"app_id": app_id},
            "debug_info": {**_debug_info(), "approximate_connection_time": int(lifetime)},
        }

    def _refuse(self, connection: Connection) -> Frame:
        self._background.start(self._close_soon(connection), f"socket-{connection.number}-refused")
        return _disconnect("too_many_websockets")

    async def _close_soon(self, connection: Connection) -> None:
        await self._clock.sleep(1.0)
        await connection.close()

    async def _refresh(self, connection: Connection, lifetime: float) -> None:
        await self._clock.sleep(max(lifetime - WARNING_SECONDS, 0))
        connection.send(_disconnect("warning"))
        await self._clock.sleep(WARNING_SECONDS)
        connection.send(_disconnect("refresh_requested"))
        await self._clock.sleep(WARNING_SECONDS)
        await connection.close()

    async def _ping(self, connection: Connection) -> None:
        while True:
            await self._clock.sleep(PING_SECONDS)
            await connection.ping()

    def abort(self, app_id: str | None = None) -> int:
        """Cut every live connection (of an app) without a CLOSE frame. Returns how many."""
        return _each(self.live(app_id), Connection.abort)

    def blackhole(self, app_id: str | None = None) -> int:
        """From now on these connections swallow everything and answer nothing, not even PING."""
        return _each(self.live(app_id), lambda item: setattr(item, "blackholed", True))

    def mute_pongs(self, app_id: str | None = None) -> int:
        """From now on these connections answer no PING, but still deliver."""
        return _each(self.live(app_id), lambda item: setattr(item, "mute_pongs", True))

    async def close(self, app_id: str | None = None) -> int:
        """End every live connection (of an app) with a CLOSE frame."""
        live = self.live(app_id)
        for connection in live:
            await connection.close()
        return len(live)

    def disconnect(self, reason: str = "refresh_requested", app_id: str | None = None) -> int:
        """Send `disconnect` with one of `REASONS`. Raises CommandError."""
        if reason not in REASONS:
            raise CommandError(f"no reason {reason!r}; there are {', '.join(REASONS)}")
        return _each(self.live(app_id), lambda item: item.send(_disconnect(reason)))

    def send_raw(self, text: str, app_id: str | None = None) -> int:
        """A frame of junk to every live connection."""
        return _each(self.live(app_id), lambda item: item.send(text))

    def duplicate_next(self, times: int = 1) -> None:
        """Send the next envelopes twice."""
        self.duplicates += times

    def delay_next(self, seconds: float, times: int = 1) -> None:
        """Send the next envelopes so many seconds late."""
        self._late.extend([seconds] * times)

    def reorder_next(self, times: int = 1) -> None:
        """Let the next envelopes be overtaken, each by the one after it."""
        self._reorder += times


def _each(connections: list[Connection], act: Callable[[Connection], Any]) -> int:
    for connection in connections:
        act(connection)
    return len(connections)


def _debug_info() -> Frame:
    return {"host": "applink-simulator", "build_number": 1}


def _disconnect(reason: str) -> Frame:
    return {"type": "disconnect", "reason": reason, "debug_info": _debug_info()}
