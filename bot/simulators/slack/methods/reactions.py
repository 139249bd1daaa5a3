"""`reactions.*`."""

from __future__ import annotations

import re

from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.messages import Entry
from bot.simulators.slack.methods.catalog import JSON, Catalog, Invocation

METHODS = Catalog()
MAX_PER_PERSON = 50
_NAME = re.compile(r"^[a-z0-9_+'\-]{1,100}(::skin-tone-[2-6])?$")
_TS = re.compile(r"^\d+\.\d{6}$")


def _item(call: Invocation) -> Entry:
    if not call.args.given("channel") or not call.args.given("timestamp"):
        raise SlackError("no_item_specified")
    channel = call.channel()
    if not _TS.match(call.args.text("timestamp")):
        raise SlackError("bad_timestamp")
    if channel.is_archived:
        raise SlackError("is_archived")
    if channel.kind == "channel" or call.app.bot_user_id in channel.members:
        return call.entry(channel, "timestamp")
    raise SlackError("not_in_channel")


def _name(call: Invocation) -> str:
    name = call.args.text("name")
    if not _NAME.match(name):
        raise SlackError("invalid_name")
    return name


@METHODS.method("reactions.add", tier=3, scopes=("reactions:write",), required=("name",))
def add(call: Invocation) -> JSON:
    name, entry, user = _name(call), _item(call), call.app.bot_user_id
    mine = sum(user in item["users"] for item in entry.message.get("reactions", []))
    if mine >= MAX_PER_PERSON:
        raise SlackError("too_many_reactions")
    call.world.posting.react(entry, user, name)
    return {}


@METHODS.method("reactions.remove", tier=2, scopes=("reactions:write",), required=("name",))
def remove(call: Invocation) -> JSON:
    call.world.posting.unreact(_item(call), call.app.bot_user_id, _name(call))
    return {}


@METHODS.method("reactions.get", tier=3, scopes=("reactions:read",))
def get(call: Invocation) -> JSON:
    entry = _item(call)
    message = {
        key: value for key, value in entry.message.items() if key in ("type", "text", "ts", "user")
    }
    message["reactions"] = entry.message.get("reactions", [])
    return {"type": "message", "channel": entry.channel, "message": message}
