"""Quotas: how many requests a token may make in a window, and the headers that say so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from .view import Json

_WINDOWS = {
    "core": (5000, 3600),
    "search": (30, 60),
    "code_search": (10, 60),
    "graphql": (5000, 3600),
}
_ANONYMOUS_CORE = 60


@dataclass(slots=True)
class _Window:
    limit: int
    seconds: int
    used: int = 0
    ends: float = 0.0


@dataclass(slots=True)
class Limits:
    """One token's quotas. `clock` gives seconds since the epoch; `anonymous` is for requests without a token."""

    clock: Callable[[], float]
    anonymous: bool = False
    _windows: dict[str, _Window] = field(default_factory=dict)

    def take(self, resource: str) -> bool:
        """Count one request; False when the quota is used up."""
        window = self._window(resource)
        if window.used >= window.limit:
            return False
        window.used += 1
        return True

    def give_back(self, resource: str) -> None:
        """Uncount one request: an answer that nothing changed is free."""
        window = self._window(resource)
        window.used = max(0, window.used - 1)

    def exhaust(self, resource: str) -> None:
        """Use up the quota until its window ends."""
        window = self._window(resource)
        window.used = window.limit

    def headers(self, resource: str) -> dict[str, str]:
        """The `X-RateLimit-…` headers of an answer."""
        window = self._window(resource)
        return {
            "X-RateLimit-Limit": str(window.limit),
            "X-RateLimit-Remaining": str(window.limit - window.used),
            "X-RateLimit-Reset": str(int(window.ends)),
            "X-RateLimit-Used": str(window.used),
            "X-RateLimit-Resource": resource,
        }

    def left(self, resource: str) -> Json:
        """The same as GraphQL's `rateLimit` says it, for a query that cost one point."""
        window = self._window(resource)
        return {
            "limit": window.limit,
            "cost": 1,
            "remaining": window.limit - window.used,
            "used": window.used,
            "resetAt": datetime.fromtimestamp(window.ends, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    def overview(self) -> Json:
        """`GET /rate_limit`, which costs nothing."""
        resources = {}
        for resource in _WINDOWS:
            window = self._window(resource)
            resources[resource] = {
                "limit": window.limit,
                "used": window.used,
                "remaining": window.limit - window.used,
                "reset": int(window.ends),
            }
        return {"resources": resources, "rate": resources["core"]}

    def _window(self, resource: str) -> _Window:
        limit, seconds = _WINDOWS[resource]
        if self.anonymous and resource == "core":
            limit = _ANONYMOUS_CORE
        window = self._windows.setdefault(resource, _Window(limit, seconds))
        now = self.clock()
        if now >= window.ends:
            window.used, window.ends = 0, now + seconds
        return window
