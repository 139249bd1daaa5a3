"""Rate limits: token buckets per organisation and model line, told in response headers."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.simulators.messages_api.errors import ApiError


@dataclass(frozen=True, slots=True)
class RateLimits:
    """Allowances per minute. The defaults are those of the Start tier."""

    requests: int = 1_000
    input_tokens: int = 2_000_000
    output_tokens: int = 400_000


@dataclass(slots=True)
class _Bucket:
    """Refills evenly over a minute. May fall below zero: what was generated counts, even if it was too much."""

    size: int
    level: float
    at: float

    def refill(self, now: float) -> None:
        self.level = min(self.size, self.level + (now - self.at) * self.size / 60)
        self.at = now

    def seconds_until(self, wanted: float) -> float:
        return max(0.0, (min(wanted, self.size) - self.level) * 60 / self.size)


@dataclass(slots=True)
class RateLimiter:
    """Counts what callers use; refuses when told to enforce.

    Input counts what was not read from the cache. Requests count one each.
    """

    limits: RateLimits
    enforce: bool = False
    _buckets: dict[tuple[str, str, str], _Bucket] = field(default_factory=dict)

    def admit(self, organization: str, line: str, fresh_input: int, now: float) -> None:
        """Raises ApiError 429 with `retry-after` when the request would exceed a limit and limits are enforced."""
        wanted = {"requests": 1, "input-tokens": fresh_input, "output-tokens": 1}
        waits = {
            name: self._bucket(organization, line, name, now).seconds_until(amount)
            for name, amount in wanted.items()
        }
        name, wait = max(waits.items(), key=lambda item: item[1])
        if self.enforce and wait > 0:
            message = (
                "This request would exceed your organization's rate limit of "
                f"{self._size(name):,} {name.replace('-', ' ')} per minute."
            )
            raise ApiError(429, message, headers={"retry-after": str(math.ceil(wait))})

    def count(
        self, organization: str, line: str, fresh_input: int, output: int, now: float
    ) -> None:
        """Take what an answered request used."""
        used = {"requests": 1, "input-tokens": fresh_input, "output-tokens": output}
        for name, amount in used.items():
            self._bucket(organization, line, name, now).level -= amount

    def headers(self, organization: str, line: str, now: float) -> dict[str, str]:
        """The `anthropic-ratelimit-*` headers."""
        told: dict[str, str] = {}
        for name in ("requests", "input-tokens", "output-tokens"):
            bucket = self._bucket(organization, line, name, now)
            full_at = datetime.fromtimestamp(now + bucket.seconds_until(bucket.size), UTC)
            told |= _header(name, bucket.size, bucket.level, full_at)
        both = self.limits.input_tokens + self.limits.output_tokens
        left = sum(
            self._bucket(organization, line, name, now).level
            for name in ("input-tokens", "output-tokens")
        )
        return told | _header("tokens", both, left, datetime.fromtimestamp(now, UTC))

    def reset(self) -> None:
        """All buckets are full again."""
        self._buckets.clear()

    def _size(self, name: str) -> int:
        sizes: dict[str, int] = {
            "requests": self.limits.requests,
            "input-tokens": self.limits.input_tokens,
            "output-tokens": self.limits.output_tokens,
        }
        return sizes[name]

    def _bucket(self, organization: str, line: str, name: str, now: float) -> _Bucket:
        size = self._size(name)
        bucket = self._buckets.setdefault((organization, line, name), _Bucket(size, size, now))
        bucket.refill(now)
        return bucket


def _header(name: str, limit: int, left: float, reset: datetime) -> dict[str, str]:
    prefix = f"anthropic-ratelimit-{name}"
    return {
        f"{prefix}-limit": str(limit),
        f"{prefix}-remaining": str(max(0, math.floor(left))),
        f"{prefix}-reset": reset.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
