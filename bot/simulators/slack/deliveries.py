"""Envelopes on their way to an app: at least once for events, once or never for everything a person waits for.

Events are sent again when no acknowledgement came: after 3 s at once, then after 60 s, then after 300 s, with the same
envelope_id and event_id; then they are given up (https://docs.slack.dev/apis/events-api#retries). Slash commands and
interactions are never sent again: the person sees an error after 3 s.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from bot.simulators.slack.background import Background
from bot.simulators.slack.changes import Changes
from bot.simulators.slack.clock import Clock, happens_within
from bot.simulators.slack.connection import Connection, Frame
from bot.simulators.slack.ids import Ids
from bot.simulators.slack.sockets import Sockets

ACK_SECONDS = 3.0
RETRY_DELAYS_SECONDS = (0.0, 60.0, 300.0)
_REMEMBERED = 2_000


@dataclass(slots=True)
class Envelope:
    """One payload for one app, with what became of it."""

    id: str
    app_id: str
    type: str
    payload: dict[str, Any]
    sent_at: list[float] = field(default_factory=list)
    acked_at: float | None = None
    response: dict[str, Any] | None = None
    acks: int = 0
    gave_up: bool = False
    acked: asyncio.Event = field(default_factory=asyncio.Event)
    carriers: set[int] = field(default_factory=set)

    def frame(self, attempt: int) -> Frame:
        is_event = self.type == "events_api"
        frame: Frame = {
            "envelope_id": self.id,
            "type": self.type,
            "accepts_response_payload": not is_event,
            "payload": self.payload,
        }
        if is_event:
            frame |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        return frame

    def to_json(self) -> dict[str, Any]:
        return {
            "envelope_id": self.id,
            "app_id": self.app_id,
            "type": self.type,
            "event_id": self.payload.get("event_id"),
            "sent_at": self.sent_at,
            "acked_at": self.acked_at,
            "gave_up": self.gave_up,
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """What the app acknowledged with, or the error that the person saw."""

    payload: dict[str, Any]
    error: str | None = None


class Deliveries:
    """Sends envelopes, waits for acknowledgements, sends events again."""

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        sockets: Sockets,
        background: Background,
        changes: Changes,
        *,
        speedup: float = 1.0,
    ) -> None:
        self._clock = clock
        self._ids = ids
        self._sockets = sockets
        self._background = background
        self._changes = changes
        self.speedup = speedup
        self.ack_seconds = ACK_SECONDS
        """How long an acknowledgement is waited for."""
        self._envelopes: OrderedDict[str, Envelope] = OrderedDict()
        self.ack_on_any_connection = True
        """Accept an acknowledgement on another socket of the app than the one that got the envelope."""
        sockets.on_acknowledgement(self._acknowledged)

    def log(self) -> list[Envelope]:
        """The last envelopes, oldest first."""
        return list(self._envelopes.values())

    def send_event(self, app_id: str, payload: dict[str, Any]) -> Envelope:
        """Start to deliver an event callback."""
        envelope = self._new(app_id, "events_api", payload)
        self._send(envelope, 0)
        self._background.start(self._pursue(envelope), f"envelope-{envelope.id}")
        return envelope

    async def ask(self, app_id: str, kind: str, payload: dict[str, Any]) -> Answer:
        """Deliver a slash command or an interaction and wait for its acknowledgement.

        `kind` is `slash_commands` or `interactive`. The error is `dispatch_failed` without a connection and
        `operation_timeout` without an acknowledgement within 3 s.
        """
        envelope = self._new(app_id, kind, payload)
        if not self._send(envelope, 0):
            envelope.gave_up = True
            return Answer({}, "dispatch_failed")
        if not await happens_within(self._clock, envelope.acked, self.ack_seconds):
            envelope.gave_up = True
            return Answer({}, "operation_timeout")
        return Answer(envelope.response or {})

    def redeliver(self, count: int = 1) -> list[Envelope]:
        """Send the last `count` events once more, acknowledged or not, as Slack sometimes does."""
        events = [item for item in self._envelopes.values() if item.type == "events_api"][-count:]
        for envelope in events:
            self._send(envelope, len(envelope.sent_at))
        return events

    def _new(self, app_id: str, kind: str, payload: dict[str, Any]) -> Envelope:
        envelope = Envelope(self._ids.envelope(), app_id, kind, payload)
        self._envelopes[envelope.id] = envelope
        while len(self._envelopes) > _REMEMBERED:
            self._envelopes.popitem(last=False)
        return envelope

    def _send(self, envelope: Envelope, attempt: int) -> bool:
        carriers = self._sockets.send(envelope.app_id, envelope.frame(attempt))
        if carriers:
            envelope.carriers |= carriers
            envelope.sent_at.append(self._clock.time())
            self._changes.publish("envelope", envelope=envelope.to_json())
        return bool(carriers)

    async def _pursue(self, envelope: Envelope) -> None:
        for attempt, delay in enumerate(RETRY_DELAYS_SECONDS, start=1):
            if await self._acked_within(envelope, self.ack_seconds + delay):
                return
            self._send(envelope, attempt)
        if await self._acked_within(envelope, self.ack_seconds):
            return
        envelope.gave_up = True
        self._changes.publish("envelope", envelope=envelope.to_json())

    async def _acked_within(self, envelope: Envelope, seconds: float) -> bool:
        return await happens_within(self._clock, envelope.acked, seconds / max(self.speedup, 0.001))

    def _acknowledged(self, connection: Connection, frame: Frame) -> None:
        envelope = self._envelopes.get(str(frame.get("envelope_id", "")))
        if envelope is None or envelope.app_id != connection.app_id:
            return
        if not self.ack_on_any_connection and connection.number not in envelope.carriers:
            return
        envelope.acks += 1
        if not envelope.acked.is_set():
            payload = frame.get("payload")
            envelope.response = payload if isinstance(payload, dict) else None
            envelope.acked_at = self._clock.time()
            envelope.acked.set()
        self._changes.publish("envelope", envelope=envelope.to_json())
