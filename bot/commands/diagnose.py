"""`tocsin diagnose`: the same investigation from a terminal, against the configured world, without Slack.

Its conversation lives in a Redis of its own for as long as the command runs, so that it never meets the bot's work.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import tempfile
from pathlib import Path

from rich.console import Console

from bot import settings as configuration
from bot.alarms.alarm import Alarm
from bot.clock import utc_now
from bot.conversations.store import ConversationStore
from bot.costs.store import DailyLedger
from bot.embedded_redis import EmbeddedRedis
from bot.engine import clock_of, open_engine
from bot.errors import PermanentError
from bot.incidents.incident import Origin
from bot.incidents.store import IncidentStore
from bot.investigation.diagnosis import Report
from bot.redis_client import connect
from bot.settings import Settings
from bot.telemetry import configure_logging
from bot.terminal import TerminalReporter
from bot.tools.definition_cache import RedisDefinitionCache

_TERMINAL = Origin(team="", channel="terminal", thread_ts="1")


def run(arguments: argparse.Namespace) -> int:
    """Print steps and the report; exit 0 when a diagnosis was reached, 1 when not."""
    settings = configuration.load()
    configure_logging("warning" if settings.log_level == "info" else settings.log_level)
    report = asyncio.run(
        _diagnose(settings, arguments.service, arguments.namespace, quiet=arguments.json)
    )
    if arguments.json:
        Console(soft_wrap=True, highlight=False, markup=False).out(report.model_dump_json(indent=2))
    return 0 if report.outcome == "diagnosed" else 1


async def _diagnose(settings: Settings, asked: str, namespace: str, *, quiet: bool) -> Report:
    clock = clock_of(settings)
    reporter = TerminalReporter(Console(stderr=quiet))
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-"))
        server = await stack.enter_async_context(EmbeddedRedis(Path(folder)))
        redis = connect(server.url)
        stack.push_async_callback(redis.aclose)
        incidents = IncidentStore(redis, clock)
        engine = await stack.enter_async_context(
            open_engine(
                settings,
                configuration.environ(),
                cache=RedisDefinitionCache(redis),
                conversations=ConversationStore(redis),
                incidents=incidents,
                ledger=DailyLedger(redis, utc_now, settings.caps),
            )
        )
        placed = settings.catalog.find(asked)
        alarm = Alarm(
            source="person",
            name=asked,
            service=asked if placed is None else placed.name,
            namespace=namespace or (placed.namespace if placed else "") or settings.namespace,
            started_at=clock(),
            text=f"What is wrong with {asked}?" if " " not in asked else asked,
        )
        incident = await incidents.open_by_person(alarm, _TERMINAL)
        lease = await incidents.begin(incident.id, 1)
        if lease is None:
            raise PermanentError("The investigation could not be started.")
        report = await engine.investigator.investigate(
            incident, run=1, epoch=lease.epoch, reporter=reporter
        )
        await reporter.finished(report)
        return report
