"""What can go wrong with AWS, at a test's or a demo's will."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Faults:
    """Faults of the server, each of which may be set while it runs.

    `down`: connections are cut without an answer. `latency`: seconds before each answer.
    """

    down: bool = False
    latency: float = 0.0
