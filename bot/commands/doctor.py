"""`tocsin doctor`: is everything configured, reachable and allowed? One line per part, with what to do."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable

from rich.console import Console
from rich.markup import escape

from bot import settings as configuration
from bot.agent.claude import Claude
from bot.embedded_redis import server_binary
from bot.errors import TemporaryError, TocsinError
from bot.redis_client import check as check_redis
from bot.settings import Settings
from bot.slack.startup import check as check_slack
from bot.telemetry import configure_logging
from bot.tools.definition_cache import MemoryDefinitionCache
from bot.tools.mcp_pool import McpPool
from bot.tools.servers import load as load_servers


def run(arguments: argparse.Namespace) -> int:
    """Exit 0 only if everything works."""
    settings = configuration.load()
    configure_logging("error")
    return asyncio.run(_doctor(settings, Console(highlight=False, soft_wrap=True)))


async def _doctor(settings: Settings, console: Console) -> int:
    checks: dict[str, Callable[[Settings], Awaitable[str]]] = {
        "Slack": _slack,
        "Redis": _redis,
        "Model": _model,
        "MCP servers": _servers,
    }
    failed = 0
    for name, check in checks.items():
        try:
            console.print(f"[green]ok[/green]    {name}: {escape(await check(settings))}")
        except TocsinError as error:
            failed += 1
            console.print(f"[red]wrong[/red] {name}: {escape(str(error))}")
    return 1 if failed else 0


async def _slack(settings: Settings) -> str:
    bot, app = settings.slack_bot_token, settings.slack_app_token
    identity = await check_slack(
        bot.get_secret_value(), app.get_secret_value(), settings.slack_api_url
    )
    return f"connected as {identity.user}, alarms from {', '.join(settings.incident_channels)}"


async def _redis(settings: Settings) -> str:
    if settings.redis_url:
        await check_redis(settings.redis_url)
        return "REDIS_URL answers"
    return f"one of our own will be started ({server_binary()})"


async def _model(settings: Settings) -> str:
    claude = Claude(
        api_key=settings.require_model(),
        model=settings.models[0],
        base_url=settings.anthropic_base_url or None,
        backend=settings.backend,
    )
    try:
        await claude.check(*settings.models)
    finally:
        await claude.close()
    return ", ".join(settings.models)


async def _servers(settings: Settings) -> str:
    specs = load_servers(settings.servers_path, settings.for_servers(configuration.environ()))
    async with McpPool(specs, MemoryDefinitionCache()) as pool:
        tools = await pool.definitions()
        if gaps := pool.gaps():
            raise TemporaryError("; ".join(gaps))
    return f"{len(specs)} from {settings.servers_path}, {len(tools)} tools"
