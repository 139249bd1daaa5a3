"""`agents.sessions.*` and the older `assistant.threads.*`."""

from __future__ import annotations

from typing import Any

from bot.simulators.slack.errors import SlackError
from bot.simulators.slack.methods.catalog import JSON, Catalog, Invocation
from bot.simulators.slack.people import Channel
from bot.simulators.slack.sessions import STATUSES

METHODS = Catalog()
MAX_TITLE = 200
MAX_LOADING_MESSAGES = 10
MAX_PROMPTS = 4
_NO_STOP_EVENT = "missing_agent_session_stopped_event_subscription"


@METHODS.method(
    "agents.sessions.setStatus", tier=3, scopes=("chat:write",), required=("channel_id", "status")
)
def set_session_status(call: Invocation) -> JSON:
    channel = call.channel("channel_id")
    if not call.app.grants.agent:
        raise SlackError("not_authorized")
    status, title = call.args.text("status"), call.args.text("title")
    if status not in STATUSES:
        raise SlackError.invalid_arguments("must be a valid enum value [json-pointer:/status]")
    _check_title(title)
    session = call.world.sessions.set_status(
        call.app.id,
        channel.id,
        call.args.text("thread_ts"),
        status,
        title=title,
        initiator=call.args.text("initiator_user_id"),
    )
    answer: JSON = {"status": status, "agent_status": status, "title": session.title}
    if "agent_session_stopped" not in call.app.grants.events:
        answer["response_metadata"] = {"warnings": [_NO_STOP_EVENT]}
    return answer


@METHODS.method(
    "agents.sessions.rename", tier=3, scopes=("chat:write",), required=("channel_id", "title")
)
def rename_session(call: Invocation) -> JSON:
    channel = call.channel("channel_id")
    session = call.world.sessions.find(channel.id, call.args.text("thread_ts"))
    if session is None or session.app_id != call.app.id:
        raise SlackError("not_authorized")
    title = call.args.text("title")
    _check_title(title)
    session.title = title.replace(":", "_")
    call.world.sessions.show(session)
    return {"title": session.title}


def _check_title(title: str) -> None:
    if len(title) > MAX_TITLE:
        raise SlackError.invalid_arguments(
            f"must be less than {MAX_TITLE + 1} characters [json-pointer:/title]"
        )


def _thread(call: Invocation) -> tuple[Channel, str]:
    channel = call.channel("channel_id")
    thread_ts = call.args.text("thread_ts")
    if call.world.messages.find(channel.id, thread_ts) is None:
        raise SlackError("invalid_thread_ts")
    return channel, thread_ts


@METHODS.method(
    "assistant.threads.setStatus",
    tier=0,
    scopes=("chat:write", "assistant:write"),
    required=("channel_id", "thread_ts"),
)
def set_thread_status(call: Invocation) -> JSON:
    channel, thread_ts = _thread(call)
    messages: Any = call.args.structure("loading_messages", "invalid_arguments") or []
    if not isinstance(messages, list) or len(messages) > MAX_LOADING_MESSAGES:
        raise SlackError.invalid_arguments(
            f"no more than {MAX_LOADING_MESSAGES} items allowed [json-pointer:/loading_messages]"
        )
    call.world.sessions.set_thread_status(
        channel.id, thread_ts, call.args.text("status"), [str(item) for item in messages]
    )
    return {}


@METHODS.method(
    "assistant.threads.setTitle",
    tier=4,
    scopes=("assistant:write",),
    required=("channel_id", "thread_ts", "title"),
)
def set_thread_title(call: Invocation) -> JSON:
    channel, thread_ts = _thread(call)
    call.world.sessions.thread(channel.id, thread_ts).title = call.args.text("title")
    call.world.sessions.show_thread(channel.id, thread_ts)
    return {}


@METHODS.method(
    "assistant.threads.setSuggestedPrompts",
    tier=4,
    scopes=("assistant:write",),
    required=("channel_id", "prompts"),
)
def set_suggested_prompts(call: Invocation) -> JSON:
    channel = call.channel("channel_id")
    prompts = call.args.structure("prompts", "invalid_arguments")
    well_formed = isinstance(prompts, list) and all(
        isinstance(item, dict) and item.get("title") and item.get("message") for item in prompts
    )
    if not well_formed or len(prompts) > MAX_PROMPTS:
        raise SlackError.invalid_arguments("must be an array [json-pointer:/prompts]")
    thread_ts = call.args.text("thread_ts")
    call.world.sessions.thread(channel.id, thread_ts).prompts = {
        "title": call.args.text("title"),
        "prompts": prompts,
    }
    call.world.sessions.show_thread(channel.id, thread_ts)
    return {}
