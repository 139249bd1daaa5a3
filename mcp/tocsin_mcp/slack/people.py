"""Names of users, asked for once; without the scope users:read their ids have to do."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterable

from tocsin_mcp.kit.errors import NotFound, Unavailable
from tocsin_mcp.kit.output import clip, plain

from .client import MissingScope, Slack

_REMEMBERED = 500
_ASKED_AT_ONCE = 20
_LONGEST = 80


class People:
    """Names by user id, the least recently used forgotten."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self._known: OrderedDict[str, str] = OrderedDict()
        self._allowed = True

    async def names(self, ids: Iterable[str]) -> dict[str, str]:
        """Id to name, for those that are known or can be asked for now."""
        wanted = sorted(set(ids))
        unknown = [user for user in wanted if user not in self._known][:_ASKED_AT_ONCE]
        async with asyncio.TaskGroup() as group:
            for user in unknown if self._allowed else ():
                group.create_task(self._learn(user))
        return {user: self._recall(user) for user in wanted if user in self._known}

    def _recall(self, user: str) -> str:
        self._known.move_to_end(user)
        return self._known[user]

    async def _learn(self, user: str) -> None:
        try:
            answer = await self._slack.call("users.info", {"user": user})
        except MissingScope:
            self._allowed = False
            return
        except (Unavailable, NotFound):
            return
        found = answer.get("user") or {}
        profile = found.get("profile") or {}
        name = profile.get("display_name") or found.get("real_name") or found.get("name") or user
        self._known[user] = clip(" ".join(plain(str(name)).split()), _LONGEST)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
