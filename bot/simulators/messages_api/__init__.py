"""A local Messages API: validation, prompt cache, streaming, faults and prices as documented, answers by a stand-in.

async with MessagesApiSimulator() as api:
    client = AsyncAnthropic(base_url=api.url, api_key=api.api_key)
"""

from __future__ import annotations

from bot.simulators.messages_api.brain import (
    Brain,
    Reply,
    ScriptedBrain,
    replay,
    text,
    thinking,
    tool_use,
)
from bot.simulators.messages_api.cache import PromptCache
from bot.simulators.messages_api.clock import Clock, ManualClock, SystemClock
from bot.simulators.messages_api.faults import Fault, FaultQueue
from bot.simulators.messages_api.ledger import Entry, totals
from bot.simulators.messages_api.rate_limits import RateLimits
from bot.simulators.messages_api.records import RecordedRequest
from bot.simulators.messages_api.server import MessagesApiSimulator
from bot.simulators.messages_api.stand_in import StandIn
from bot.simulators.messages_api.workspaces import Workspace

__all__ = [
    "Brain",
    "Clock",
    "Entry",
    "Fault",
    "FaultQueue",
    "ManualClock",
    "MessagesApiSimulator",
    "PromptCache",
    "RateLimits",
    "RecordedRequest",
    "Reply",
    "ScriptedBrain",
    "StandIn",
    "SystemClock",
    "Workspace",
    "replay",
    "text",
    "thinking",
    "tool_use",
    "totals",
]
