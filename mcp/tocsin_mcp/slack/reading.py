"""What a thread and a channel say, newest last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tocsin_mcp.kit.output import bounded
from tocsin_mcp.kit.times import clock_of, parse_optional

from .client import Slack
from .messages import as_text, is_noise, people, sent_at
from .people import People
from .scope import Scope

_PAGE = 200
_MOST_PAGES = 5

Json = dict[str, Any]


class Reader:
    """Reads through one client. Its own bot's messages are left out: whoever asks has written them."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._people = People(slack)
        self._clock = clock_of(slack.environment)
        self._myself: tuple[str, str] | None = None

    async def thread(self, scope: Scope, limit: int) -> str:
        """The first message of the thread and its `limit` newest replies."""
        if not scope.thread:
            return (
                "There is no thread: nobody has written in one yet. read_channel reads the channel."
            )
        messages, complete = await self._pages(
            "conversations.replies", {"channel": scope.channel, "ts": scope.thread}, _MOST_PAGES
        )
        root = [message for message in messages if message.get("ts") == scope.thread]
        replies = [message for message in messages if message not in root]
        others, own = await self._of_others(replies)
        shown = others[-limit:]
        head = f"thread of {len(messages)} message{'s' if len(messages) != 1 else ''}"
        if not complete:
            head += f" or more (only the first {len(messages)} were read)"
        return await self._text(
            [head, *_left_out(own, len(others) - len(shown))],
            [*root, *shown],
            "ask for fewer with `limit`",
        )

    async def channel(self, scope: Scope, limit: int, since: str | None) -> str:
        """The newest messages of the channel, without the replies in threads."""
        start = parse_optional(since, self._clock())
        arguments = {"channel": scope.channel}
        if start:
            arguments["oldest"] = f"{start.timestamp():.6f}"
        messages, _ = await self._pages("conversations.history", arguments, 1)
        others, own = await self._of_others(sorted(messages, key=sent_at))
        shown = others[-limit:]
        if not shown:
            return f"No messages in this channel{f' since {since}' if since else ''}."
        head = f"the newest {len(shown)} messages of the channel, oldest first"
        return await self._text(
            [head, *_left_out(own, len(others) - len(shown))],
            shown,
            "ask for fewer with `limit`, or set `since`",
        )

    async def _pages(
        self, method: str, arguments: dict[str, str], most: int
    ) -> tuple[list[Json], bool]:
        """Messages of up to `most` pages, and whether that was all."""
        messages: list[Json] = []
        cursor = ""
        for _ in range(most):
            page = {"cursor": cursor} if cursor else {}
            answer = await self._slack.call(method, {**arguments, "limit": str(_PAGE), **page})
            found = answer.get("messages")
            messages += [item for item in found or [] if isinstance(item, dict)]
            cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return messages, True
        return messages, False

    async def _of_others(self, messages: Sequence[Json]) -> tuple[list[Json], int]:
        """Messages worth reading, and how many of our own were left out."""
        if self._myself is None:
            answer = await self._slack.call("auth.test", {})
            self._myself = (str(answer.get("user_id", "")), str(answer.get("bot_id", "")))
        user, bot = self._myself
        told = [message for message in messages if not is_noise(message)]
        others = [
            message
            for message in told
            if not (user and message.get("user") == user)
            and not (bot and message.get("bot_id") == bot)
        ]
        return others, len(told) - len(others)

    async def _text(self, head: list[str], messages: Sequence[Json], narrow: str) -> str:
        ids = {user for message in messages for user in people(message)}
        names = await self._people.names(ids)
        now = max([self._clock(), *(sent_at(message) for message in messages)])
        parts = [as_text(message, names, now) for message in messages]
        return bounded("\n".join(["; ".join(head), *parts]), narrow=narrow, head=0.25)


def _left_out(own: int, older: int) -> list[str]:
    notes = [f"{older} older ones not shown, raise `limit`"] if older > 0 else []
    return [*notes, f"{own} of this bot's own left out"] if own else notes
