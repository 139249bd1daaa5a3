"""What a worker and the terminal share: the model, the MCP pool, and an investigator built from them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, cast

from bot.agent.claude import Claude, Effort
from bot.agent.fitted import Fitted
from bot.agent.window import Ttl
from bot.clock import utc_now
from bot.conversations.store import ConversationStore
from bot.costs.pricing import PriceTable
from bot.costs.store import DailyLedger
from bot.errors import ConfigurationError
from bot.incidents.incident import Incident
from bot.incidents.store import IncidentStore
from bot.investigation.cascade import Cascade
from bot.investigation.investigator import Investigator
from bot.investigation.links import GitHost
from bot.investigation.reread import NAME as REREAD
from bot.investigation.submission import NAME as SUBMIT
from bot.settings import Settings
from bot.tools.definition_cache import DefinitionCache
from bot.tools.mcp_pool import McpPool
from bot.tools.servers import load as load_servers
from bot.tools.toolset import Toolset
from bot.tools.wrapped import wrapped


class Engine(NamedTuple):
    """Who finds out, and with what."""

    investigator: Investigator
    pool: McpPool


def clock_of(settings: Settings) -> Callable[[], datetime]:
    """The time an investigation is told: the real one, or one that runs on from the moment of a recording."""
    if settings.recorded_now is None:
        return utc_now
    offset = settings.recorded_now.astimezone(UTC) - utc_now()
    return lambda: utc_now() + offset


@asynccontextmanager
async def open_engine(
    settings: Settings,
    environ: Mapping[str, str],
    *,
    cache: DefinitionCache,
    conversations: ConversationStore,
    incidents: IncidentStore,
    ledger: DailyLedger,
) -> AsyncIterator[Engine]:
    """Open model and MCP pool for as long as the context lasts. Raises ConfigurationError."""
    specs = load_servers(settings.servers_path, settings.for_servers(environ))
    logs = settings.state_folder / "logs"
    _make(logs)
    claude = Claude(
        api_key=settings.require_model(),
        model=settings.models[0],
        base_url=settings.anthropic_base_url or None,
        backend=settings.backend,
        effort=cast("Effort", settings.effort),
        shared_ttl=cast("Ttl", settings.shared_ttl),
    )
    async with McpPool(specs, cache, logs=logs, reserved=(SUBMIT, REREAD)) as pool:

        def toolset(incident: Incident) -> Toolset:
            scope = {
                "tocsin/channel": incident.origin.channel,
                "tocsin/thread_ts": incident.origin.thread_ts,
            }
            cluster = settings.catalog.cluster_of(incident.alarm.service, incident.alarm.labels)
            scope |= {"tocsin/cluster": cluster} if cluster else {}
            return wrapped(pool, specs, scope)

        investigator = Investigator(
            model=Fitted(claude),
            model_name=settings.models[0],
            cascade=Cascade(settings.models, settings.cascade_confidence),
            toolset=toolset,
            gaps=pool.gaps,
            conversations=conversations,
            stop_requested=incidents.stop_requested,
            heard=incidents,
            ledger=ledger,
            prices=PriceTable(settings.prices),
            budget=settings.budget,
            clock=clock_of(settings),
            host=_host(settings),
        )
        try:
            yield Engine(investigator, pool)
        finally:
            await claude.close()


def _host(settings: Settings) -> GitHost:
    names = (name.strip() for name in settings.github_repository.split(","))
    return GitHost(settings.github_web_url, tuple(name for name in names if name))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"{folder} cannot be used for logs: {error.strerror}. Set TOCSIN_STATE."
        ) from error
