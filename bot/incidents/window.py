"""Which conditions fired in a channel within the last minute, and in which incidents: what correlation looks at.

One hash per channel, `tocsin:window:{<team>:<channel>}`: `version`, and per fingerprint `<milliseconds> <incident>`.
Who opens an incident does so against the version that was looked at, so that of two related alarms at the same moment
one opens and the other sees it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from redis.asyncio import Redis

from bot.incidents.incident import Origin

_VERSION = "version"
_RESERVE = """
-- KEYS: window. ARGV: version looked at, fingerprint, entry, ttl ms, oldest ms. -> 1 entered, 0 somebody opened one since
if (redis.call('HGET', KEYS[1], 'version') or '0') ~= ARGV[1] then return 0 end
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local at = tonumber(string.match(all[i + 1], '^(%d+) '))
  if at and at < tonumber(ARGV[5]) then redis.call('HDEL', KEYS[1], all[i]) end
end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
"""


class Recent(NamedTuple):
    """One condition that fired lately."""

    fingerprint: str
    incident_id: str


class View(NamedTuple):
    """What was in the window when it was looked at."""

    version: str
    recent: list[Recent]


class Window:
    """The windows of all channels. `clock` gives aware UTC; a `length` of zero keeps nothing."""

    def __init__(self, redis: Redis, clock: Callable[[], datetime], length: timedelta) -> None:
        self._redis = redis
        self._clock = clock
        self._length = int(length.total_seconds() * 1000)
        self._reserve = redis.register_script(_RESERVE)

    async def look(self, place: Origin) -> View:
        """The conditions of this channel that are not too old."""
        if not self._length:
            return View("0", [])
        found = {str(k): str(v) for k, v in (await self._redis.hgetall(window_key(place))).items()}
        version = found.pop(_VERSION, "0")
        split = ((fingerprint, *entry.split(" ", 1)) for fingerprint, entry in found.items())
        recent = [Recent(name, incident) for name, at, incident in split if int(at) >= self._oldest]
        return View(version, recent)

    async def reserve(self, place: Origin, view: View, fingerprint: str, incident_id: str) -> bool:
        """Enter an incident that is being opened; False when another was opened since `view`."""
        if not self._length:
            return True
        args: list[str | int] = [
            view.version,
            fingerprint,
            self._entry(incident_id),
            self._ttl,
            self._oldest,
        ]
        return bool(await self._reserve(keys=[window_key(place)], args=args))

    async def add(self, place: Origin, fingerprint: str, incident_id: str) -> None:
        """Enter a condition that joined an incident."""
        if self._length:
            key = window_key(place)
            await self._redis.hset(key, fingerprint, self._entry(incident_id))
            await self._redis.pexpire(key, self._ttl)

    async def forget(self, place: Origin, fingerprint: str) -> None:
        """Take back a reservation that came to nothing."""
        await self._redis.hdel(window_key(place), fingerprint)

    @property
    def _now(self) -> int:
        return int(self._clock().timestamp() * 1000)

    @property
    def _oldest(self) -> int:
        return self._now - self._length

    @property
    def _ttl(self) -> int:
        return 2 * self._length

    def _entry(self, incident_id: str) -> str:
        return f"{self._now} {incident_id}"


def window_key(place: Origin) -> str:
    return f"tocsin:window:{{{place.team}:{place.channel}}}"
