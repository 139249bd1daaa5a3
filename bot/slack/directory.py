"""Who may ask, and where alarms are listened to: facts about people and channels, from Slack, for a few minutes.

Checked when something is asked, not when it was set up: a channel can be shared with another company and an account
can become a guest at any time. What cannot be looked up is not allowed. Exceptions are configured by name: `Exceptions`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NamedTuple

from bot.slack.api import Api, SlackRefused
from bot.slack.clock import Clock

FRESH = {"user": 300.0, "channel": 60.0}
"""Seconds for which an answer is used again. That a channel was shared is heard as an event, but only by one front."""

_SHARED = ("is_ext_shared", "is_pending_ext_shared", "is_org_shared")
_NEVER = (("is_bot", "bots"), ("deleted", "deactivated accounts"))
_OUTSIDE = (
    ("is_restricted", "guests"),
    ("is_ultra_restricted", "guests"),
    ("is_stranger", "people of other workspaces"),
)
_MAX_ENTRIES = 5_000
_log = logging.getLogger(__name__)

Facts = dict[str, Any]


class Exceptions(NamedTuple):
    """Who may see internal data although the rule says no."""

    channels: frozenset[str] = frozenset()
    """Names or ids of shared channels in which Tocsin listens and answers."""
    people: frozenset[str] = frozenset()
    """User ids of guests, and of people of other workspaces, who may ask."""


class Directory:
    """Answers about one workspace. Methods raise TemporaryError when Slack cannot be asked now."""

    def __init__(
        self,
        api: Api,
        clock: Clock,
        team: str,
        channels: Iterable[str],
        exceptions: Exceptions | None = None,
    ) -> None:
        """`channels` are the names (without `#`) or ids of the channels whose alarms are investigated."""
        self._exceptions = exceptions or Exceptions()
        self._api = api
        self._clock = clock
        self._team = team
        self._wanted = frozenset(name.lstrip("#") for name in channels)
        self._known: dict[tuple[str, str], tuple[float, Facts]] = {}
        self._missing: frozenset[str] = frozenset()
        self._asking: dict[tuple[str, str], asyncio.Lock] = {}

    async def refusal(self, team: str, user: str, channel: str = "") -> str | None:
        """Why this person may not ask here, in words for that person; None when they may.

        `team` is the workspace the person belongs to, as far as the request tells.
        """
        known = user in self._exceptions.people
        if team != self._team and not known:
            return "Tocsin only answers people of its own workspace."
        if channel and await self.is_barred(channel):
            if await self._facts("channel", channel) is None:
                return "Tocsin cannot see this channel: invite it, then ask again."
            return "Tocsin does not answer in channels that are shared with other organisations."
        person = await self._facts("user", user)
        if person is None:
            return "Tocsin does not take requests from unknown accounts."
        for flag, who in _NEVER if known else _NEVER + _OUTSIDE:
            if person.get(flag):
                return f"Tocsin does not take requests from {who}."
        if person.get("team_id", team) != self._team and not known:
            return "Tocsin only answers people of its own workspace."
        return None

    async def is_incidents(self, channel: str) -> bool:
        """Whether alarms in this channel are to be investigated: configured, and not barred."""
        facts = await self._facts("channel", channel)
        if facts is None or not {channel, facts.get("name")} & self._wanted:
            return False
        if await self.is_barred(channel):
            _log.warning("alarms in %s are ignored: the channel is shared", channel)
            return False
        return True

    async def is_barred(self, channel: str) -> bool:
        """Whether nothing internal may be said in the channel: others than this workspace can read it, and it is no
        exception. A channel that cannot be looked up is barred."""
        if channel.startswith("D"):
            return False
        facts = await self._facts("channel", channel)
        if facts is None:
            return True
        allowed = bool({channel, facts.get("name")} & self._exceptions.channels)
        return not allowed and any(bool(facts.get(flag)) for flag in _SHARED)

    async def is_member(self, channel: str) -> bool:
        """Whether the bot itself is in the channel (and so can read and post there)."""
        if channel.startswith("D"):
            return True
        facts = await self._facts("channel", channel)
        return facts is not None and bool(facts.get("is_member"))

    async def joined(self) -> dict[str, str]:
        """Id and name of the public channels the bot is in."""
        found: dict[str, str] = {}
        cursor: str | None = None
        while cursor != "":
            page = await self._api.call(
                "users.conversations",
                types="public_channel",
                exclude_archived=True,
                limit=200,
                cursor=cursor,
            )
            found |= {str(item["id"]): str(item.get("name", "")) for item in page["channels"]}
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        return found

    async def watched(self) -> list[str]:
        """Ids of the configured channels the bot is in; says which it is missing from."""
        joined = await self.joined()
        missing = self._wanted - joined.keys() - set(joined.values())
        for name in sorted(missing - self._missing):
            _log.warning(
                "not in channel %s: invite the bot there, or its alarms are not heard", name
            )
        self._missing = missing
        return [channel for channel, name in joined.items() if {channel, name} & self._wanted]

    def forget(self, channel: str) -> None:
        """Ask again about this channel next time."""
        self._known.pop(("channel", channel), None)

    def hear_shared(self, channel: str) -> None:
        """Slack says with a request that others read this channel: ask again if that is not what is known."""
        known = self._known.get(("channel", channel))
        if known is not None and not any(bool(known[1].get(flag)) for flag in _SHARED):
            self.forget(channel)

    async def _facts(self, kind: str, name: str) -> Facts | None:
        """What Slack says about a user or a channel; None when it does not know or tell."""
        async with self._asking.setdefault((kind, name), asyncio.Lock()):
            return await self._known_or_asked(kind, name)

    async def _known_or_asked(self, kind: str, name: str) -> Facts | None:
        known = self._known.get((kind, name))
        if known is not None and self._clock.time() - known[0] < FRESH[kind]:
            return known[1]
        ask: Callable[[], Awaitable[Facts]] = (
            (lambda: self._api.call("users.info", user=name))
            if kind == "user"
            else (lambda: self._api.call("conversations.info", channel=name))
        )
        try:
            facts: Facts = (await ask())[kind]
        except SlackRefused as refused:
            _log.info("nothing known about %s %s: %s", kind, name, refused.code)
            return None
        if len(self._known) >= _MAX_ENTRIES:
            self._known.clear()
            self._asking = {key: lock for key, lock in self._asking.items() if lock.locked()}
        self._known[(kind, name)] = (self._clock.time(), facts)
        return facts
