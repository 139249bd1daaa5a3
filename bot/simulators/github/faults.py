"""What can go wrong with GitHub, at a test's or a demo's will."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Faults:
    """Faults of the server, each of which may be set while it runs.

    `down`: connections are cut without an answer. `latency`: seconds before each answer. `broken`: every request gets a
    502 with an HTML page. `exhausted`: the hourly quota is used up (403). `secondary`: seconds in the `Retry-After` of a
    secondary rate limit (403), 0 for none. `forbidden`: the token lacks a permission (403). `search_down`: code search
    answers 503. `search_exhausted`, `graphql_exhausted`: only that quota is used up. `unindexed`: code search knows no
    file of this repository. `no_graphql`: there is only the REST API (404). `lacking`: permissions that the token does
    not have.
    """

    down: bool = False
    latency: float = 0.0
    broken: bool = False
    exhausted: bool = False
    secondary: int = 0
    forbidden: bool = False
    search_down: bool = False
    search_exhausted: bool = False
    graphql_exhausted: bool = False
    unindexed: bool = False
    no_graphql: bool = False
    lacking: frozenset[str] = frozenset()

    def used_up(self) -> set[str]:
        """The quotas that are."""
        own = {"code_search": self.search_exhausted, "graphql": self.graphql_exhausted}
        return {name for name in ("core", *own) if self.exhausted or own.get(name)}
