"""One message as text: everything that a person would read, whichever part of it the sender used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from tocsin_mcp.kit.output import bounded, clip, plain
from tocsin_mcp.kit.times import age, rfc3339

from .mrkdwn import mentioned, readable

_LONGEST_MESSAGE = 4 * 1024
_LONGEST_NAME = 80
_DEEPEST = 12
_NOISE = frozenset(
    {"channel_join", "channel_leave", "group_join", "group_leave", "bot_add", "bot_remove"}
)

Json = dict[str, Any]


def is_noise(message: Json) -> bool:
    """Comings and goings, which say nothing about an incident."""
    return message.get("subtype") in _NOISE


def sent_at(message: Json) -> datetime:
    """When it was posted; the epoch when its `ts` is unreadable."""
    try:
        return datetime.fromtimestamp(float(message.get("ts", "0")), UTC)
    except (ValueError, OverflowError, OSError, TypeError):
        return datetime.fromtimestamp(0, UTC)


def people(message: Json) -> set[str]:
    """Ids of the users that the message is from or mentions."""
    found = mentioned("\n".join(_pieces(message)))
    user = message.get("user")
    return found | {user} if isinstance(user, str) and not sender_app(message) else found


def sender_app(message: Json) -> str:
    """Name of the app or webhook that posted it; empty for a person."""
    profile = message.get("bot_profile")
    name = profile.get("name") if isinstance(profile, dict) else None
    return str(name or message.get("username") or message.get("bot_id") or "")


def as_text(message: Json, names: Mapping[str, str], now: datetime) -> str:
    """Time, age and sender, then the message, indented."""
    moment = sent_at(message)
    app = sender_app(message)
    name = app or names.get(str(message.get("user")), str(message.get("user", "unknown")))
    shown = clip(" ".join(plain(name).split()), _LONGEST_NAME)
    marks = [" (app)"] if app else []
    marks += [" (edited)"] if message.get("edited") else []
    replies = message.get("reply_count")
    marks += [f" [replies in its thread: {replies}]"] if replies else []
    body = plain(readable("\n".join(_pieces(message)), names)) or "(no text)"
    body = bounded(body, _LONGEST_MESSAGE, narrow="this message is long", head=0.8)
    indented = "\n".join(f"    {line}" for line in body.splitlines())
    return f"{rfc3339(moment)} ({age(moment, now)} ago)  {shown}{''.join(marks)}\n{indented}"


def _pieces(message: Json) -> list[str]:
    """Text, else blocks; then attachments and the names of files. Nothing twice."""
    pieces = [_string(message.get("text"))]
    if not pieces[0].strip():
        pieces += _texts(message.get("blocks"), 0)
    for attachment in _list(message.get("attachments")):
        pieces += _attachment(attachment)
    pieces += [f"[file: {_string(file.get('name'))}]" for file in _list(message.get("files"))]
    return list(dict.fromkeys(piece.strip() for piece in pieces if piece.strip()))


def _attachment(attachment: Json) -> list[str]:
    title, link = _string(attachment.get("title")), _string(attachment.get("title_link"))
    pieces = [
        _string(attachment.get("pretext")),
        _string(attachment.get("author_name")),
        f"<{link}|{title}>" if title and link else title,
        _string(attachment.get("text")),
        *_texts(attachment.get("blocks"), 0),
    ]
    pieces += [
        f"{_string(field.get('title'))}: {_string(field.get('value'))}".strip(": ")
        for field in _list(attachment.get("fields"))
    ]
    if not any(piece.strip() for piece in pieces):
        pieces.append(_string(attachment.get("fallback")))
    return [*pieces, _string(attachment.get("footer"))]


def _texts(value: Any, depth: int) -> Iterator[str]:
    """The texts of blocks in reading order, one piece for each block or rich-text line."""
    for block in _list(value):
        pieces = list(_inline(block, depth))
        if block.get("type") in ("rich_text_section", "rich_text_preformatted", "rich_text_quote"):
            yield "".join(pieces)
        else:
            yield from pieces


def _inline(block: Json, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    kind, text = block.get("type"), block.get("text")
    if kind == "user":
        yield f"<@{_string(block.get('user_id'))}>"
    elif kind == "link":
        yield f"<{_string(block.get('url'))}|{_string(text)}>"
    elif isinstance(text, str):
        yield text
    elif isinstance(text, dict):
        yield _string(text.get("text"))
    for part in ("fields", "elements"):
        yield from _texts(block.get(part), depth + 1)


def _list(value: Any) -> list[Json]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
