"""`tocsin tools`: every tool of every MCP server, whether the bot may use it, and what it costs the prompt.

What a running bot knows is shown as it knows it; servers that nobody has asked yet are started for it. `--check` asks
them all. Nothing here changes what the bot's workers know, except `--accept`.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot import settings as configuration
from bot.commands.preset_list import show as show_presets
from bot.commands.tool_rows import Row, rows, total
from bot.embedded_redis import running
from bot.errors import ConfigurationError
from bot.investigation.reread import NAME as REREAD
from bot.investigation.submission import NAME as SUBMIT
from bot.redis_client import check, connect
from bot.settings import Settings
from bot.telemetry import configure_logging
from bot.tools.definition_cache import (
    DefinitionCache,
    MemoryDefinitionCache,
    RedisDefinitionCache,
    Tentative,
    Unsaved,
)
from bot.tools.mcp_pool import McpPool
from bot.tools.pinning import Change
from bot.tools.servers import ServerSpec
from bot.tools.servers import load as load_servers

_LOG_LINES = 3


def run(arguments: argparse.Namespace) -> int:
    """Exit 0 when every server can be used as it is."""
    configure_logging("error")
    console = Console(highlight=False, soft_wrap=True)
    if arguments.presets:
        show_presets(console, as_json=arguments.json)
        return 0
    settings = configuration.load()
    if arguments.accept is not None:
        return asyncio.run(accept(settings, arguments.accept, console))
    return asyncio.run(show(settings, console, ask=arguments.connect, as_json=arguments.json))


async def show(settings: Settings, console: Console, *, ask: bool, as_json: bool) -> int:
    """Print what the servers offer; `ask` connects also to those that are known. 1 when something cannot be used."""
    specs = _specs(settings)
    problems = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)
    async with _cache(settings, problems) as cache, _pool(specs, Tentative(cache)) as (pool, logs):
        if ask:
            await pool.warm()
        await pool.definitions()
        found = rows(specs, pool.catalogue)
        if as_json:
            for row in found:
                console.out(row.model_dump_json(), highlight=False)
        else:
            _show_tools(console, pool, found, asked=ask)
            _show_changes(console, pool.catalogue.changes())
        for gap in pool.gaps():
            problems.print(gap)
        for state in pool.states():
            if state.down:
                problems.print(_last_words(logs, state.name), end="")
        return 1 if pool.gaps() else 0


async def accept(settings: Settings, servers: Iterable[str], console: Console) -> int:
    """Print what changed and accept it, of the servers named or of all. 1 when one of them cannot be reached."""
    specs = _specs(settings)
    wanted = set(servers) or {spec.name for spec in specs if spec.pin}
    if unknown := wanted - {spec.name for spec in specs if spec.pin}:
        raise ConfigurationError(
            f"{settings.servers_path} has no pinned server {', '.join(sorted(unknown))}."
        )
    url = settings.redis_url or running(settings.state_folder / "redis")
    if not url:
        raise ConfigurationError(
            "--accept writes into the bot's Redis: set REDIS_URL, or start `tocsin run` in this folder."
        )
    chosen = [spec for spec in specs if spec.name in wanted]
    async with _redis_cache(url) as cache, _pool(chosen, Unsaved(cache)) as (pool, logs):
        await pool.warm()
        _show_changes(console, pool.catalogue.changes())
        for server, count in (await pool.accept()).items():
            console.print(f"{server}: {count} tools accepted", markup=False)
        down = [state for state in pool.states() if state.down]
        for state in down:
            console.print(f"{state.down}; nothing of it is accepted", markup=False)
            console.print(_last_words(logs, state.name), end="", markup=False)
        return 1 if down else 0


def _specs(settings: Settings) -> tuple[ServerSpec, ...]:
    return load_servers(settings.servers_path, settings.for_servers(configuration.environ()))


@asynccontextmanager
async def _pool(
    specs: Iterable[ServerSpec], cache: DefinitionCache
) -> AsyncIterator[tuple[McpPool, Path]]:
    """A pool, and the folder of its servers' logs."""
    with tempfile.TemporaryDirectory(prefix="tocsin-") as folder:
        logs = Path(folder)
        async with McpPool(tuple(specs), cache, logs=logs, reserved=(SUBMIT, REREAD)) as pool:
            yield pool, logs


@asynccontextmanager
async def _cache(settings: Settings, problems: Console) -> AsyncIterator[DefinitionCache]:
    """What the bot's Redis knows, or nothing when it cannot be reached."""
    url = settings.redis_url or running(settings.state_folder / "redis")
    try:
        if url:
            await check(url)
    except ConfigurationError as error:
        problems.print(f"What was accepted is not known here: {error}")
        url = ""
    if not url:
        yield MemoryDefinitionCache()
        return
    async with _redis_cache(url) as cache:
        yield cache


@asynccontextmanager
async def _redis_cache(url: str) -> AsyncIterator[DefinitionCache]:
    await check(url)
    redis = connect(url)
    try:
        yield RedisDefinitionCache(redis)
    finally:
        await redis.aclose()


def _show_tools(console: Console, pool: McpPool, found: list[Row], *, asked: bool) -> None:
    if asked:
        for state in pool.states():
            said = "[red]down[/red]" if state.down else f"[green]ok[/green]    {state.tools} tools"
            console.print(f"{state.name}: {said}")
        console.print()
    console.print(_table(found))
    console.print()
    for line in total(found):
        console.print(line, markup=False)


def _table(found: list[Row]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("server")
    table.add_column("tool", no_wrap=True)
    table.add_column("allowed")
    table.add_column("read-only")
    table.add_column("tokens", justify="right")
    table.add_column("why", overflow="fold")
    for row in found:
        allowed = "yes" if row.allowed else "no"
        table.add_row(row.server, row.tool, allowed, row.marked, f"{row.tokens:,}", row.why)
    return table


def _show_changes(console: Console, changes: Iterable[Change]) -> None:
    for change in changes:
        console.print(f"\n{change.tool.server}: {change.summary}", markup=False)
        console.print(change.diff(), markup=False)


def _last_words(logs: Path, server: str) -> str:
    """What a server wrote to standard error about its end, indented: its errors, else its last lines."""
    path = logs / f"mcp-{server}.log"
    lines = path.read_text("utf-8", "replace").splitlines() if path.is_file() else []
    said = [line.strip() for line in lines if line.strip()]
    told = [line for line in said if "error" in line.lower()] or said
    shown = ("".join(char for char in line if char.isprintable()) for line in told[-_LOG_LINES:])
    return "".join(f"    {line[:300]}\n" for line in shown)
