"""The stand-in model: a rule-driven investigator that answers when no real model is configured."""

from __future__ import annotations

from bot.simulators.messages_api.stand_in.investigator import StandIn

__all__ = ["StandIn"]
