"""`chat.*` except streams: post, edit, delete, whisper, permalink."""

from __future__ import annotations

from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.messages import Entry
from bot.simulators.slack.methods.catalog import JSON, Catalog, Invocation
from bot.simulators.slack.methods.content import (
    MAX_TEXT,
    chosen_author,
    display_options,
    read_content,
    read_metadata,
)
from bot.simulators.slack.people import Channel
from bot.simulators.slack.translation import stored

METHODS = Catalog()
_WRITE = ("chat:write",)
MAX_EDIT_BYTES = 4_000


def target_channel(call: Invocation) -> Channel:
    """A channel by id or name, or the direct channel with a user. The app must be allowed to post there."""
    workspace = call.world.workspace
    reference = call.args.text("channel")
    if reference in workspace.users:
        return workspace.direct_channel(call.app.bot_user_id, reference)
    channel = workspace.find_channel(reference)
    member = channel is not None and call.app.bot_user_id in channel.members
    if channel is None or (channel.kind != "channel" and not member):
        raise SlackError("channel_not_found")
    if channel.is_archived:
        raise SlackError("is_archived")
    if not member and not call.has_scope("chat:write.public"):
        raise SlackError("not_in_channel")
    return channel


def shown(entry: Entry) -> JSON:
    """The message as its author gets it back."""
    message = stored(entry.message)
    if entry.metadata is not None:
        message["metadata"] = entry.metadata
    return message


@METHODS.method("chat.postMessage", tier=0, scopes=_WRITE, required=("channel",))
def post_message(call: Invocation) -> JSON:
    channel = target_channel(call)
    call.world.rate_limits.take_post(call.app.id, channel.id)
    content = read_content(call)
    metadata = read_metadata(call)
    warnings = []
    text = content.setdefault("text", "")
    if len(text) > MAX_TEXT:
        content["text"] = text[:MAX_TEXT]
        warnings.append("message_truncated")
    thread_ts = call.args.text("thread_ts") or None
    entry = call.world.posting.post(
        channel,
        {**chosen_author(call), **content},
        app_id=call.app.id,
        thread_ts=thread_ts,
        broadcast=call.args.flag("reply_broadcast"),
        metadata=metadata,
        options=display_options(call),
    )
    if thread_ts:
        call.world.sessions.clear_thread_status(channel.id, thread_ts)
    answer: JSON = {"channel": channel.id, "ts": entry.ts, "message": shown(entry)}
    if warnings:
        answer |= {"warning": ",".join(warnings), "response_metadata": {"warnings": warnings}}
    return answer


@METHODS.method("chat.update", tier=3, scopes=_WRITE, required=("channel", "ts"))
def update(call: Invocation) -> JSON:
    channel = call.channel()
    entry = _own(call, channel, "cant_update_message")
    if call.world.streams.is_open(entry):
        raise SlackError("streaming_state_conflict")
    content = read_content(call)
    if len(call.args.text("text").encode()) > MAX_EDIT_BYTES:
        raise SlackError("msg_too_long")
    metadata = read_metadata(call)
    if metadata is not None:
        entry.metadata = metadata
    with call.world.posting.edit(entry) as message:
        message.update(content)
        if "text" in content and "blocks" not in content:
            message.pop("blocks", None)
        if "blocks" not in content:
            message["edited"] = {"user": call.app.bot_user_id, "ts": call.world.messages.next_ts()}
    return {
        "channel": channel.id,
        "ts": entry.ts,
        "text": entry.message.get("text", ""),
        "message": shown(entry),
    }


@METHODS.method("chat.delete", tier=3, scopes=_WRITE, required=("channel", "ts"))
def delete(call: Invocation) -> JSON:
    channel = call.channel()
    entry = _own(call, channel, "cant_delete_message")
    if call.world.streams.is_open(entry):
        raise SlackError("cant_delete_message")
    call.world.posting.delete(entry)
    return {"channel": channel.id, "ts": entry.ts}


def _own(call: Invocation, channel: Channel, refusal: str) -> Entry:
    entry = call.entry(channel)
    if entry.app_id != call.app.id:
        raise SlackError(refusal)
    return entry


@METHODS.method("chat.postEphemeral", tier=4, scopes=_WRITE, required=("channel", "user"))
def post_ephemeral(call: Invocation) -> JSON:
    channel = target_channel(call)
    user = call.args.text("user")
    if user not in channel.members:
        raise SlackError("user_not_in_channel")
    content = read_content(call)
    entry = call.world.posting.whisper(
        channel,
        {**chosen_author(call), "text": "", **content},
        user,
        app_id=call.app.id,
        thread_ts=call.args.text("thread_ts") or None,
    )
    return {"message_ts": entry.ts}


@METHODS.method("chat.getPermalink", tier=0, required=("channel", "message_ts"))
def get_permalink(call: Invocation) -> JSON:
    channel = call.channel()
    entry = call.entry(channel, "message_ts")
    link = f"{call.world.base_url}/archives/{channel.id}/p{entry.ts.replace('.', '')}"
    if entry.is_reply:
        link += f"?thread_ts={entry.root_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}
