"""The payloads of slash commands and interactions, field by field as Slack sends them."""

from __future__ import annotations

import copy
from typing import Any

from bot.simulators.slack.messages import Entry
from bot.simulators.slack.people import App, Channel, User
from bot.simulators.slack.translation import stored
from bot.simulators.slack.workspace import Workspace

JSON = dict[str, Any]
VERIFICATION_TOKEN = "simulated-verification-token"  # the legacy field every payload carries


def slash_command(
    workspace: Workspace,
    app: App,
    user: User,
    channel: Channel,
    *,
    command: str,
    text: str,
    response_url: str,
    trigger_id: str,
) -> JSON:
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": workspace.team_id,
        "team_domain": workspace.domain,
        "channel_id": channel.id,
        "channel_name": channel.name or "directmessage",
        "user_id": user.id,
        "user_name": user.name,
        "command": command,
        "text": text,
        "api_app_id": app.id,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def interaction(workspace: Workspace, app: App, user: User, kind: str, trigger_id: str) -> JSON:
    """What all interactive payloads share."""
    return {
        "type": kind,
        "user": {
            "id": user.id,
            "username": user.name,
            "name": user.name,
            "team_id": user.team_id,
        },
        "api_app_id": app.id,
        "token": VERIFICATION_TOKEN,
        "trigger_id": trigger_id,
        "team": {"id": workspace.team_id, "domain": workspace.domain},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def in_message(entry: Entry, channel: Channel, response_url: str, state: JSON) -> JSON:
    """The parts that say which message was acted upon. An ephemeral message itself is not included.

    `state` is what the person has chosen in it so far.
    """
    container: JSON = {
        "type": "message",
        "message_ts": entry.ts,
        "channel_id": channel.id,
        "is_ephemeral": entry.ephemeral_for is not None,
    }
    if thread_ts := entry.message.get("thread_ts"):
        container["thread_ts"] = thread_ts
    parts: JSON = {
        "container": container,
        "channel": {"id": channel.id, "name": channel.name or "directmessage"},
        "state": {"values": state},
        "response_url": response_url,
    }
    if entry.ephemeral_for is None:
        parts["message"] = stored(entry.message)
    return parts


def in_view(view: JSON) -> JSON:
    return {
        "container": {"type": "view", "view_id": view["id"]},
        "view": copy.deepcopy(view),
    }
