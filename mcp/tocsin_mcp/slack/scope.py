"""Which thread may be read: the one that the caller's `_meta` names, never one that a model names.

The bot puts channel and thread into `_meta` of each call; a model's arguments cannot reach it. A client that sends no
such `_meta` gets the thread that the environment names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastmcp.exceptions import ToolError

from tocsin_mcp.kit.environment import Environment, MissingSetting

CHANNEL_META, THREAD_META = "tocsin/channel", "tocsin/thread_ts"
CHANNEL, THREAD = "TOCSIN_SLACK_CHANNEL", "TOCSIN_SLACK_THREAD_TS"
_CHANNEL = re.compile(r"[CGD][A-Z0-9]{2,20}", re.ASCII)
_THREAD = re.compile(r"\d{1,12}\.\d{1,6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Scope:
    """One channel, and the `ts` of the root of one thread in it (empty: no thread)."""

    channel: str
    thread: str


def scope_of(meta: Mapping[str, Any] | None, environment: Environment) -> Scope:
    """The scope of a call. When `_meta` names a channel, the environment's is not looked at.

    Raises MissingSetting when neither names a channel, ToolError when what they name is no channel or thread.
    """
    given = meta or {}
    if given.get(CHANNEL_META):
        channel, thread = given[CHANNEL_META], given.get(THREAD_META) or ""
    else:
        channel, thread = environment.get(CHANNEL), environment.get(THREAD)
    if not channel:
        raise MissingSetting(
            f"No channel is set: this server reads only the one that the call's _meta ({CHANNEL_META}, {THREAD_META}) "
            f"or the environment ({CHANNEL}, {THREAD}) names. Calling again will not help."
        )
    if not _is(_CHANNEL, channel) or (thread and not _is(_THREAD, thread)):
        raise ToolError("The configured Slack channel or thread is not an id like C0123456789.")
    return Scope(channel, thread)


def _is(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None
