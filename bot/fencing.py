"""One writer: whoever works on an incident holds its epoch, and an older owner's writes are refused.

A job may run twice at the same time: a paused process wakes up, a long drain overlaps the next worker. Every new
owner raises the incident's epoch; every write names the epoch it was made under and is checked against the present
one inside the same Lua script. All keys of one incident carry its id as hash tag, so that such a script may touch
several of them on Redis Cluster.
"""

from __future__ import annotations

from datetime import timedelta

from bot.errors import TocsinError

EPOCH_TTL = timedelta(days=30)
"""Longer than anything that is fenced by it lives, so that an epoch never starts again below a stored one."""

FENCE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return false end
"""
"""Opens every fenced script: KEYS[1] is `epoch_key()`, ARGV[1] the writer's epoch. A refused script answers nil."""


class Superseded(TocsinError):
    """Another process has taken the work over. The one who gets this stops at once and says nothing."""

    def __init__(self, incident_id: str, epoch: int) -> None:
        super().__init__(
            f"epoch {epoch} of incident {incident_id} is over: another worker goes on with it"
        )
        self.incident_id = incident_id
        self.epoch = epoch


def incident_key(incident_id: str, name: str) -> str:
    """The one builder of an incident's Redis keys: `tocsin:{<incident>}:<name>`."""
    return f"tocsin:{{{incident_id}}}:{name}"


def epoch_key(incident_id: str) -> str:
    """The key that holds the present owner's epoch, a decimal integer."""
    return incident_key(incident_id, "epoch")
