"""`tocsin tools`: every tool of every MCP server, whether the bot may use it, and what it costs the prompt."""

from __future__ import annotations

import argparse
import asyncio
import json
from typing import Any

from rich.console import Console
from rich.table import Table

from bot import settings as configuration
from bot.errors import ConfigurationError
from bot.redis_client import check, connect
from bot.settings import Settings
from bot.telemetry import configure_logging
from bot.tools.allowed import permits
from bot.tools.definition_cache import MemoryDefinitionCache, RedisDefinitionCache
from bot.tools.mcp_pool import McpPool
from bot.tools.servers import ServerSpec
from bot.tools.servers import load as load_servers
from bot.tools.toolset import Tool

_CHARS_PER_TOKEN = 3.5
"""Rough, for JSON; good enough to see which tools are dear."""


def run(arguments: argparse.Namespace) -> int:
    """Connect and list; exit 1 when a server is down."""
    settings = configuration.load()
    configure_logging("error")
    console = Console(highlight=False)
    if arguments.accept:
        for server, count in asyncio.run(_accept(settings, _redis_url(settings))).items():
            console.print(f"{server}: {count} tools accepted", markup=False)
        return 0
    rows, gaps = asyncio.run(_rows(settings))
    if arguments.json:
        for row in rows:
            console.out(json.dumps(row), highlight=False)
    else:
        console.print(_table(rows))
    for gap in gaps:
        Console(stderr=True, highlight=False).print(gap, markup=False)
    return 1 if gaps else 0


def _redis_url(settings: Settings) -> str:
    """The bot's Redis. Raises ConfigurationError when there is none to be found."""
    if settings.redis_url:
        return settings.redis_url
    own = settings.state_folder / "redis" / "socket"
    if own.is_file():
        return f"unix://{own.read_text()}"
    raise ConfigurationError(
        "--accept writes into the bot's Redis: set REDIS_URL, or start `tocsin run` in this folder."
    )


async def _accept(settings: Settings, url: str) -> dict[str, int]:
    await check(url)
    redis = connect(url)
    specs = load_servers(settings.servers_path, settings.for_servers(configuration.environ()))
    try:
        async with McpPool(specs, RedisDefinitionCache(redis)) as pool:
            return await pool.accept()
    finally:
        await redis.aclose()


async def _rows(settings: Settings) -> tuple[list[dict[str, Any]], list[str]]:
    specs = {
        spec.name: spec
        for spec in load_servers(
            settings.servers_path, settings.for_servers(configuration.environ())
        )
    }
    async with McpPool(list(specs.values()), MemoryDefinitionCache()) as pool:
        tools = sorted(await pool.definitions(), key=lambda tool: (tool.server, tool.name))
        return [_row(specs[tool.server], tool) for tool in tools], pool.gaps()


def _row(spec: ServerSpec, tool: Tool) -> dict[str, Any]:
    return {
        "server": tool.server,
        "tool": tool.name,
        "allowed": permits(spec.allow, tool),
        "why": why(spec, tool),
        "read_only": tool.read_only,
        "tokens": round(len(json.dumps(tool.definition())) / _CHARS_PER_TOKEN),
    }


def why(spec: ServerSpec, tool: Tool) -> str:
    """Why the tool may or may not be used, in one short sentence."""
    if permits(spec.allow, tool):
        return (
            "allowed by name" if tool.remote_name in spec.allow else "allowed by pattern, read-only"
        )
    if not tool.read_only:
        return "not read-only: only its exact name in `allow` would admit it"
    return "no pattern in `allow` matches"


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(box=None, header_style="bold")
    for column in ("server", "tool", "allowed", "read-only", "tokens", "why"):
        table.add_column(column, justify="right" if column == "tokens" else "left", overflow="fold")
    for row in rows:
        table.add_row(
            row["server"],
            row["tool"],
            "yes" if row["allowed"] else "no",
            "yes" if row["read_only"] else "no",
            str(row["tokens"]),
            row["why"],
        )
    return table
