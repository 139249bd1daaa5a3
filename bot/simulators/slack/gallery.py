"""Ready-made monitoring posts that a visitor of the page can set off."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class GalleryItem:
    """`message` is raw message JSON (text, blocks, attachments, subtype, username) as `app` would post it."""

    title: str
    app: str
    message: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {"title": self.title, "app": self.app, "message": self.message}
