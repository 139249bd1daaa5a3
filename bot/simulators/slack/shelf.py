"""What hangs around a channel: bookmarks, pins and canvases."""

from __future__ import annotations

from typing import Any

from bot.simulators.slack.ids import Ids

Item = dict[str, Any]


class Shelf:
    """Bookmarks and pins by channel, canvases by id."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.bookmarks: dict[str, list[Item]] = {}
        self.pins: dict[str, list[str]] = {}
        self.canvases: dict[str, Item] = {}

    def add_bookmark(self, channel: str, title: str, link: str, emoji: str) -> Item:
        bookmark = {
            "id": self._ids.mint("Bk"),
            "channel_id": channel,
            "title": title,
            "link": link,
            "emoji": emoji,
            "type": "link",
        }
        self.bookmarks.setdefault(channel, []).append(bookmark)
        return bookmark

    def add_canvas(self, title: str, markdown: str) -> str:
        canvas_id = self._ids.mint("F")
        self.canvases[canvas_id] = {"id": canvas_id, "title": title, "markdown": markdown}
        return canvas_id
