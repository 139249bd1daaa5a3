"""What a rule says: an object, a cause of the closed list, how sure, and the quotes that say so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum

from .causes import CAUSES


class Tier(IntEnum):
    """How near a fault is to the cause: errors that name others are the farthest, broken state is the nearest."""

    EMITTED = 1
    """Logs errors that come from elsewhere."""
    NAMED = 2
    """Named by others' errors, without a fault of its own that could be seen."""
    OWN_CODE = 3
    """Throws in its own code."""
    OWN_STATE = 4
    """The API's objects themselves show the fault."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule's finding.

    `object` is `kind/name`. `about` are the names of workloads and services that it concerns (for the link with the
    alerted service), `blames` the names of those that it points at as its own cause. `confidence` is 0..1.
    Raises ValueError for a cause outside the closed list.
    """

    object: str
    cause: str
    confidence: float
    why: str
    evidence: tuple[str, ...]
    tier: Tier = Tier.OWN_STATE
    about: frozenset[str] = frozenset()
    blames: frozenset[str] = frozenset()
    related: tuple[str, ...] = ()
    generic: bool = False
    """It says that something is wrong and not why; any more precise fault of the same object replaces it."""
    since: datetime | None = None
    victims: tuple[str, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.cause not in CAUSES:
            raise ValueError(f"{self.cause} is not in the list of causes")

    @property
    def name(self) -> str:
        """The object's name without its kind."""
        return self.object.partition("/")[2]

    @property
    def names(self) -> frozenset[str]:
        """All names that stand for it in other faults' `blames`."""
        return self.about | {self.name}

    def scaled(self, by: float) -> Fault:
        """The same with its confidence changed by `by`, kept within 0.05..0.99."""
        return replace(self, confidence=round(min(0.99, max(0.05, self.confidence + by)), 2))

    def with_victims(self, victims: tuple[str, ...]) -> Fault:
        """The same, saying who suffers from it."""
        return replace(self, victims=tuple(dict.fromkeys((*self.victims, *victims))))
