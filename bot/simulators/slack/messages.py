"""The messages of all channels: time stamps, threads, reactions, tombstones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.simulators.slack.clock import Clock

Message = dict[str, Any]


@dataclass(slots=True)
class Entry:
    """A stored message. `message` is what the API shows; the rest is Slack's private knowledge of it."""

    channel: str
    message: Message
    app_id: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    """Display options of the post that no API shows again: `unfurl_links`, `unfurl_media`, `link_names`, …"""
    metadata: dict[str, Any] | None = None
    ephemeral_for: str | None = None

    @property
    def ts(self) -> str:
        return str(self.message["ts"])

    @property
    def root_ts(self) -> str:
        return str(self.message.get("thread_ts", self.message["ts"]))

    @property
    def is_reply(self) -> bool:
        return self.root_ts != self.ts


class Messages:
    """Entries by channel and ts, in the order of posting."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last_microseconds = 0
        self._channels: dict[str, dict[str, Entry]] = {}

    def next_ts(self) -> str:
        """`seconds.microseconds`, strictly increasing over the workspace."""
        now = int(self._clock.time() * 1_000_000)
        self._last_microseconds = max(now, self._last_microseconds + 1)
        seconds, microseconds = divmod(self._last_microseconds, 1_000_000)
        return f"{seconds}.{microseconds:06d}"

    def add(self, entry: Entry) -> Entry:
        self._channels.setdefault(entry.channel, {})[entry.ts] = entry
        if entry.is_reply:
            self._count_replies(entry.channel, entry.root_ts)
        return entry

    def find(self, channel: str, ts: str) -> Entry | None:
        return self._channels.get(channel, {}).get(ts)

    def everything(self, channel: str) -> list[Entry]:
        return list(self._channels.get(channel, {}).values())

    def top_level(self, channel: str) -> list[Entry]:
        """What the channel shows, oldest first: no thread replies except broadcast ones."""
        return [
            entry
            for entry in self.everything(channel)
            if not entry.is_reply or entry.message.get("subtype") == "thread_broadcast"
        ]

    def thread(self, channel: str, root_ts: str) -> list[Entry]:
        """The parent first, then its replies; empty when there is no such message."""
        root = self.find(channel, root_ts)
        if root is None:
            return []
        replies = [
            entry
            for entry in self.everything(channel)
            if entry.is_reply and entry.root_ts == root_ts
        ]
        return [root, *replies]

    def remove(self, entry: Entry) -> None:
        """A parent with replies leaves a tombstone, as in Slack, which goes with the last of them."""
        if not entry.is_reply and len(self.thread(entry.channel, entry.ts)) > 1:
            kept = {key: entry.message[key] for key in _KEPT_BY_TOMBSTONE if key in entry.message}
            entry.message.clear()
            entry.message.update(
                kept,
                type="message",
                subtype="tombstone",
                user="USLACKBOT",
                text="This message was deleted.",
                hidden=True,
            )
            return
        del self._channels[entry.channel][entry.ts]
        if entry.is_reply:
            self._count_replies(entry.channel, entry.root_ts)

    def _count_replies(self, channel: str, root_ts: str) -> None:
        root, *replies = self.thread(channel, root_ts)
        if not replies and root.message.get("subtype") == "tombstone":
            del self._channels[channel][root_ts]
        if not replies:
            for key in _THREAD_COUNTERS:
                root.message.pop(key, None)
            return
        authors = list(
            dict.fromkeys(
                reply.message.get("user") or reply.message.get("bot_id", "") for reply in replies
            )
        )
        root.message.update(
            thread_ts=root_ts,
            reply_count=len(replies),
            reply_users_count=len(authors),
            latest_reply=replies[-1].ts,
            reply_users=authors[:5],
            is_locked=False,
            subscribed=False,
        )


_KEPT_BY_TOMBSTONE = (
    "ts",
    "thread_ts",
    "reply_count",
    "reply_users_count",
    "latest_reply",
    "reply_users",
)
_THREAD_COUNTERS = ("thread_ts", "reply_count", "reply_users_count", "latest_reply", "reply_users")
