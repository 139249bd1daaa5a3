"""`chat.startStream`, `chat.appendStream`, `chat.stopStream`."""

from __future__ import annotations

from typing import Any

from bot.simulators.slack.blockkit.blocks import SOURCES
from bot.simulators.slack.blockkit.rules import require_message_blocks, with_ids
from bot.simulators.slack.blockkit.schema import Report, nullable
from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.methods.catalog import JSON, Catalog, Invocation
from bot.simulators.slack.methods.chat import shown, target_channel
from bot.simulators.slack.methods.content import author, read_blocks, read_metadata, usable_file
from bot.simulators.slack.sessions import STATUSES
from bot.simulators.slack.streams import Stream

METHODS = Catalog()
_WRITE = ("chat:write",)
MAX_MARKDOWN = 12_000
MAX_FIELD = 256
_REQUIRED = {
    "markdown_text": ("text",),
    "task_update": ("id", "title", "status"),
    "plan_update": ("title",),
    "blocks": ("blocks",),
}
_TEXTS = ("text", "id", "title", "details", "output")
_SHORT_FIELDS = {
    "markdown_text": (),
    "task_update": ("id", "title", "details", "output"),
    "plan_update": ("title",),
    "blocks": (),
}
_TASK_STATUSES = ("pending", "in_progress", "complete", "error")


def _read_chunks(call: Invocation) -> list[JSON]:
    """`markdown_text` and `chunks` as one list. Raises invalid_chunks, msg_too_long, markdown_text_conflict."""
    chunks = call.args.structure("chunks", "invalid_chunks") or []
    if not isinstance(chunks, list):
        raise SlackError("invalid_chunks")
    if call.args.given("markdown_text"):
        if chunks:
            raise SlackError("markdown_text_conflict")
        chunks = [{"type": "markdown_text", "text": call.args.text("markdown_text")}]
    return [_checked(call, chunk) for chunk in chunks]


def _checked(call: Invocation, chunk: Any) -> JSON:
    kind = str(chunk.get("type")) if isinstance(chunk, dict) else ""
    if kind not in _REQUIRED or any(chunk.get(name) in (None, "") for name in _REQUIRED[kind]):
        raise SlackError("invalid_chunks")
    if not all(isinstance(chunk.get(name) or "", str) for name in _TEXTS):
        raise SlackError("invalid_chunks")
    if kind == "blocks":
        require_message_blocks(chunk["blocks"], usable_file=usable_file(call))
        return {"type": "blocks", "blocks": with_ids(chunk["blocks"], call.world.ids)}
    if len(chunk.get("text") or "") > MAX_MARKDOWN:
        raise SlackError("msg_too_long")
    too_long = any(len(chunk.get(name) or "") > MAX_FIELD for name in _SHORT_FIELDS[kind])
    sources = Report()
    nullable(SOURCES)(chunk.get("sources"), "/sources", sources)
    if (
        too_long
        or sources.problems
        or (kind == "task_update" and chunk["status"] not in _TASK_STATUSES)
    ):
        raise SlackError("invalid_chunks")
    return dict(chunk)


@METHODS.method("chat.startStream", tier=2, scopes=_WRITE, required=("channel",))
def start(call: Invocation) -> JSON:
    channel = target_channel(call)
    if channel.kind != "im":
        _require_recipient(call)
    call.world.rate_limits.take_post(call.app.id, channel.id)
    chunks = _read_chunks(call)
    entry = call.world.posting.post(
        channel,
        {**author(call.app), "text": "", "streaming_state": "in_progress"},
        app_id=call.app.id,
        thread_ts=call.args.text("thread_ts") or None,
    )
    stream = Stream(entry, call.app.id, call.args.text("task_display_mode") == "plan")
    call.world.streams.start(entry, stream)
    call.world.sessions.set_status(call.app.id, channel.id, entry.root_ts, "processing")
    if chunks:
        call.world.streams.append(stream, chunks)
    return {"channel": channel.id, "ts": entry.ts}


def _require_recipient(call: Invocation) -> None:
    user = call.args.text("recipient_user_id")
    if not user:
        raise SlackError("missing_recipient_user_id")
    if not call.args.given("recipient_team_id"):
        raise SlackError("missing_recipient_team_id")
    found = call.world.workspace.users.get(user)
    if found is None or found.is_bot:
        raise SlackError("user_not_found")


@METHODS.method("chat.appendStream", tier=4, scopes=_WRITE, required=("channel", "ts"))
def append(call: Invocation) -> JSON:
    stream = _open_stream(call)
    chunks = _read_chunks(call)
    if not chunks:
        raise SlackError("no_text")
    call.world.streams.append(stream, chunks)
    return {"channel": stream.entry.channel, "ts": stream.entry.ts}


@METHODS.method("chat.stopStream", tier=2, scopes=_WRITE, required=("channel", "ts"))
def stop(call: Invocation) -> JSON:
    stream = _open_stream(call, after_user_stop=True)
    status = call.args.text("session_status", "active")
    if status not in STATUSES:
        raise SlackError.invalid_arguments(
            "must be a valid enum value [json-pointer:/session_status]"
        )
    chunks = _read_chunks(call)
    blocks = read_blocks(call)
    metadata = read_metadata(call)
    if blocks:
        chunks.append({"type": "blocks", "blocks": blocks})
    if metadata is not None:
        stream.entry.metadata = metadata
    if chunks:
        call.world.streams.append(stream, chunks)
    call.world.streams.finish(stream, "completed", status)
    return {
        "channel": stream.entry.channel,
        "ts": stream.entry.ts,
        "message": shown(stream.entry),
    }


def _open_stream(call: Invocation, *, after_user_stop: bool = False) -> Stream:
    """Raises message_not_found, message_not_owned_by_app, stopped_by_user, message_not_in_streaming_state."""
    channel = call.channel()
    entry = call.entry(channel)
    if entry.app_id != call.app.id:
        raise SlackError("message_not_owned_by_app")
    stream = call.world.streams.find(channel.id, entry.ts)
    if stream is None or stream.state in ("completed", "expired"):
        raise SlackError("message_not_in_streaming_state")
    if stream.state == "stopped_by_user" and not after_user_stop:
        raise SlackError("stopped_by_user")
    return stream
