"""What can go wrong with an API server, at a test's or a demo's will."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(slots=True)
class Faults:
    """Faults of the server, each of which may be set while it runs.

    `down`: connections are cut without an answer. `latency`: seconds before each answer. `overloaded`: every request
    gets 503. `forbidden`: resources ("secrets", "networkpolicies", "pods/log") that get 403.
    """

    down: bool = False
    latency: float = 0.0
    overloaded: bool = False
    forbidden: Collection[str] = ()
