"""Composition root of the front, and the one command `tocsin run`: Slack in, queue out.

Three kinds of process: this one (Slack, health; light, so that an ack never waits), a worker child that is started
again when it dies, and, without REDIS_URL, a Redis child. Imports neither anthropic nor fastmcp: they cost seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from functools import partial

import structlog
from docket import Docket

from bot import settings as configuration
from bot.child import Child
from bot.clock import utc_now
from bot.conversations.store import ConversationStore
from bot.costs.store import DailyLedger
from bot.embedded_redis import EmbeddedRedis
from bot.errors import TemporaryError
from bot.health import HealthServer
from bot.incidents.correlation import Rules
from bot.incidents.intake import Intake
from bot.incidents.store import IncidentStore
from bot.queue import DOCKET_NAME, Queue
from bot.redis_client import check, connect
from bot.settings import Settings
from bot.signals import stop_on_signals
from bot.slack.app import SlackFront, SlackOptions
from bot.slack.assembly import Behind
from bot.slack.directory import Exceptions
from bot.slack.issues import Issues
from bot.slack.repository import Repository
from bot.telemetry import configure_logging
from bot.tools.allowed import permits
from bot.tools.definition_cache import RedisDefinitionCache
from bot.tools.servers import load as load_servers

log = structlog.get_logger(__name__)


def run(arguments: argparse.Namespace) -> int:
    """`tocsin run`: until SIGTERM or Ctrl-C."""
    settings = configuration.load()
    configure_logging(settings.log_level)
    asyncio.run(serve(settings))
    return 0


async def serve(settings: Settings) -> None:
    """Run front, worker and, where needed, Redis until a signal says stop. Raises ConfigurationError."""
    settings.require_model()
    load_servers(settings.servers_path, settings.for_servers(configuration.environ()))
    stop = stop_on_signals()
    async with contextlib.AsyncExitStack() as stack:
        redis_url, server = await _redis(settings, stack)
        slack = await stack.enter_async_context(open_front(settings, redis_url))
        environment = _for_worker(configuration.environ(), settings, redis_url)
        worker = await stack.enter_async_context(Child(["worker", "--owned"], environment))
        redis = connect(redis_url)
        stack.push_async_callback(redis.aclose)

        async def slack_connected() -> None:
            if not await slack.connected():
                raise TemporaryError("no Socket Mode connection is open")

        async def redis_answers() -> None:
            await redis.ping()

        checks = {"slack": slack_connected, "redis": redis_answers, "worker": worker.check}
        health = await stack.enter_async_context(
            HealthServer(checks, settings.health_host, settings.health_port)
        )
        log.info(
            "front ready",
            health=health.url,
            channels=list(settings.incident_channels),
            redis="its own" if server else "REDIS_URL",
        )
        await _until(stop, slack, worker, server)
    log.info("front stopped")


@contextlib.asynccontextmanager
async def open_front(settings: Settings, redis_url: str) -> AsyncIterator[SlackFront]:
    """The Slack side, connected; `run()` keeps it alive. Raises ConfigurationError."""
    async with contextlib.AsyncExitStack() as stack:
        redis = connect(redis_url)
        stack.push_async_callback(redis.aclose)
        store = IncidentStore(redis, utc_now, rules=_rules(settings), lease=settings.lease)
        docket = await stack.enter_async_context(Docket(name=DOCKET_NAME, url=redis_url))
        front = SlackFront(
            SlackOptions(
                bot_token=settings.slack_bot_token.get_secret_value(),
                app_token=settings.slack_app_token.get_secret_value(),
                channels=settings.incident_channels,
                exceptions=Exceptions(
                    frozenset(settings.shared_channels), frozenset(settings.guests)
                ),
                api_url=settings.slack_api_url,
            ),
            Behind(
                redis=redis,
                intake=Intake(store, utc_now),
                store=store,
                queue=Queue(docket),
                conversations=ConversationStore(redis),
                ledger=DailyLedger(redis, utc_now, settings.caps),
                catalog=settings.catalog,
                tools=partial(_tools, settings, RedisDefinitionCache(redis)),
                repository=Repository(url=settings.repository_url),
                issues=_issues(settings),
                admins=settings.admins,
            ),
        )
        yield await stack.enter_async_context(front)


def _rules(settings: Settings) -> Rules:
    return Rules(
        pause=timedelta(seconds=settings.reinvestigation_seconds),
        window=timedelta(seconds=settings.storm_seconds),
        depends_on=settings.catalog.graph(),
    )


def _issues(settings: Settings) -> Issues | None:
    """Where a person's click opens an issue; None without a token of its own for that, or a repository."""
    token = settings.github_issues_token.get_secret_value()
    repository = settings.github_repository.split(",")[0].strip()
    return Issues(token, repository, settings.github_api_url) if token and repository else None


async def _tools(settings: Settings, cache: RedisDefinitionCache) -> list[str]:
    """Names of the tools that investigations may use, as far as a worker has asked the servers."""
    names: list[str] = []
    for spec in load_servers(settings.servers_path, settings.for_servers(configuration.environ())):
        known = await cache.load(spec)
        names += [tool.name for tool in (known.tools if known else ()) if permits(spec.allow, tool)]
    return sorted(names)


async def _until(
    stop: asyncio.Event, slack: SlackFront, worker: Child, server: EmbeddedRedis | None
) -> None:
    """Serve until told to stop; a child that cannot be kept running ends the front too."""
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(slack.run(), name="slack"),
            group.create_task(worker.keep_running(), name="worker"),
        ]
        if server is not None:
            tasks.append(group.create_task(server.wait_closed(), name="redis"))
        await stop.wait()
        for task in tasks:
            task.cancel()


async def _redis(
    settings: Settings, stack: contextlib.AsyncExitStack
) -> tuple[str, EmbeddedRedis | None]:
    """The address of Redis, and the server when it is one of our own. A configured one is checked."""
    if settings.redis_url:
        await check(settings.redis_url)
        return settings.redis_url, None
    server = await stack.enter_async_context(EmbeddedRedis(settings.state_folder / "redis"))
    return server.url, server


def _for_worker(environ: Mapping[str, str], settings: Settings, redis_url: str) -> dict[str, str]:
    return {
        **environ,
        "REDIS_URL": redis_url,
        "TOCSIN_STATE": str(settings.state_folder.absolute()),
        "TOCSIN_GITHUB_ISSUES_TOKEN": "",  # the front's alone; empty, so that .env does not give it either
    }
