"""GitHub's rate limits: what is left, and how to say when a used-up quota comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kit.times import age, rfc3339

CORE, CODE_SEARCH, GRAPHQL = "core", "code_search", "graphql"
_NAMES = {CODE_SEARCH: "quota for code search", GRAPHQL: "quota for GraphQL"}
_PAUSE = 60.0
"""Seconds to wait after a secondary limit that names no pause: what GitHub's documentation asks for."""

_LONGEST_PAUSE = 3600.0


def resource_of(url: str) -> str:
    """Which quota a request to this URL counts against."""
    path = urlsplit(url).path
    if path.endswith("/search/code"):
        return CODE_SEARCH
    return GRAPHQL if path.endswith("/graphql") else CORE


class OutOfQuota(Unavailable):
    """GitHub would refuse, or has refused, because of a rate limit."""


@dataclass(slots=True)
class _Quota:
    limit: int
    remaining: int
    resets: float


@dataclass(slots=True)
class Quotas:
    """What the answers so far said about each quota. `clock` gives seconds since the epoch."""

    clock: Callable[[], float]
    _known: dict[str, _Quota] = field(default_factory=dict)
    _paused_until: float = 0.0

    def learn(self, headers: Mapping[str, str], resource: str, status: int = 200) -> None:
        """Read the quota headers of an answer; `resource` is what was asked, used when they do not say.

        A refusal that says when to come back is a secondary limit, whatever its text.
        """
        if status in (403, 429) and headers.get("retry-after"):
            self.pause(headers["retry-after"])
        try:
            quota = _Quota(
                int(headers["x-ratelimit-limit"]),
                int(headers["x-ratelimit-remaining"]),
                float(headers["x-ratelimit-reset"]),
            )
        except (KeyError, ValueError):
            return
        self._known[headers.get("x-ratelimit-resource", resource)] = quota

    def pause(self, retry_after: str | None) -> None:
        """Ask nothing for as long as a secondary limit says (seconds as text, None: it did not say)."""
        seconds = float(retry_after) if retry_after and retry_after.isdecimal() else _PAUSE
        self._paused_until = self.clock() + min(seconds, _LONGEST_PAUSE)

    def remaining(self, resource: str = CORE) -> int | None:
        """Requests left in the present window; None when nothing is known."""
        quota = self._known.get(resource)
        return quota.remaining if quota and quota.resets > self.clock() else None

    def check(self, resource: str) -> None:
        """Raises OutOfQuota when it is known that GitHub would refuse: no request is wasted on asking."""
        now = self.clock()
        if self._paused_until > now:
            raise OutOfQuota(
                "GitHub asks this token to slow down (secondary rate limit); it can be asked again "
                f"{self._when(self._paused_until)}. Go on with the other tools meanwhile."
            )
        quota = self._known.get(resource)
        if quota and quota.remaining <= 0 and quota.resets > now:
            kind = _NAMES.get(resource, "quota")
            raise OutOfQuota(
                f"GitHub's {kind} of this token is used up ({quota.limit} requests); it resets "
                f"{self._when(quota.resets)}. Go on with the other tools meanwhile."
            )

    def _when(self, moment: float) -> str:
        now, then = (datetime.fromtimestamp(at, UTC) for at in (self.clock(), moment))
        then += timedelta(seconds=0.999)  # a caller who comes back is never too early
        return f"at {rfc3339(then)}, in {age(now, then)}"
