"""The parts of Slack's requests that listeners read, whatever kind they are."""

from __future__ import annotations

from typing import Any

from bot.incidents.incident import Origin

Body = dict[str, Any]


def team_of(body: Body) -> str:
    """The workspace a request belongs to."""
    return str(body.get("team_id") or (body.get("team") or {}).get("id") or "")


def author_team(body: Body, message: Body) -> str:
    """The workspace of the person who wrote a message: another one than ours in a shared channel."""
    return str(message.get("user_team") or message.get("source_team") or team_of(body))


def request_id(body: Body) -> str:
    """What names a request across redeliveries: the event's id, else the trigger of an interaction; else empty."""
    return str(body.get("event_id") or body.get("trigger_id") or "")


def is_human(message: Body) -> bool:
    """Whether a person wrote it: no app, no notice of Slack's own, no edit."""
    allowed = message.get("subtype") in {None, "file_share", "thread_broadcast"}
    return allowed and bool(message.get("user")) and not message.get("bot_id")


def is_reply(message: Body) -> bool:
    """Whether it stands in a thread that another message began."""
    thread = message.get("thread_ts")
    return bool(thread) and thread != message.get("ts")


def thread_of(body: Body, message: Body, requester: str = "") -> Origin:
    """The thread a message is in, or begins."""
    return Origin(
        team=team_of(body),
        channel=str(message["channel"]),
        thread_ts=str(message.get("thread_ts") or message["ts"]),
        requester=requester,
    )
