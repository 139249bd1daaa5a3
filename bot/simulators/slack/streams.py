"""Streamed messages: opened, appended to, stopped, and cut off by Slack after a few minutes.

A stream lives about five minutes from its start however much is appended (measured, not documented); while it is open
the message can be neither edited nor deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from bot.simulators.slack.background import Background
from bot.simulators.slack.clock import Clock
from bot.simulators.slack.messages import Entry
from bot.simulators.slack.posting import Posting
from bot.simulators.slack.sessions import Sessions

State = Literal["streaming", "completed", "expired", "stopped_by_user"]
Chunk = dict[str, Any]


@dataclass(slots=True)
class Stream:
    """What was streamed into one message so far."""

    entry: Entry
    app_id: str
    plan_mode: bool = False
    state: State = "streaming"
    markdown: str = ""
    plan_title: str = ""
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    blocks: list[dict[str, Any]] = field(default_factory=list)

    def merge(self, chunk: Chunk) -> None:
        """Text is appended; a task's title and status are replaced, its details and output appended."""
        kind = chunk["type"]
        if kind == "markdown_text":
            self.markdown += chunk["text"]
        elif kind == "plan_update":
            self.plan_title = chunk["title"]
        elif kind == "blocks":
            self.blocks += chunk["blocks"]
        else:
            self._merge_task(chunk)

    def _merge_task(self, chunk: Chunk) -> None:
        task = self.tasks.setdefault(
            chunk["id"],
            {"title": "", "status": "pending", "details": "", "output": "", "sources": []},
        )
        task["title"] = chunk.get("title") or task["title"]
        task["status"] = chunk.get("status") or task["status"]
        task["details"] += chunk.get("details") or ""
        task["output"] += chunk.get("output") or ""
        task["sources"] += chunk.get("sources") or []

    def render(self) -> list[dict[str, Any]]:
        """The message's blocks at this moment."""
        cards = [_card(task_id, task) for task_id, task in self.tasks.items()]
        rendered: list[dict[str, Any]] = []
        if cards and (self.plan_mode or self.plan_title):
            rendered.append({"type": "plan", "title": self.plan_title or "Plan", "tasks": cards})
        else:
            rendered += cards
        if self.markdown:
            rendered.append({"type": "markdown", "text": self.markdown})
        return rendered + self.blocks


def _card(task_id: str, task: dict[str, Any]) -> dict[str, Any]:
    card: dict[str, Any] = {
        "type": "task_card",
        "task_id": task_id,
        "title": task["title"],
        "status": task["status"],
    }
    for part in ("details", "output"):
        if task[part]:
            card[part] = _rich_text(task[part])
    if task["sources"]:
        card["sources"] = task["sources"]
    return card


def _rich_text(text: str) -> dict[str, Any]:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


class Streams:
    """Open and finished streams by (channel, ts)."""

    def __init__(
        self, clock: Clock, background: Background, posting: Posting, sessions: Sessions
    ) -> None:
        self._clock = clock
        self._background = background
        self._posting = posting
        self._sessions = sessions
        self._streams: dict[tuple[str, str], Stream] = {}
        self.lifetime_seconds = 300.0

    def find(self, channel: str, ts: str) -> Stream | None:
        return self._streams.get((channel, ts))

    def is_open(self, entry: Entry) -> bool:
        stream = self.find(entry.channel, entry.ts)
        return stream is not None and stream.state == "streaming"

    def start(self, entry: Entry, stream: Stream) -> None:
        self._streams[(entry.channel, entry.ts)] = stream
        self._background.start(self._expire(stream), f"stream-{entry.ts}-expiry")

    async def _expire(self, stream: Stream) -> None:
        await self._clock.sleep(self.lifetime_seconds)
        if stream.state == "streaming":
            self.finish(stream, "expired")

    def append(self, stream: Stream, chunks: list[Chunk]) -> None:
        with self._posting.edit(stream.entry) as message:
            for chunk in chunks:
                stream.merge(chunk)
            message.update(text=stream.markdown, blocks=stream.render())

    def finish(self, stream: Stream, state: State, session_status: str = "active") -> None:
        """Close the stream; a stop by the user leaves the session's status to the app."""
        stream.state = state
        with self._posting.edit(stream.entry) as message:
            message["streaming_state"] = "completed"
        entry = stream.entry
        if state != "stopped_by_user":
            self._sessions.set_status(stream.app_id, entry.channel, entry.root_ts, session_status)

    def stop_by_user(self, channel: str, thread_ts: str) -> list[str]:
        """Stop every open stream of a thread. The ts of each."""
        stopped = []
        for stream in self._streams.values():
            entry = stream.entry
            if stream.state == "streaming" and (entry.channel, entry.root_ts) == (
                channel,
                thread_ts,
            ):
                self.finish(stream, "stopped_by_user")
                stopped.append(entry.ts)
        return stopped
