"""Agent sessions: Slack's own "Working…" line and Stop button over a thread, and the older thread status.

A session that says `processing` falls back to `active` after an hour unless it says so again; the older
`assistant.threads.setStatus` text goes away with the app's next message there, or after two minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.simulators.slack.background import Background
from bot.simulators.slack.changes import Changes
from bot.simulators.slack.clock import Clock

PROCESSING_SECONDS = 3_600.0
THREAD_STATUS_SECONDS = 120.0
STATUSES = ("processing", "active", "suspended", "closed")

Key = tuple[str, str]


@dataclass(slots=True)
class Session:
    """The agent's session in one thread (`thread_ts` is empty for a whole channel)."""

    channel: str
    thread_ts: str
    app_id: str
    status: str = "active"
    title: str = ""
    initiator: str = ""
    changes: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "channel": self.channel,
            "thread_ts": self.thread_ts,
            "app_id": self.app_id,
            "status": self.status,
            "title": self.title,
        }


@dataclass(slots=True)
class ThreadStatus:
    """What `assistant.threads.*` set for a thread."""

    status: str = ""
    loading_messages: list[str] = field(default_factory=list)
    title: str = ""
    prompts: dict[str, Any] = field(default_factory=dict)
    changes: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "status": self.status,
            "loading_messages": self.loading_messages,
            "title": self.title,
            "prompts": self.prompts,
        }


class Sessions:
    """Sessions and thread statuses by (channel, thread_ts)."""

    def __init__(self, clock: Clock, background: Background, changes: Changes) -> None:
        self._clock = clock
        self._background = background
        self._changes = changes
        self.sessions: dict[Key, Session] = {}
        self.threads: dict[Key, ThreadStatus] = {}

    def find(self, channel: str, thread_ts: str) -> Session | None:
        return self.sessions.get((channel, thread_ts))

    def set_status(
        self,
        app_id: str,
        channel: str,
        thread_ts: str,
        status: str,
        *,
        title: str = "",
        initiator: str = "",
    ) -> Session:
        """Create the session when needed. A title counts at creation only; `:` in it becomes `_`."""
        session = self.sessions.get((channel, thread_ts))
        if session is None:
            session = Session(channel, thread_ts, app_id, title=title.replace(":", "_"))
            session.initiator = initiator
            self.sessions[(channel, thread_ts)] = session
        session.status = status
        session.changes += 1
        if status == "processing":
            self._background.start(
                self._time_out(session, session.changes), f"session-{thread_ts}-timeout"
            )
        self.show(session)
        return session

    def show(self, session: Session) -> None:
        self._changes.publish("session", session=session.to_json())

    async def _time_out(self, session: Session, change: int) -> None:
        await self._clock.sleep(PROCESSING_SECONDS)
        if session.changes == change:
            session.status = "active"
            self.show(session)

    def thread(self, channel: str, thread_ts: str) -> ThreadStatus:
        return self.threads.setdefault((channel, thread_ts), ThreadStatus())

    def set_thread_status(
        self, channel: str, thread_ts: str, status: str, loading_messages: list[str]
    ) -> None:
        thread = self.thread(channel, thread_ts)
        thread.status, thread.loading_messages = status, loading_messages
        thread.changes += 1
        if status:
            self._background.start(
                self._forget(channel, thread_ts, thread.changes), f"thread-{thread_ts}-status"
            )
        self.show_thread(channel, thread_ts)

    async def _forget(self, channel: str, thread_ts: str, change: int) -> None:
        await self._clock.sleep(THREAD_STATUS_SECONDS)
        if self.thread(channel, thread_ts).changes == change:
            self.clear_thread_status(channel, thread_ts)

    def clear_thread_status(self, channel: str, thread_ts: str) -> None:
        thread = self.threads.get((channel, thread_ts))
        if thread is not None and thread.status:
            thread.status, thread.loading_messages = "", []
            self.show_thread(channel, thread_ts)

    def show_thread(self, channel: str, thread_ts: str) -> None:
        self._changes.publish(
            "thread_status",
            channel=channel,
            thread_ts=thread_ts,
            thread=self.thread(channel, thread_ts).to_json(),
        )
