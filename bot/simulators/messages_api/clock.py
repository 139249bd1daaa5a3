"""Time, so that tests of a five-minute or one-hour cache lifetime run at once."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Anything that tells the time."""

    def now(self) -> float:
        """Seconds since the epoch."""


class SystemClock:
    """The clock of this machine."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()


class ManualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, start: float = 1_800_000_000.0) -> None:
        self._now = start

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move forward."""
        self._now += seconds


class ShiftedClock:
    """Another clock plus an offset: what `POST /_sim/clock` moves."""

    def __init__(self, base: Clock) -> None:
        self._base = base
        self.offset = 0.0

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._base.now() + self.offset
