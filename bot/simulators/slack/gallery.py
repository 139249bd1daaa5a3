"""Ready-made monitoring posts that a visitor of the page can set off: own ones, and one or two of every common sender."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_POSTS = Path(__file__).with_name("gallery.json")


@dataclass(frozen=True, slots=True)
class GalleryItem:
    """`message` is raw message JSON (text, blocks, attachments, subtype, username) as `app` would post it."""

    title: str
    app: str
    message: dict[str, Any]

    def to_json(self) -> dict[str, Any]:
        return {"title": self.title, "app": self.app, "message": self.message}


def common_senders() -> list[GalleryItem]:
    """Posts as Alertmanager, Amazon Q, Grafana, Datadog, PagerDuty and others make them, about an online shop."""
    return [GalleryItem(**item) for item in json.loads(_POSTS.read_text(encoding="utf-8"))]
