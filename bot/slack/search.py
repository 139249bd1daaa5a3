"""Finding again what was posted: by the key that each of our messages carries, or by the id of a file."""

from __future__ import annotations

from typing import Any

from bot.incidents.incident import Origin
from bot.slack.api import Api, SlackRefused

EVENT_TYPE = "tocsin_post"
"""`event_type` of the metadata on every message; `event_payload.key` is `<incident>/<slot>`."""

_CLOCK_SKEW = 300.0
_MAX_PAGES = 10


def marked(key: str) -> dict[str, Any]:
    """The metadata of a message with this key."""
    return {"event_type": EVENT_TYPE, "event_payload": {"key": key}}


class Search:
    """Looks through one thread, or a channel where `place` names no thread."""

    def __init__(self, api: Api, place: Origin) -> None:
        self._api = api
        self._place = place

    async def look(self, key: str, file_id: str | None, since: float) -> list[str]:
        """`ts` of the messages with this key that were posted about `since` (seconds since the epoch) or later, oldest
        first; or just the file's id, when it is there. Raises what `Api.call` raises."""
        found: set[str] = set()
        cursor: str | None = None
        for _ in range(_MAX_PAGES):
            page = await self._page(since - _CLOCK_SKEW, cursor)
            messages = page.get("messages", [])
            if file_id and any(file_id in _files_of(item) for item in messages):
                return [file_id]
            found |= {str(item["ts"]) for item in messages if _key_of(item) == key}
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                break
        return sorted(found, key=float)

    async def _page(self, oldest: float, cursor: str | None) -> dict[str, Any]:
        common: dict[str, Any] = {
            "channel": self._place.channel,
            "oldest": f"{max(oldest, 0):.6f}",
            "limit": 200,
            "include_all_metadata": True,
            "cursor": cursor,
        }
        if not self._place.thread_ts:
            return await self._api.call("conversations.history", **common)
        try:
            return await self._api.call("conversations.replies", ts=self._place.thread_ts, **common)
        except SlackRefused as refused:
            if refused.code == "thread_not_found":
                return {}
            raise


def _files_of(message: dict[str, Any]) -> set[str]:
    return {str(file.get("id")) for file in message.get("files") or []}


def _key_of(message: dict[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    key = (metadata.get("event_payload") or {}).get("key")
    return key if isinstance(key, str) else None
