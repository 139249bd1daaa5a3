"""Slack's rate limits as token buckets: per method, app and workspace, and for posting also per channel.

Tiers of https://docs.slack.dev/apis/web-api/rate-limits: 1+, 20+, 50+ and 100+ calls a minute; posting is about one
message a second and channel, with short bursts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.simulators.slack.clock import Clock
from bot.simulators.slack.errors import RateLimited

TIERS = {1: 1, 2: 20, 3: 50, 4: 100}
SPECIAL_PER_MINUTE = 600
POSTS_PER_SECOND = 1.0
POST_BURST = 4


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float


class RateLimits:
    """Takes a token per call; raises RateLimited when there is none."""

    def __init__(self, clock: Clock, *, strict: bool = True) -> None:
        self._clock = clock
        self._buckets: dict[tuple[str, ...], _Bucket] = {}
        self.strict = strict

    def take(self, app_id: str, method: str, tier: int) -> None:
        """`tier` 1 to 4, or 0 for a method with special, generous limits."""
        per_minute = TIERS.get(tier, SPECIAL_PER_MINUTE)
        self._take((app_id, method), per_minute / 60, max(3, per_minute // 4))

    def take_post(self, app_id: str, channel: str) -> None:
        self._take((app_id, "post", channel), POSTS_PER_SECOND, POST_BURST)

    def _take(self, key: tuple[str, ...], per_second: float, burst: int) -> None:
        if not self.strict:
            return
        now = self._clock.time()
        bucket = self._buckets.setdefault(key, _Bucket(burst, now))
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.at) * per_second)
        bucket.at = now
        if bucket.tokens < 1:
            raise RateLimited(max(1, math.ceil((1 - bucket.tokens) / per_second)))
        bucket.tokens -= 1
