"""Channels in which alarms are not investigated by themselves for now, because an admin said so.

`tocsin:paused:<channel>` (string): who paused it. A pause that everybody forgot ends after thirty days.
"""

from __future__ import annotations

from datetime import timedelta

from redis.asyncio import Redis

from bot.redis_client import text, translated

LONGEST = timedelta(days=30)


class Pauses:
    """Every method raises TemporaryError when Redis is not there."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @translated
    async def by(self, channel: str) -> str | None:
        """The user who paused the channel; None when it is not paused."""
        return text(await self._redis.get(pause_key(channel)))

    @translated
    async def pause(self, channel: str, user: str) -> None:
        """Leave alarms of this channel alone."""
        await self._redis.set(pause_key(channel), user, ex=LONGEST)

    @translated
    async def resume(self, channel: str) -> None:
        """Investigate them again."""
        await self._redis.delete(pause_key(channel))


def pause_key(channel: str) -> str:
    return f"tocsin:paused:{channel}"
