"""What the requests cost: one entry per answered request, in tokens and dollars of the price table."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.simulators.messages_api.cache import Plan
from bot.simulators.messages_api.diagnostics import LedgerReason
from bot.simulators.messages_api.models import Model

_MILLION = 1_000_000
_SUMMED = ("read", "write_5m", "write_1h", "input", "output", "usd", "usd_uncached")


@dataclass(frozen=True, slots=True)
class Entry:
    """One billed request. Tokens are estimates (see `tokens`), so dollars are too; their ratios are what counts.

    An answer that breaks off in the middle is billed in full.
    """

    request_id: str
    message_id: str
    model: str
    workspace: str
    at: float
    """When the request began, seconds since the epoch."""
    read: int
    write_5m: int
    write_1h: int
    input: int
    """Input tokens that were neither read from nor written to the cache."""
    output: int
    usd: float
    usd_uncached: float
    """The same request without any caching."""
    miss_reason: LedgerReason | None
    stop_reason: str

    @property
    def prompt(self) -> int:
        """All input tokens."""
        return self.read + self.write_5m + self.write_1h + self.input


def dollars(plan: Plan, output: int, model: Model) -> tuple[float, float]:
    """USD of a request as billed, and as it would be without caching."""
    price = model.price_for(plan.prompt)
    answered = output * price.output
    billed = (
        plan.read * price.read
        + plan.write_5m * price.write_5m
        + plan.write_1h * price.write_1h
        + plan.input * price.input
        + answered
    )
    return billed / _MILLION, (plan.prompt * price.input + answered) / _MILLION


@dataclass(slots=True)
class Totals:
    """Sums over entries."""

    requests: int = 0
    read: int = 0
    write_5m: int = 0
    write_1h: int = 0
    input: int = 0
    output: int = 0
    usd: float = 0.0
    usd_uncached: float = 0.0

    def add(self, entry: Entry) -> None:
        """Count one entry in."""
        self.requests += 1
        for name in _SUMMED:
            setattr(self, name, getattr(self, name) + getattr(entry, name))

    @property
    def read_share(self) -> float:
        """Share of all input tokens that came from the cache, 0 to 1."""
        prompt = self.read + self.write_5m + self.write_1h + self.input
        return self.read / prompt if prompt else 0.0


def totals(entries: list[Entry]) -> Totals:
    """The sum of all entries."""
    summed = Totals()
    for entry in entries:
        summed.add(entry)
    return summed


def as_json(entries: list[Entry]) -> dict[str, Any]:
    """The ledger for `GET /_sim/usage`."""
    summed = totals(entries)
    return {
        "entries": [asdict(entry) for entry in entries],
        "totals": {**asdict(summed), "read_share": summed.read_share},
    }
