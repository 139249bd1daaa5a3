"""Composition root of a worker: ids from the queue in, diagnoses into threads out.

`tocsin run` starts one as a child; `tocsin worker` adds more, on this machine or others, on one Redis.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import platform
from collections.abc import Mapping
from datetime import timedelta

import structlog
from docket import Docket
from redis.asyncio import Redis

from bot import settings as configuration
from bot.charts.artist import Artist
from bot.clock import utc_now
from bot.conversations.store import ConversationStore
from bot.costs.store import DailyLedger
from bot.engine import open_engine
from bot.errors import ConfigurationError, TemporaryError
from bot.health import HealthServer
from bot.incidents.store import IncidentStore
from bot.jobs import Jobs
from bot.queue import DOCKET_NAME, Queue
from bot.queue import serve as work_off
from bot.redis_client import check, connect
from bot.settings import Settings
from bot.signals import stop_on_signals, stop_without_owner
from bot.slack.api import open_api
from bot.slack.card import Limits
from bot.slack.directory import Exceptions
from bot.slack.repository import Repository
from bot.slack.thread import SlackThreads
from bot.telemetry import configure_logging
from bot.tools.definition_cache import RedisDefinitionCache
from bot.tools.mcp_pool import McpPool
from bot.tools.server_board import ServerBoard

log = structlog.get_logger(__name__)


def run(arguments: argparse.Namespace) -> int:
    """`tocsin worker`: work until SIGTERM."""
    settings = configuration.load()
    configure_logging(settings.log_level)
    asyncio.run(_until_told(settings, owned=arguments.owned))
    return 0


async def _until_told(settings: Settings, *, owned: bool) -> None:
    """A worker of `tocsin run` ends with it, even when that was killed: another front brings workers of its own."""
    stop = stop_on_signals()
    if owned:
        stop_without_owner(stop)
    await serve(settings, configuration.environ(), stop)


async def serve(
    settings: Settings, environ: Mapping[str, str], stop: asyncio.Event | None = None
) -> None:
    """Do jobs until `stop` is set, without one until SIGTERM or SIGINT. Raises ConfigurationError."""
    token = settings.slack_bot_token.get_secret_value()
    await check(settings.redis_url)
    async with contextlib.AsyncExitStack() as stack:
        redis = connect(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        incidents = IncidentStore(redis, utc_now, lease=settings.lease)
        conversations = ConversationStore(redis)
        api = await stack.enter_async_context(open_api(token, settings.slack_api_url))
        threads = SlackThreads(
            api,
            redis,
            repository=Repository(url=settings.repository_url),
            limits=Limits(seconds=settings.budget.seconds, usd=settings.budget.usd),
            artist=_artist(settings, environ),
            exceptions=Exceptions(frozenset(settings.shared_channels)),
        )
        engine = await stack.enter_async_context(
            open_engine(
                settings,
                environ,
                cache=RedisDefinitionCache(redis),
                conversations=conversations,
                incidents=incidents,
                ledger=DailyLedger(redis, utc_now, settings.caps),
            )
        )
        health = await _health(settings, redis, stack)
        docket = await stack.enter_async_context(Docket(name=DOCKET_NAME, url=settings.redis_url))
        Jobs(
            docket,
            incidents,
            engine.investigator,
            threads.reporter,
            Queue(docket),
            conversations.length,
        )
        log.info(
            "worker ready",
            concurrency=settings.concurrency,
            models=list(settings.models),
            health=health.url,
        )
        async with asyncio.TaskGroup() as group:
            board = ServerBoard(redis)
            warming = group.create_task(_warm(engine.pool, board), name="warm the MCP pool")
            posting = group.create_task(
                board.keep_posted(_name(), engine.pool.states), name="server board"
            )
            await work_off(
                docket,
                stop=stop,
                concurrency=settings.concurrency,
                redelivery_timeout=timedelta(seconds=settings.redelivery_seconds),
            )
            warming.cancel()
            posting.cancel()
    log.info("worker stopped")


async def _warm(pool: McpPool, board: ServerBoard) -> None:
    """Learn the tools before the first alarm needs them, and tell at once how their servers are."""
    await pool.warm()
    with contextlib.suppress(TemporaryError):
        await board.post(_name(), pool.states())


def _artist(settings: Settings, environ: Mapping[str, str]) -> Artist | None:
    return Artist(environ, settings.state_folder / "matplotlib") if settings.charts else None


def _name() -> str:
    """What tells this worker from others."""
    return f"{platform.node()}:{os.getpid()}"


async def _health(
    settings: Settings, redis: Redis, stack: contextlib.AsyncExitStack
) -> HealthServer:
    """Liveness, readiness and metrics of this worker, on the wanted port or a free one."""

    async def redis_answers() -> None:
        await redis.ping()

    checks = {"redis": redis_answers}
    host = settings.health_host
    try:
        return await stack.enter_async_context(
            HealthServer(checks, host, settings.worker_health_port)
        )
    except ConfigurationError as error:
        log.warning("another port serves this worker's metrics", reason=str(error))
        return await stack.enter_async_context(HealthServer(checks, host, 0))
