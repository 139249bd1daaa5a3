"""One Slack message as Tocsin writes it, and the packing of blocks into as few messages as Slack's limits allow.

Limits (documentation, and measurements where it is silent): 50 blocks; about 13,200 rendered characters in all blocks
together, kept at 12,000 bytes here; 4,000 bytes of `text` when editing, kept at 3,900.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict

from bot.slack.markdown import Element, escaped, section, shorten_bytes, styled

MAX_BLOCKS = 50
MAX_BYTES = 12_000
MAX_TEXT_BYTES = 3_900
MAX_PREFORMATTED_BYTES = 11_000
_RENDERED = frozenset({"text", "title", "label", "placeholder"})


class Message(BaseModel):
    """What is posted: `text` for notifications and screen readers (mrkdwn, escaped), blocks for the eye."""

    model_config = ConfigDict(frozen=True)

    text: str
    blocks: list[Element] = []


def weight(part: Any) -> int:
    """Bytes of UTF-8 that a block, or a list of blocks, renders."""
    if isinstance(part, dict):
        return sum(
            len(value.encode()) if isinstance(value, str) and key in _RENDERED else weight(value)
            for key, value in part.items()
        )
    if isinstance(part, list | tuple):
        return sum(weight(item) for item in part)
    return 0


def notification(text: str) -> str:
    """Untrusted text as a message's `text`: escaped, then within Slack's limit."""
    return shorten_bytes(escaped(text), MAX_TEXT_BYTES)


def notice(text: str, *controls: Element) -> Message:
    """A message of one sentence, as it is, with what can be pressed below it."""
    words: Element = {"type": "rich_text", "elements": [section(styled(text))]}
    return Message(text=notification(text), blocks=[words, *controls])


def pack(text: str, blocks: Iterable[Element], ending: Sequence[Element] = ()) -> list[Message]:
    """As few messages as the limits allow, blocks in order and never cut; `ending` stays together in the last one.

    `text` is the first message's notification text (already escaped); the further ones say that they continue it.
    """
    pages: list[list[Element]] = [[]]
    for block in blocks:
        if not _fits(pages[-1], [block]):
            pages.append([])
        pages[-1].append(block)
    if not _fits(pages[-1], ending):
        pages.append([])
    pages[-1] += ending
    total = len(pages)
    return [
        Message(text=text if number == 1 else f"Continued ({number} of {total})", blocks=page)
        for number, page in enumerate(pages, start=1)
    ]


def pieces(text: str, limit: int = MAX_PREFORMATTED_BYTES) -> list[str]:
    """A long text in pieces of at most `limit` bytes, cut before a diff hunk if possible, else between lines.

    Joined, the pieces are the text: nothing is lost. A single line longer than the limit is cut where it must be.
    """
    found: list[str] = []
    rest = text
    while len(rest.encode()) > limit:
        head = rest.encode()[:limit].decode(errors="ignore")
        cut = _seam(head)
        found.append(rest[:cut])
        rest = rest[cut:]
    return [*found, rest] if rest else found


def _seam(head: str) -> int:
    """Where to cut: before the last hunk of `head` unless that wastes half of it, after its last line, or at its end."""
    hunk = head.rfind("\n@@ ") + 1
    if hunk > len(head) // 2:
        return hunk
    return head.rfind("\n") + 1 or len(head)


def _fits(page: list[Element], more: Sequence[Element]) -> bool:
    if not page:
        return True
    return len(page) + len(more) <= MAX_BLOCKS and weight(page) + weight(more) <= MAX_BYTES
