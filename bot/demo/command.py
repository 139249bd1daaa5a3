"""`tocsin demo`: an alarm becomes a diagnosis before your eyes, without Slack, cluster or key."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from bot import settings as configuration
from bot.demo.play import (
    Played,
    connected,
    final_message,
    result,
    sender,
    trigger,
    unless_ended,
)
from bot.demo.process import BotProcess, start_bot
from bot.demo.screen import Screen
from bot.demo.world import CHANNEL, World, open_world
from bot.investigation.diagnosis import Outcome
from bot.scenario import Scenario, named
from bot.signals import stop_on_signals
from bot.simulators.slack import GalleryItem, common_senders

_POSTED: tuple[Outcome, ...] = ("diagnosed", "inconclusive")
"""Outcomes that count as a diagnosis."""


class Stage(NamedTuple):
    """World and bot, ready for an alarm."""

    world: World
    bot: BotProcess


def run(arguments: argparse.Namespace) -> int:
    """Play the scenario; exit 0 only if a diagnosis was posted."""
    scenario = named(arguments.scenario)
    console = Console(stderr=arguments.json)
    played = asyncio.run(
        _demo(scenario, console, once=arguments.once or arguments.json, port=arguments.port)
    )
    if arguments.json:
        Console(soft_wrap=True, highlight=False, markup=False).out(
            json.dumps(played.as_json(), indent=2)
        )
    return 0 if played.report.outcome in _POSTED else 1


@contextlib.asynccontextmanager
async def staged(scenario: Scenario, *, port: int = 0) -> AsyncIterator[Stage]:
    """A world with a bot in it that listens. Raises PermanentError when the bot does not come up."""
    with tempfile.TemporaryDirectory(prefix="tocsin-") as name:
        folder = Path(name)
        gallery = _gallery(scenario)
        async with (
            open_world(
                scenario, folder, configuration.environ(), port=port, gallery=gallery
            ) as world,
            start_bot(world.environment, folder) as bot,
        ):
            yield Stage(world, bot)


async def _demo(scenario: Scenario, console: Console, *, once: bool, port: int) -> Played:
    console.print(Text(f"Tocsin demo: {scenario.title}", style="bold"))
    async with staged(scenario, port=port) as (world, bot):
        model = (
            "the stand-in model (no ANTHROPIC_API_KEY is set)" if world.messages_api else "Claude"
        )
        console.print(
            f"A Slack of its own: {world.slack.page_url}", highlight=False, soft_wrap=True
        )
        console.print(f"Answers come from {model}. Starting the bot …", highlight=False)
        await connected(world, bot)
        root = await trigger(world)
        console.print(f"{CHANNEL}: the alarm is posted\n", highlight=False)
        screen = Screen(console)
        printing = asyncio.ensure_future(_print(world, screen, root))
        try:
            played = await result(world, bot, root)
        finally:
            printing.cancel()
            await asyncio.gather(printing, return_exceptions=True)
        screen.show(world.slack.thread(CHANNEL, root), world.slack.bot_id)
        _summary(played, console)
        if not once:
            await _stay(world, bot, console)
        return played


async def _print(world: World, screen: Screen, root: str) -> None:
    """Print the thread whenever it changes."""
    seen = ""
    while final_message(world, root) is None:

        def changed(before: str = seen) -> bool:
            return json.dumps(world.slack.thread(CHANNEL, root)) != before

        await world.slack.wait_for(changed, timeout=3600)
        thread = world.slack.thread(CHANNEL, root)
        seen = json.dumps(thread)
        screen.show(thread, world.slack.bot_id)


def _summary(played: Played, console: Console) -> None:
    cost = played.report.cost
    saved = 1 - cost.usd / cost.usd_uncached if cost.usd_uncached else 0.0
    console.print(
        f"\n{played.report.outcome}: {played.report.tool_calls} tool calls in {played.report.seconds:.0f} s; "
        f"${cost.usd:.4f} with caching, ${cost.usd_uncached:.4f} without ({saved:.0%} saved).",
        highlight=False,
    )


async def _stay(world: World, bot: BotProcess, console: Console) -> None:
    """Serve the page until Ctrl-C."""
    console.print(
        f"\nOpen {world.slack.page_url} to post alarms, run /diagnose, reply in the thread and press buttons.\n"
        "Ctrl-C ends the demo.",
        highlight=False,
        soft_wrap=True,
    )
    await unless_ended(bot, stop_on_signals().wait())


def _gallery(scenario: Scenario) -> list[GalleryItem]:
    post = scenario.alarm.post
    own = [GalleryItem(scenario.title, sender(post), post)] if post else []
    return [*own, *common_senders()]
