"""Uploaded files: an upload URL, the bytes, the completion that makes a file shareable."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass, field
from typing import Any

from bot.simulators.slack.clock import Clock
from bot.simulators.slack.ids import Ids


@dataclass(slots=True)
class File:
    """A file from the request for its upload URL on. `completed_at` is None until it may be shared."""

    id: str
    upload_key: str
    name: str
    size: int
    user: str
    app_id: str
    created: int
    alt_txt: str = ""
    title: str = ""
    data: bytes | None = None
    completed_at: float | None = None
    channels: list[str] = field(default_factory=list)

    @property
    def mimetype(self) -> str:
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"

    @property
    def is_image(self) -> bool:
        return self.mimetype.startswith("image/")

    def to_json(self, base_url: str, team_id: str) -> dict[str, Any]:
        private = f"{base_url}/files-pri/{team_id}-{self.id}/{self.name}"
        shown: dict[str, Any] = {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": self.mimetype,
            "filetype": self.name.rpartition(".")[2] or "text",
            "pretty_type": self.mimetype.rpartition("/")[2].upper(),
            "user": self.user,
            "user_team": team_id,
            "editable": False,
            "size": self.size,
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": True,
            "public_url_shared": False,
            "url_private": private,
            "url_private_download": private,
            "permalink": f"{base_url}/files/{self.user}/{self.id}/{self.name}",
            "has_rich_preview": False,
            "file_access": "visible",
            "channels": self.channels,
        }
        if self.alt_txt:
            shown["alt_txt"] = self.alt_txt
        if self.is_image:
            shown["thumb_360"] = private
        return shown


class Files:
    """Files by id and by upload key."""

    def __init__(self, clock: Clock, ids: Ids) -> None:
        self._clock = clock
        self._ids = ids
        self._files: dict[str, File] = {}
        self.processing_seconds = 0.0
        """How long after completion a file can be named by `slack_file` in a block; real Slack needs a moment."""

    def expect(self, name: str, size: int, user: str, app_id: str, alt_txt: str) -> File:
        """A file whose bytes will come."""
        file = File(
            id=self._ids.mint("F"),
            upload_key=self._ids.hex(40),
            name=name,
            size=size,
            user=user,
            app_id=app_id,
            created=int(self._clock.time()),
            alt_txt=alt_txt,
        )
        self._files[file.id] = file
        return file

    def find(self, file_id: str) -> File | None:
        return self._files.get(file_id)

    def by_upload_key(self, key: str) -> File | None:
        return next((file for file in self._files.values() if file.upload_key == key), None)

    def complete(self, file: File) -> None:
        file.completed_at = self._clock.time()

    def everything(self) -> list[File]:
        """Completed files, oldest first."""
        return [file for file in self._files.values() if file.completed_at is not None]

    def usable_in_blocks(self, file_id: str) -> bool:
        file = self._files.get(file_id)
        if file is None or file.completed_at is None:
            return False
        return self._clock.time() - file.completed_at >= self.processing_seconds

    def id_of_url(self, url: str) -> str:
        """The id inside a `url_private` or permalink, empty when it names no file of ours."""
        return next((file_id for file_id in self._files if file_id in url), "")
