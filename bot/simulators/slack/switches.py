"""Switches of this Slack: times, limits, and what nobody outside of Slack knows for sure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from bot.simulators.slack.errors import CommandError
from bot.simulators.slack.world import World


class Switches:
    """What can be changed while the workspace is open; truth values are 0 and 1 as well as false and true.

    `ack_on_any_connection`  an acknowledgement counts on whichever connection of the app it comes
    `ack_seconds`            until a person sees that the app did not answer, and an event is sent again (3)
    `file_seconds`           until a completed file can be named by `slack_file` in a block (0)
    `max_connections`        of one app at a time (10)
    `rate_limits`            whether calls are limited
    `redelivery_speedup`     divides the 3, 60 and 300 seconds of events that are delivered again (1)
    `socket_seconds`         life of a connection, from the next one on (18,060)
    `stream_seconds`         life of a streamed message, from the next one on (300)
    `trigger_seconds`        life of a trigger_id (3)
    """

    def __init__(self, world: World) -> None:
        self._places: dict[str, tuple[Any, str, Callable[[Any], Any]]] = {
            "ack_on_any_connection": (world.deliveries, "ack_on_any_connection", bool),
            "ack_seconds": (world.deliveries, "ack_seconds", float),
            "file_seconds": (world.files, "processing_seconds", float),
            "max_connections": (world.sockets, "max_connections", int),
            "rate_limits": (world.rate_limits, "strict", bool),
            "redelivery_speedup": (world.deliveries, "speedup", float),
            "socket_seconds": (world.sockets, "lifetime_seconds", float),
            "stream_seconds": (world.streams, "lifetime_seconds", float),
            "trigger_seconds": (world.triggers, "seconds", float),
        }

    def set(self, switches: Mapping[str, float]) -> dict[str, float]:
        """Set these, leave the others; all as they stand then. Raises CommandError, and sets nothing."""
        if unknown := sorted(set(switches) - set(self._places)):
            raise CommandError(
                f"no switch {', '.join(unknown)}; there are {', '.join(self._places)}"
            )
        if wrong := [name for name, value in switches.items() if not _is_number(value)]:
            raise CommandError(f"{', '.join(wrong)}: a number that is not negative is needed")
        for name, value in switches.items():
            owner, attribute, kind = self._places[name]
            setattr(owner, attribute, kind(value))
        return {
            name: getattr(owner, attribute) for name, (owner, attribute, _) in self._places.items()
        }


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value) and value >= 0
