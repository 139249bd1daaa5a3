"""Logging with the incident id in context; every metric is named here.

Logs go to standard error: readable on a terminal, one JSON object per line elsewhere. `bound(incident=…)` puts an id
on every line logged inside it. Values are redacted on the way out.
"""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog
from prometheus_client import Counter, Gauge, Histogram
from structlog.contextvars import bound_contextvars as bound
from structlog.typing import EventDict, Processor, WrappedLogger

from bot.guardrails.redaction import redact

__all__ = ["bound", "configure_logging"]

Level = Literal["debug", "info", "warning", "error"]

INVESTIGATIONS = Counter("tocsin_investigations", "Investigations ended, by outcome.", ["outcome"])
INVESTIGATION_SECONDS = Histogram(
    "tocsin_investigation_seconds",
    "Wall time of an investigation.",
    buckets=(5, 10, 20, 40, 60, 90, 120, 180, 240, 300, 600),
)
RUNNING = Gauge("tocsin_investigations_running", "Investigations running in this worker.")
TOKENS = Counter("tocsin_tokens", "Tokens by model and kind.", ["model", "kind"])
DOLLARS = Counter("tocsin_dollars", "Model cost in US dollars, by model.", ["model"])
DOLLARS_UNCACHED = Counter(
    "tocsin_dollars_uncached",
    "What the same replies would have cost without caching, by the same table.",
    ["model"],
)
REPLIES = Counter("tocsin_replies", "Replies of models, by model.", ["model"])
INVESTIGATION_DOLLARS = Histogram(
    "tocsin_investigation_dollars",
    "Model cost of an investigation in US dollars.",
    buckets=(0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
CACHED_SHARE = Histogram(
    "tocsin_cached_share",
    "Share of an investigation's prompt tokens that was read from the cache.",
    buckets=(0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1.0),
)
TOOL_CALLS = Counter(
    "tocsin_tool_calls", "Tool calls, by tool and whether they failed.", ["tool", "error"]
)
TOOL_SECONDS = Histogram("tocsin_tool_seconds", "Duration of a tool call.", ["tool"])


def configure_logging(level: Level = "info") -> None:
    """Set up structlog and the standard library's logging alike. Call once, in a composition root."""
    number = logging.getLevelNamesMapping()[level.upper()]
    terminal = sys.stderr.isatty()
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: Processor = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            *([] if terminal else [structlog.processors.format_exc_info]),
            _redacted,
            last,
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=number, force=True)
    for chatty in (
        "httpx2",
        "httpcore2",
        "docket",
        "slack_bolt",
        "slack_sdk",
        "fastmcp",
        "mcp",
        "aiohttp.access",
    ):
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(number),
        cache_logger_on_first_use=True,
    )


def _redacted(logger: WrappedLogger, name: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redact(value)
    return event
