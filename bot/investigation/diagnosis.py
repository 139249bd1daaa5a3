"""The result of an investigation."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.charts.chart import Chart

Verdict = Literal["fault", "healthy", "inconclusive"]
Outcome = Literal["diagnosed", "inconclusive", "stopped", "out_of_time", "failed"]
"""How an investigation ended: exactly one terminal message is posted, and it says one of these."""


class Evidence(BaseModel):
    """What backs a claim: the tool call and a quote from what it returned.

    `verified` is set by code after the quote was looked up in the stored result, never by the model.
    """

    model_config = ConfigDict(frozen=True)

    tool_call_id: str
    """The short id shown to the model with each result: `c1`, `c2`, …"""
    quote: str
    tool: str = ""
    """Which tool returned it, filled in by code."""
    link: str = ""
    """Where a person can look it up, filled in by code."""
    verified: bool = False


class Finding(BaseModel):
    """One claim and its evidence."""

    model_config = ConfigDict(frozen=True)

    claim: str
    evidence: tuple[Evidence, ...] = ()

    @property
    def verified(self) -> bool:
        """True when there is evidence and every quote was found where it was said to be."""
        return bool(self.evidence) and all(item.verified for item in self.evidence)


class Culprit(BaseModel):
    """What is to blame, as far as known. Empty strings and 0 mean: not known."""

    model_config = ConfigDict(frozen=True)

    object: str = ""
    """`kind/name`, for example `deployment/cartservice`."""
    file: str = ""
    """Path in the repository."""
    line: int = 0
    commit: str = ""
    """Full or abbreviated sha."""
    ref: str = ""
    """The version of `file` that was read, filled in by code; empty for the default branch."""


class Action(BaseModel):
    """A recommended fix, for a person to decide on."""

    model_config = ConfigDict(frozen=True)

    description: str
    patch: str = ""
    """A unified diff, or a command to run; empty when words are enough."""


class Diagnosis(BaseModel):
    """What was found, how sure we are, what backs it, and what was not checked."""

    model_config = ConfigDict(frozen=True)

    verdict: Verdict
    summary: str
    """One or two sentences: the verdict for somebody just woken up."""
    cause: str = ""
    confidence: float = Field(default=0.0, ge=0.0, le=1.0)
    findings: tuple[Finding, ...] = ()
    culprit: Culprit = Culprit()
    actions: tuple[Action, ...] = ()
    unknowns: tuple[str, ...] = ()


class Cost(BaseModel):
    """What the investigation used; dollars come from the price table, tokens from the API's own counts."""

    model_config = ConfigDict(frozen=True)

    usd: float = 0.0
    usd_uncached: float = 0.0
    """The same calls without any caching, by the same table."""
    tokens: dict[str, int] = Field(default_factory=dict)
    """`input`, `cache_write_5m`, `cache_write_1h`, `cache_read`, `output`."""
    cached_share: float = 0.0
    """Share of all prompt tokens that was read from the cache, 0 to 1."""
    model: str = ""
    """Model ids, with a suffix ` (stand-in)` when no real model answered."""

    @property
    def words(self) -> str:
        """Tokens instead of dollars, for a model without a price: `212k tokens`; empty when dollars say it."""
        total = sum(self.tokens.values())
        if self.usd or not total:
            return ""
        return f"{total / 1000:,.0f}k tokens" if total >= 1000 else f"{total} tokens"


class Report(BaseModel):
    """The terminal message's content: one per investigation, whatever happened."""

    model_config = ConfigDict(frozen=True)

    outcome: Outcome
    diagnosis: Diagnosis | None = None
    """None only when nothing at all could be concluded (failed, or stopped before the first reply)."""
    answer: str = ""
    """Plain answer to a follow-up question, when the model answered in words instead of a new diagnosis."""
    note: str = ""
    """Why it ended so, and what a person can do; empty for an ordinary diagnosis."""
    gaps: tuple[str, ...] = ()
    """What could not be seen: servers that were down, calls that were refused, results that were cut."""
    heard: tuple[str, ...] = ()
    """`ts` of the messages in the thread that the run took up; they need no answer of their own."""
    cost: Cost = Cost()
    tool_calls: int = 0
    seconds: float = 0.0
    chart: Chart | None = None
    """The alarm's metric around its onset, where one could be read."""
