"""A file for a thread: a chart, or a text too long for a message.

Slack takes it in three steps: ask for an address, give the bytes, share it. Nobody sees anything before the third, so
only that one has to be done once (`letterbox`).
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from bot.incidents.incident import Origin
from bot.slack.api import Api

MAX_ALT_TEXT = 1_000


@dataclass(frozen=True, slots=True)
class Attachment:
    """`name` with an ending that tells Slack what it is; `comment` is mrkdwn, escaped already, shown above it."""

    name: str
    data: bytes
    title: str
    alt_text: str = ""
    """What the picture shows, for who cannot see it."""
    comment: str = ""


async def hand_in(api: Api, attachment: Attachment) -> str:
    """The first two steps: the id of a file that nobody sees yet. Raises what `Api.call` raises."""
    address = await api.call(
        "files.getUploadURLExternal",
        filename=attachment.name,
        length=len(attachment.data),
        alt_txt=attachment.alt_text[:MAX_ALT_TEXT] or None,
    )
    await api.upload(str(address["upload_url"]), attachment.data)
    return str(address["file_id"])


async def share(api: Api, file_id: str, attachment: Attachment, place: Origin) -> str:
    """The third step: everybody in the thread sees it; its id. Raises what `Api.call` raises."""
    await api.call(
        "files.completeUploadExternal",
        files=json.dumps([{"id": file_id, "title": attachment.title}]),
        channel_id=place.channel,
        thread_ts=place.thread_ts,
        initial_comment=attachment.comment or None,
    )
    return file_id
