"""What the front can do for people, told to the workers that write the buttons: they hold none of its tokens.

`tocsin:front:issues` (string) is there while a front runs that can open issues.
"""

from __future__ import annotations

from redis.asyncio import Redis

from bot.redis_client import translated

TTL = 600
REFRESH = 200.0
"""Seconds; a front that is gone is forgotten after TTL."""
_ISSUES = "tocsin:front:issues"


class Abilities:
    """Every method raises TemporaryError when Redis is not there."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @translated
    async def offer_issues(self) -> None:
        """Say that issues can be opened, for the next ten minutes."""
        await self._redis.set(_ISSUES, "1", ex=TTL)

    @translated
    async def issues(self) -> bool:
        """Whether a front can open issues."""
        return bool(await self._redis.exists(_ISSUES))
