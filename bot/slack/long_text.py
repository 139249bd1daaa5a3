"""Texts that no single message takes: a file in the thread; where Slack takes no file, further messages.

A code block is never cut: what does not fit into one message is not begun in it.
"""

from __future__ import annotations

import logging

from bot.slack.api import SlackRefused
from bot.slack.attachment import Attachment
from bot.slack.letterbox import Letterbox
from bot.slack.markdown import Element, preformatted
from bot.slack.message import MAX_PREFORMATTED_BYTES, Message, pack, pieces

_log = logging.getLogger(__name__)


def is_long(text: str) -> bool:
    """Whether a code block with this text fills more than a message."""
    return len(text.encode()) > MAX_PREFORMATTED_BYTES


async def deliver(box: Letterbox, slot: str, text: str, *, name: str, title: str) -> None:
    """Show a text in the thread, once. Raises what `Letterbox.post` raises."""
    try:
        await box.attach(slot, Attachment(name=name, data=text.encode(), title=title))
    except SlackRefused as refused:
        _log.warning("a long text goes on in messages, for Slack takes no file: %s", refused)
        for number, message in enumerate(_in_messages(title, text), start=1):
            await box.post(f"{slot}/{number}", message)


def _in_messages(title: str, text: str) -> list[Message]:
    blocks: list[Element] = [
        {"type": "rich_text", "elements": preformatted(part)} for part in pieces(text)
    ]
    return pack(title, blocks)
