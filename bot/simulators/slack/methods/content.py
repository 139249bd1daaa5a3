"""What a message says: reading and checking text, blocks, attachments and metadata of a call."""

from __future__ import annotations

import json
import re
from typing import Any

from bot.simulators.slack.blockkit.rules import require_message_blocks, with_ids
from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.methods.catalog import JSON, Invocation
from bot.simulators.slack.people import App

MAX_TEXT = 40_000
MAX_MARKDOWN_TEXT = 12_000
MAX_ATTACHMENTS = 100
MAX_METADATA_BYTES = 16_384
_MARKUP = re.compile(r"(<(?:[@#!]|https?://|mailto:|tel:|slack://)[^<>\n]+>)")
_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt);)")
_URL = re.compile(r"(?<![\w/])https?://[^\s<>|]*[^\s<>|.,;:!?)\]'\"`*_~]")
DISPLAY_OPTIONS = (
    "unfurl_links",
    "unfurl_media",
    "link_names",
    "mrkdwn",
    "parse",
    "icon_emoji",
    "icon_url",
)


def usable_file(call: Invocation) -> Any:
    """Whether a `slack_file` reference names a file that blocks may show."""
    files = call.world.files

    def usable(reference: dict[str, Any]) -> bool:
        file_id = reference.get("id") or files.id_of_url(str(reference.get("url", "")))
        return files.usable_in_blocks(str(file_id))

    return usable


def read_blocks(call: Invocation) -> list[JSON] | None:
    """Checked blocks with ids; None when the argument is absent. Raises invalid_blocks_format, …"""
    blocks = call.args.structure("blocks", "invalid_blocks_format")
    if blocks is None:
        return None
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    require_message_blocks(blocks, usable_file=usable_file(call))
    return with_ids(blocks, call.world.ids)


def read_attachments(call: Invocation) -> list[JSON] | None:
    """Checked attachments, each with an `id` and a `fallback`; None when absent."""
    attachments = call.args.structure("attachments", "invalid_attachments")
    if attachments is None:
        return None
    if not isinstance(attachments, list) or not all(isinstance(item, dict) for item in attachments):
        raise SlackError("invalid_attachments")
    if len(attachments) > MAX_ATTACHMENTS:
        raise SlackError("too_many_attachments")
    completed = []
    for number, attachment in enumerate(attachments, start=1):
        item = {"id": number, **attachment}
        if "blocks" in item:
            pointer = f"/attachments/{number - 1}/blocks"
            require_message_blocks(item["blocks"], pointer=pointer, usable_file=usable_file(call))
            item["blocks"] = with_ids(item["blocks"], call.world.ids)
        item.setdefault(
            "fallback", item.get("text") or item.get("title") or "[no preview available]"
        )
        completed.append(item)
    return completed


def read_metadata(call: Invocation) -> JSON | None:
    """Raises invalid_metadata_format, metadata_too_large."""
    metadata = call.args.structure("metadata", "invalid_metadata_format")
    if metadata is None:
        return None
    well_formed = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and isinstance(metadata.get("event_payload"), dict)
    )
    if not well_formed:
        raise SlackError("invalid_metadata_format")
    if len(json.dumps(metadata).encode()) > MAX_METADATA_BYTES:
        raise SlackError("metadata_too_large")
    return dict(metadata)


def read_content(call: Invocation) -> JSON:
    """`text`, `blocks` and `attachments` of a call, only those given. Raises no_text, markdown_text_conflict, …"""
    content: JSON = {}
    if call.args.given("markdown_text"):
        content |= _read_markdown(call)
    elif "text" in call.args.values:
        content["text"] = as_stored(call.args.text("text"))
    blocks = read_blocks(call)
    if blocks is not None:
        content["blocks"] = blocks
    attachments = read_attachments(call)
    if attachments is not None:
        content["attachments"] = attachments
    said = content.get("text", "").strip()
    if not (said or content.get("blocks") or content.get("attachments")):
        raise SlackError("no_text")
    return content


def _read_markdown(call: Invocation) -> JSON:
    if call.args.given("text") or call.args.given("blocks"):
        raise SlackError("markdown_text_conflict")
    markdown = call.args.text("markdown_text")
    if len(markdown) > MAX_MARKDOWN_TEXT:
        raise SlackError("msg_too_long")
    block = {"type": "markdown", "text": markdown}
    return {"text": markdown, "blocks": with_ids([block], call.world.ids)}


def as_stored(text: str) -> str:
    """A text as Slack stores it: `&`, `<` and `>` escaped outside of its own markup, and bare urls made links."""
    pieces = []
    for piece in _MARKUP.split(text):
        if _MARKUP.fullmatch(piece):
            pieces.append(piece)
            continue
        escaped = _AMPERSAND.sub("&amp;", piece).replace("<", "&lt;").replace(">", "&gt;")
        pieces.append(_URL.sub(r"<\g<0>>", escaped))
    return "".join(pieces)


def display_options(call: Invocation) -> JSON:
    """Options of a post that Slack obeys and never shows again."""
    return {name: call.args.values[name] for name in DISPLAY_OPTIONS if name in call.args.values}


def author(app: App, username: str = "", icon_emoji: str = "") -> JSON:
    """Who wrote it: a bot user with its profile, or `bot_message` under a name chosen for this post."""
    if username:
        written: JSON = {"subtype": "bot_message", "username": username}
        if icon_emoji:
            written["icons"] = {"emoji": icon_emoji}
        return {**written, "bot_id": app.bot_id, "app_id": app.id}
    return {
        "user": app.bot_user_id,
        "bot_id": app.bot_id,
        "app_id": app.id,
        "bot_profile": app.bot_profile,
    }


def chosen_author(call: Invocation) -> JSON:
    """`username` and `icon_emoji` count only with the scope chat:write.customize."""
    if not call.has_scope("chat:write.customize"):
        return author(call.app)
    return author(call.app, call.args.text("username"), call.args.text("icon_emoji"))
