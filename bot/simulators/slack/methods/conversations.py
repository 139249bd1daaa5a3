"""`conversations.*` and `users.conversations`: channels, members, history, threads."""

from __future__ import annotations

from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.messages import Entry
from bot.simulators.slack.methods.catalog import JSON, Catalog, Invocation
from bot.simulators.slack.methods.paging import MOST, first_page, page, read_cursor
from bot.simulators.slack.people import Channel
from bot.simulators.slack.translation import stored

METHODS = Catalog()

_READ = ("channels:read", "groups:read", "im:read", "mpim:read")
_HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
_TYPES = {"public_channel": "channel", "private_channel": "group", "im": "im"}
_HISTORY_SCOPES = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}


@METHODS.method("conversations.info", tier=3, scopes=_READ, required=("channel",))
def info(call: Invocation) -> JSON:
    return {"channel": call.channel().to_json(call.app.bot_user_id)}


@METHODS.method("conversations.list", tier=2, scopes=_READ)
def list_channels(call: Invocation) -> JSON:
    return _list(call, only_joined=False)


@METHODS.method("users.conversations", tier=3, scopes=_READ)
def users_conversations(call: Invocation) -> JSON:
    return _list(call, only_joined=True)


def _list(call: Invocation, *, only_joined: bool) -> JSON:
    me = call.app.bot_user_id
    names = call.args.text("types", "public_channel").split(",")
    if unknown := [name for name in names if name.strip() not in {*_TYPES, "mpim"}]:
        raise SlackError("invalid_types", unknown=unknown)
    kinds = {_TYPES.get(name.strip()) for name in names}
    without_archived = call.args.flag("exclude_archived")

    def listed(channel: Channel) -> bool:
        joined = me in channel.members
        visible = joined or (channel.kind == "channel" and not only_joined)
        return visible and channel.kind in kinds and not (without_archived and channel.is_archived)

    channels = [item for item in call.world.workspace.channels.values() if listed(item)]
    listed_now, cursor = page(call, channels, 100, lambda channel: channel.id)
    return {
        "channels": [channel.to_json(me) for channel in listed_now],
        "response_metadata": {"next_cursor": cursor},
    }


@METHODS.method("conversations.members", tier=4, scopes=_READ, required=("channel",))
def members(call: Invocation) -> JSON:
    people, cursor = page(call, sorted(call.channel().members), 100, str)
    return {"members": people, "response_metadata": {"next_cursor": cursor}}


@METHODS.method("conversations.join", tier=3, scopes=("channels:join",), required=("channel",))
def join(call: Invocation) -> JSON:
    channel = call.channel()
    if channel.kind != "channel":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    already = call.app.bot_user_id in channel.members
    call.world.invite(channel, call.app.bot_user_id)
    answer: JSON = {"channel": channel.to_json(call.app.bot_user_id)}
    if already:
        answer |= {
            "warning": "already_in_channel",
            "response_metadata": {"warnings": ["already_in_channel"]},
        }
    return answer


@METHODS.method("conversations.open", tier=3, scopes=("im:write", "mpim:write"))
def open_direct(call: Invocation) -> JSON:
    users = [name for name in call.args.text("users").split(",") if name]
    if len(users) != 1:
        raise SlackError("users_list_not_supplied" if not users else "not_enough_users")
    if users[0] not in call.world.workspace.users:
        raise SlackError("user_not_found")
    channel = call.world.workspace.direct_channel(call.app.bot_user_id, users[0])
    if call.args.flag("return_im"):
        return {"channel": channel.to_json(call.app.bot_user_id)}
    return {"channel": {"id": channel.id}}


def _readable(call: Invocation) -> Channel:
    channel = call.channel(member=True)
    needed = _HISTORY_SCOPES[channel.kind]
    if not call.has_scope(needed):
        raise SlackError(
            "missing_scope", needed=needed, provided=",".join(sorted(call.app.grants.scopes))
        )
    return channel


def _shown(call: Invocation, entry: Entry) -> JSON:
    message = stored(entry.message)
    if entry.metadata is not None and call.args.flag("include_all_metadata"):
        message["metadata"] = entry.metadata
    return message


def _between(call: Invocation, entries: list[Entry]) -> list[Entry]:
    """`oldest` and `latest` are exclusive unless `inclusive`; ts compare as numbers of one width."""
    oldest, latest = call.args.text("oldest", "0"), call.args.text("latest")
    inclusive = call.args.flag("inclusive")

    def wanted(entry: Entry) -> bool:
        ts = float(entry.ts)
        after = ts > float(oldest) or (inclusive and entry.ts == oldest)
        before = not latest or ts < float(latest) or (inclusive and entry.ts == latest)
        return after and before

    try:
        return [entry for entry in entries if wanted(entry)]
    except ValueError as error:
        raise SlackError(
            "invalid_ts_oldest" if call.args.given("oldest") else "invalid_ts_latest"
        ) from error


def _ts(entry: Entry) -> str:
    return entry.ts


@METHODS.method("conversations.history", tier=3, scopes=_HISTORY, required=("channel",))
def history(call: Invocation) -> JSON:
    channel = _readable(call)
    entries = _between(call, call.world.messages.top_level(channel.id))[::-1]
    if first := read_cursor(call):
        entries = [entry for entry in entries if entry.ts <= first]
    shown, cursor = first_page(call, entries, 100, _ts)
    answer: JSON = {
        "messages": [_shown(call, entry) for entry in shown],
        "has_more": bool(cursor),
        "pin_count": 0,
    }
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


@METHODS.method("conversations.replies", tier=3, scopes=_HISTORY, required=("channel", "ts"))
def replies(call: Invocation) -> JSON:
    """The parent first, whatever `oldest` says, then replies from old to new."""
    channel = _readable(call)
    entry = call.world.messages.find(channel.id, call.args.text("ts"))
    if entry is None:
        raise SlackError("thread_not_found")
    thread = [entry] if entry.is_reply else call.world.messages.thread(channel.id, entry.ts)
    entries = thread[:1] + _between(call, thread[1:])
    if first := read_cursor(call):
        entries = [item for item in entries if item.ts >= first]
    shown, cursor = first_page(call, entries, MOST, _ts)
    answer: JSON = {
        "messages": [_shown(call, item) for item in shown],
        "has_more": bool(cursor),
    }
    if cursor:
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer
