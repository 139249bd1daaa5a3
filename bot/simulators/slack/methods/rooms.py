"""`conversations.*` that change a channel: create, invite, leave, topic, rename, archive."""

from __future__ import annotations

import re

from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.methods.catalog import JSON, Catalog, Invocation
from bot.simulators.slack.people import Channel

METHODS = Catalog()
_MANAGE = ("channels:manage", "groups:write")
_INVITE = (*_MANAGE, "channels:write.invites", "groups:write.invites")
_TOPIC = (*_MANAGE, "channels:write.topic", "groups:write.topic", "im:write")
MAX_NAME = 80
MAX_TOPIC = 250
_NAME = re.compile(r"\A[\w-]+\Z")


def _free_name(call: Invocation) -> str:
    """A name that no channel has. Raises invalid_name_required, …_maxlength, …_specials, name_taken."""
    name = call.args.text("name")
    if not name:
        raise SlackError("invalid_name_required")
    if len(name) > MAX_NAME:
        raise SlackError("invalid_name_maxlength")
    if name != name.lower() or not _NAME.match(name):
        raise SlackError("invalid_name_specials")
    if not any(character.isalnum() for character in name):
        raise SlackError("invalid_name_punctuation")
    if any(channel.name == name for channel in call.world.workspace.channels.values()):
        raise SlackError("name_taken")
    return name


def _mine(call: Invocation) -> Channel:
    """A channel that the app is in and may change. Raises not_in_channel, is_archived, …"""
    channel = call.channel(member=True)
    if channel.kind == "im":
        raise SlackError("method_not_supported_for_channel_type")
    if channel.is_archived:
        raise SlackError("is_archived")
    return channel


def _shown(call: Invocation, channel: Channel) -> JSON:
    call.world.changes.publish(
        "channel", channel=channel.to_json(call.app.bot_user_id), channel_kind=channel.kind
    )
    return {"channel": channel.to_json(call.app.bot_user_id)}


@METHODS.method("conversations.create", tier=2, scopes=_MANAGE)
def create(call: Invocation) -> JSON:
    """The app is its only member until it invites people."""
    private = call.args.flag("is_private")
    channel = call.world.workspace.add_channel(_free_name(call), "group" if private else "channel")
    channel.members = {call.app.bot_user_id}
    channel.creator = call.app.bot_user_id
    return _shown(call, channel)


@METHODS.method("conversations.invite", tier=3, scopes=_INVITE, required=("channel",))
def invite(call: Invocation) -> JSON:
    """Raises no_user, user_not_found, cant_invite_self, already_in_channel."""
    channel = _mine(call)
    users = [name.strip() for name in call.args.text("users").split(",") if name.strip()]
    if not users:
        raise SlackError("no_user")
    for user in users:
        if user not in call.world.workspace.users:
            raise SlackError("user_not_found")
        if user == call.app.bot_user_id:
            raise SlackError("cant_invite_self")
        if user in channel.members:
            raise SlackError("already_in_channel")
    for user in users:
        call.world.invite(channel, user, call.app.bot_user_id)
    return _shown(call, channel)


@METHODS.method("conversations.kick", tier=3, scopes=_MANAGE, required=("channel", "user"))
def kick(call: Invocation) -> JSON:
    channel, user = _mine(call), call.args.text("user")
    if user == call.app.bot_user_id:
        raise SlackError("cant_kick_self")
    if user not in call.world.workspace.users:
        raise SlackError("user_not_found")
    if user not in channel.members:
        raise SlackError("not_in_channel")
    channel.members.discard(user)
    _shown(call, channel)
    return {}


@METHODS.method("conversations.leave", tier=3, scopes=_MANAGE, required=("channel",))
def leave(call: Invocation) -> JSON:
    """Leaving a channel that one is not in is no error."""
    channel = call.channel()
    if call.app.bot_user_id not in channel.members:
        return {"not_in_channel": True}
    channel.members.discard(call.app.bot_user_id)
    _shown(call, channel)
    return {}


@METHODS.method("conversations.setTopic", tier=2, scopes=_TOPIC, required=("channel",))
def set_topic(call: Invocation) -> JSON:
    return _say(call, "topic")


@METHODS.method("conversations.setPurpose", tier=2, scopes=_TOPIC, required=("channel",))
def set_purpose(call: Invocation) -> JSON:
    return _say(call, "purpose")


def _say(call: Invocation, what: str) -> JSON:
    """The channel is told of its new topic or purpose."""
    channel, text = _mine(call), call.args.text(what)
    if len(text) > MAX_TOPIC:
        raise SlackError("too_long")
    setattr(channel, what, text)
    message = {
        "subtype": f"channel_{what}",
        "user": call.app.bot_user_id,
        what: text,
        "text": f"set the channel {what}: {text}",
    }
    call.world.posting.post(channel, message, app_id=call.app.id)
    return _shown(call, channel)


@METHODS.method("conversations.rename", tier=2, scopes=_MANAGE, required=("channel",))
def rename(call: Invocation) -> JSON:
    """Only who made a channel may rename it."""
    channel = _mine(call)
    if channel.creator != call.app.bot_user_id:
        raise SlackError("not_authorized")
    channel.name = _free_name(call)
    return _shown(call, channel)


@METHODS.method("conversations.archive", tier=2, scopes=_MANAGE, required=("channel",))
def archive(call: Invocation) -> JSON:
    channel = call.channel(member=True)
    if channel.is_archived:
        raise SlackError("already_archived")
    if channel.name == "general":
        raise SlackError("cant_archive_general")
    channel.is_archived = True
    _shown(call, channel)
    return {}


@METHODS.method(
    "conversations.mark", tier=4, scopes=(*_MANAGE, "im:write"), required=("channel", "ts")
)
def mark(call: Invocation) -> JSON:
    """The reading mark of a bot shows nowhere."""
    call.channel(member=True)
    return {}
