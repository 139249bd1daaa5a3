"""What Slack did not deliver: posts of the incidents channels, read back after a gap.

Slack repeats an event for about six minutes and then forgets it. So the channels are read from the last post known
to be dealt with: at the start, after a connection was lost, and every few minutes, which also mends a connection that
looks alive and delivers nothing. Posts that were delivered are found claimed already.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from bot.slack.api import Api, SlackRefused
from bot.slack.clock import Clock
from bot.slack.directory import Directory
from bot.slack.inbox import Inbox

EVERY = 120.0
LOOK_BACK = 900.0
"""Seconds that are read where nothing is known: after the first start, or when Redis was lost."""
SETTLED = 60.0
"""Seconds for which a post is left to the ordinary delivery."""
_MAX_PAGES = 10
_log = logging.getLogger(__name__)

Body = dict[str, Any]


class Backfill:
    """Feeds posts nobody delivered into `deliver`, shaped as the event Slack would have sent."""

    def __init__(
        self,
        api: Api,
        inbox: Inbox,
        directory: Directory,
        clock: Clock,
        team: str,
        bot_user: str,
        deliver: Callable[[Body], Awaitable[None]],
    ) -> None:
        self._api = api
        self._inbox = inbox
        self._directory = directory
        self._clock = clock
        self._team = team
        self._bot_user = bot_user
        self._deliver = deliver

    async def run(self, *, settled: float = SETTLED) -> int:
        """Read all watched channels; how many posts were handed over. `settled`: leave out younger ones (seconds)."""
        handed = 0
        for channel in await self._directory.watched():
            handed += await self._read(channel, self._clock.time() - settled)
        return handed

    async def _read(self, channel: str, until: float) -> int:
        cursor = await self._inbox.cursor(channel)
        oldest = cursor or f"{until - LOOK_BACK:.6f}"
        posts = await self._posts(channel, oldest, f"{until:.6f}")
        others = [post for post in posts if post.get("user") != self._bot_user]
        fresh = [post for post in others if cursor or not self._is_answered(post)]
        for post in fresh:
            await self._deliver(self._event(channel, post))
        await self._inbox.move_cursor(channel, str(posts[-1]["ts"]) if posts else oldest)
        return len(fresh)

    async def _posts(self, channel: str, oldest: str, latest: str) -> list[Body]:
        """Oldest first."""
        found: list[Body] = []
        page_cursor: str | None = None
        for _ in range(_MAX_PAGES):
            try:
                page = await self._api.call(
                    "conversations.history",
                    channel=channel,
                    oldest=oldest,
                    latest=latest,
                    limit=200,
                    cursor=page_cursor,
                )
            except SlackRefused as refused:
                _log.warning("cannot read back %s: %s", channel, refused.code)
                return []
            found += page.get("messages", [])
            page_cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not page_cursor:
                break
        return sorted(found, key=lambda post: float(post["ts"]))

    def _is_answered(self, post: Body) -> bool:
        """Whether its thread holds a reply of ours: it was dealt with before the memory of it was lost."""
        return self._bot_user in (post.get("reply_users") or [])

    def _event(self, channel: str, post: Body) -> Body:
        ts = str(post["ts"])
        return {
            "type": "event_callback",
            "team_id": self._team,
            "event_id": f"backfill-{channel}-{ts}",
            "event": {**post, "type": "message", "channel": channel, "channel_type": "channel"},
        }
