"""A Slack workspace on the wire: Web API, Socket Mode, Block Kit rules, rate limits, faults, and a page to look at."""

from bot.simulators.slack.calls import Call
from bot.simulators.slack.clock import Clock, ManualClock, SystemClock
from bot.simulators.slack.errors import CommandError
from bot.simulators.slack.gallery import GalleryItem, common_senders
from bot.simulators.slack.results import InteractionResult, SlashResult
from bot.simulators.slack.simulator import SlackSimulator

__all__ = [
    "Call",
    "Clock",
    "CommandError",
    "GalleryItem",
    "InteractionResult",
    "ManualClock",
    "SlackSimulator",
    "SlashResult",
    "SystemClock",
    "common_senders",
]
