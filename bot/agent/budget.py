"""What a run may use, and when it is used up.

The last part of the time, the tokens and the money is reserved for one last reply, so that a run always ends in an
answer; and an ordinary reply is only asked for when it fits into what is left before that.
"""

from __future__ import annotations

import math

from pydantic import BaseModel, ConfigDict, Field

from bot.agent.messages import Spend, StopReason

SHORTEST_REPLY = 5.0
"""Seconds in which a reply may be had; with less left none is asked for."""


class Budget(BaseModel):
    """Limits of one run. Seconds are wall time from the run's start."""

    model_config = ConfigDict(frozen=True)

    seconds: float = Field(default=300.0, gt=0)
    reserve_seconds: float = Field(default=45.0, gt=0)
    """Kept back for the last reply."""
    turns: int = Field(default=25, gt=0)
    tool_calls: int = Field(default=60, gt=0)
    tokens: int = Field(default=1_500_000, gt=0)
    """Prompt and output tokens, cached ones included."""
    usd: float = Field(default=2.0, gt=0)
    reserve_share: float = Field(default=0.1, ge=0, lt=1)
    """Share of the dollars kept back for the last reply, at least: a dearer reply keeps back what it costs."""

    def part(self, share: float) -> Budget:
        """A budget of this share, 0 to 1, of every limit; at least one turn and one call."""
        return self.model_copy(
            update={
                "seconds": self.seconds * share,
                "reserve_seconds": self.reserve_seconds * share,
                "turns": math.ceil(self.turns * share),
                "tool_calls": math.ceil(self.tool_calls * share),
                "tokens": math.ceil(self.tokens * share),
                "usd": self.usd * share,
            }
        )


class Meter:
    """One run's budget set against the clock and what has been spent.

    `started` and `now` are monotonic seconds of the same clock; `base` is what the conversation had spent before
    this run began (a follow-up has a budget of its own).
    """

    def __init__(self, budget: Budget, *, started: float, base: Spend | None = None) -> None:
        self.budget = budget
        self._deadline = started + budget.seconds
        self._base = base or Spend()

    def working_seconds(self, now: float) -> float:
        """Seconds left before the reserve begins; 0 or less when it has."""
        return self._deadline - self.budget.reserve_seconds - now

    def last_seconds(self, now: float) -> float:
        """Seconds left for the last reply; never less than 1, so that an overdue run still tries to answer."""
        return max(self._deadline - now, 1.0)

    def affords(self, spend: Spend, now: float) -> bool:
        """Whether one more reply fits into what is left, the reserve included."""
        return self._deadline - now >= SHORTEST_REPLY and self.pays(spend)

    def pays(self, spend: Spend) -> bool:
        """Whether one more reply, a short one, can be paid in tokens and dollars, the reserve included."""
        tokens, usd = self.left(spend)
        return spend.least_tokens <= tokens and spend.least_usd <= usd

    def left(self, spend: Spend) -> tuple[int, float]:
        """Tokens and dollars that are left, the reserve included."""
        budget, base = self.budget, self._base
        return (
            budget.tokens - (spend.usage.total - base.usage.total),
            budget.usd - (spend.usd - base.usd),
        )

    def kept(self, spend: Spend, now: float) -> tuple[int, float]:
        """Tokens and dollars that the next reply must leave for the last one; nothing when it is the last."""
        if self.exhausted(spend, now) is not None:
            return 0, 0.0
        return self._reserve(spend)

    def _reserve(self, spend: Spend) -> tuple[int, float]:
        share = self.budget.usd * self.budget.reserve_share
        return spend.next_tokens, max(share, spend.next_usd)

    def exhausted(self, spend: Spend, now: float) -> StopReason | None:
        """The first limit that forbids another ordinary turn, or None."""
        budget, base = self.budget, self._base
        tokens_left, usd_left = self.left(spend)
        tokens_kept, usd_kept = self._reserve(spend)
        checks: list[tuple[bool, StopReason]] = [
            (self.working_seconds(now) <= 0, "out_of_time"),
            (spend.turns - base.turns >= budget.turns, "out_of_turns"),
            (spend.tool_calls - base.tool_calls >= budget.tool_calls, "out_of_turns"),
            (spend.next_tokens + tokens_kept >= tokens_left, "out_of_tokens"),
            (spend.next_usd + usd_kept >= usd_left, "out_of_money"),
        ]
        return next((reason for over, reason in checks if over), None)
