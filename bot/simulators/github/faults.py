"""What can go wrong with GitHub, at a test's or a demo's will."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Faults:
    """Faults of the server, each of which may be set while it runs.

    `down`: connections are cut without an answer. `latency`: seconds before each answer. `broken`: every request gets a
    502 with an HTML page. `exhausted`: the hourly quota is used up (403). `secondary`: seconds in the `Retry-After` of a
    secondary rate limit (403), 0 for none. `forbidden`: the token lacks a permission (403). `search_down`: code search
    answers 503. `search_exhausted`: only code search's own quota is used up. `unindexed`: code search knows no file of
    this repository.
    """

    down: bool = False
    latency: float = 0.0
    broken: bool = False
    exhausted: bool = False
    secondary: int = 0
    forbidden: bool = False
    search_down: bool = False
    search_exhausted: bool = False
    unindexed: bool = False
