"""The prompt cache: which part of a request was seen before, what is written, and until when it is kept.

Rules (public prompt-caching page): entries are written only at breakpoints; a lookup starts at each breakpoint, the last
one first, and walks back at most 20 positions, counting the breakpoint; a run of tool calls counts as one position, and
so does a run of tool results; a prefix shorter than the model's minimum is not cached; lifetimes are measured from the
start of the request and renewed by every hit; an entry can be read only after its writer's response has begun.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from bot.simulators.messages_api.blocks import Block, digest_of
from bot.simulators.messages_api.models import Model
from bot.simulators.messages_api.workspaces import Workspace

LIFETIME = {"5m": 300.0, "1h": 3600.0}
"""Seconds."""

Refresh = Literal["hit", "marked", "all"]
"""What a hit renews: the entry alone, also earlier ones that carry a marker in this request, or all earlier ones.
The documentation leaves it open."""

_RUNS = ("tool_use", "tool_result")


@dataclass(frozen=True, slots=True)
class Position:
    """A place where an entry may end: the hash of the prefix up to it, and that prefix's tokens."""

    hash: bytes
    tokens: int
    kind: str
    ttl: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a request reads and writes, in tokens. Nothing is kept until `PromptCache.commit`."""

    read: int
    write_1h: int
    write_5m: int
    input: int
    started: float
    writes: tuple[Position, ...] = ()
    refreshed: tuple[bytes, ...] = ()
    reach: int = 0
    """Tokens up to the last breakpoint that took effect."""
    marked: int = 0
    """Breakpoints in the request, whether they took effect or not."""

    @property
    def prompt(self) -> int:
        """All input tokens."""
        return self.read + self.write_1h + self.write_5m + self.input


@dataclass(slots=True)
class _Kept:
    expires: float
    lifetime: float


@dataclass(slots=True)
class PromptCache:
    """All entries of all workspaces: hashes start from organisation, workspace and model, so that they never meet."""

    lookback: int = 20
    collapse_runs: bool = True
    refresh: Refresh = "marked"
    _entries: dict[bytes, _Kept] = field(default_factory=dict)

    def plan(self, blocks: tuple[Block, ...], owner: Workspace, model: Model, now: float) -> Plan:
        """Look up and bill a request that starts at `now`, changing nothing."""
        seed = digest_of(owner.organization, owner.workspace, model.id)
        positions = _positions(blocks, seed, self.collapse_runs)
        marked = [index for index, position in enumerate(positions) if position.ttl]
        breakpoints = [i for i in marked if positions[i].tokens >= model.cache_minimum]
        total = sum(block.tokens for block in blocks)
        hit = self._highest_hit(positions, breakpoints, now)
        return self._bill(positions, breakpoints, hit, total, now, len(marked))

    def commit(self, plan: Plan) -> None:
        """The response begins: what was planned is written and renewed."""
        for written in plan.writes:
            lifetime = LIFETIME[written.ttl or "5m"]
            kept = self._entries.get(written.hash)
            if kept is None or kept.expires < plan.started + lifetime:
                self._entries[written.hash] = _Kept(plan.started + lifetime, lifetime)
        for prefix in plan.refreshed:
            kept = self._entries.get(prefix)
            if kept is None:  # forgotten since the request was planned
                continue
            kept.expires = max(kept.expires, plan.started + kept.lifetime)

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def _live(self, position: Position, now: float) -> bool:
        kept = self._entries.get(position.hash)
        return kept is not None and now < kept.expires

    def _highest_hit(
        self, positions: list[Position], breakpoints: list[int], now: float
    ) -> int | None:
        for start in reversed(breakpoints):
            for index in range(start, max(-1, start - self.lookback), -1):
                if self._live(positions[index], now):
                    return index
        return None

    def _bill(
        self,
        positions: list[Position],
        breakpoints: list[int],
        hit: int | None,
        total: int,
        now: float,
        marked: int,
    ) -> Plan:
        """A = tokens at the highest hit, B = highest one-hour breakpoint after A, C = last breakpoint."""
        after = [i for i in breakpoints if hit is None or i > hit]
        hours = [i for i in after if positions[i].ttl == "1h"]
        a = positions[hit].tokens if hit is not None else 0
        b = positions[hours[-1]].tokens if hours else a
        c = positions[after[-1]].tokens if after else a
        return Plan(
            read=a,
            write_1h=b - a,
            write_5m=c - b,
            input=total - c,
            started=now,
            writes=tuple(positions[i] for i in after),
            refreshed=tuple(self._refreshed(positions, hit, now)),
            reach=c,
            marked=marked,
        )

    def _refreshed(self, positions: list[Position], hit: int | None, now: float) -> Iterator[bytes]:
        if hit is None:
            return
        yield positions[hit].hash
        for position in positions[:hit]:
            wanted = self.refresh == "all" or (self.refresh == "marked" and position.ttl)
            if wanted and self._live(position, now):
                yield position.hash


def _positions(blocks: tuple[Block, ...], seed: bytes, collapse_runs: bool) -> list[Position]:
    chain = seed
    total = 0
    found: list[Position] = []
    previous = ""
    for block in blocks:
        chain = hashlib.sha256(chain + block.digest).digest()
        total += block.tokens
        if block.section == "settings":
            continue
        kind = f"{block.section}/{block.kind}"
        ttl = block.ttl
        if collapse_runs and kind == previous and block.kind in _RUNS:
            before = found.pop()
            ttl = ttl or before.ttl
        found.append(Position(chain, total, kind, ttl))
        previous = kind
    return found
