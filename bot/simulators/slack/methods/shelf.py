"""`bookmarks.*`, `pins.*`, `canvases.*`: enough for a post-incident report."""

from __future__ import annotations

from typing import Any

from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.methods.catalog import JSON, Catalog, Invocation
from bot.simulators.slack.translation import stored

METHODS = Catalog()


@METHODS.method(
    "bookmarks.add", tier=2, scopes=("bookmarks:write",), required=("channel_id", "title", "type")
)
def bookmarks_add(call: Invocation) -> JSON:
    channel = call.channel("channel_id", member=True)
    if call.args.text("type") != "link":
        raise SlackError("invalid_bookmark_type")
    if not call.args.given("link"):
        raise SlackError("invalid_link")
    bookmark = call.world.shelf.add_bookmark(
        channel.id, call.args.text("title"), call.args.text("link"), call.args.text("emoji")
    )
    return {"bookmark": bookmark}


@METHODS.method(
    "bookmarks.list", tier=3, scopes=("bookmarks:read", "bookmarks:write"), required=("channel_id",)
)
def bookmarks_list(call: Invocation) -> JSON:
    channel = call.channel("channel_id", member=True)
    return {"bookmarks": list(call.world.shelf.bookmarks.get(channel.id, []))}


@METHODS.method("pins.add", tier=2, scopes=("pins:write",), required=("channel", "timestamp"))
def pins_add(call: Invocation) -> JSON:
    channel = call.channel(member=True)
    ts = call.entry(channel, "timestamp").ts
    pins = call.world.shelf.pins.setdefault(channel.id, [])
    if ts in pins:
        raise SlackError("already_pinned")
    pins.append(ts)
    return {}


@METHODS.method("pins.remove", tier=2, scopes=("pins:write",), required=("channel", "timestamp"))
def pins_remove(call: Invocation) -> JSON:
    channel = call.channel(member=True)
    pins = call.world.shelf.pins.get(channel.id, [])
    if call.args.text("timestamp") not in pins:
        raise SlackError("no_pin")
    pins.remove(call.args.text("timestamp"))
    return {}


@METHODS.method("pins.list", tier=2, scopes=("pins:read", "pins:write"), required=("channel",))
def pins_list(call: Invocation) -> JSON:
    channel = call.channel(member=True)
    entries = [
        call.world.messages.find(channel.id, ts) for ts in call.world.shelf.pins.get(channel.id, [])
    ]
    items = [
        {"type": "message", "channel": channel.id, "message": stored(entry.message)}
        for entry in entries
        if entry is not None
    ]
    return {"items": items}


def _markdown(content: Any) -> str:
    if not isinstance(content, dict) or content.get("type") != "markdown":
        raise SlackError("canvas_creation_failed")
    return str(content.get("markdown", ""))


@METHODS.method("canvases.create", tier=2, scopes=("canvases:write",))
def canvases_create(call: Invocation) -> JSON:
    content = call.args.structure("document_content", "canvas_creation_failed")
    markdown = _markdown(content) if content is not None else ""
    return {"canvas_id": call.world.shelf.add_canvas(call.args.text("title"), markdown)}


@METHODS.method(
    "canvases.edit", tier=3, scopes=("canvases:write",), required=("canvas_id", "changes")
)
def canvases_edit(call: Invocation) -> JSON:
    """Whole-canvas operations only: insert_at_start, insert_at_end, replace (without a section)."""
    canvas = call.world.shelf.canvases.get(call.args.text("canvas_id"))
    if canvas is None:
        raise SlackError("canvas_not_found")
    changes = call.args.structure("changes", "invalid_arguments")
    for change in changes if isinstance(changes, list) else [changes]:
        if not isinstance(change, dict):
            raise SlackError.invalid_arguments("must provide an object [json-pointer:/changes]")
        text = _markdown(change.get("document_content"))
        operation = change.get("operation")
        if operation == "insert_at_end":
            canvas["markdown"] += text
        elif operation == "insert_at_start":
            canvas["markdown"] = text + canvas["markdown"]
        elif operation == "replace" and not change.get("section_id"):
            canvas["markdown"] = text
        else:
            raise SlackError("canvas_editing_failed")
    return {}
