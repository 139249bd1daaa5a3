"""What an investigation costs besides model and tools: time, CPU and memory of the bot's own code.

The real investigator, stores, wrappers and Redis; a model and tools that answer at once. Slack, the HTTP client of the
model and MCP are left out: they belong to what an investigation waits for.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import tempfile
import time
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from redis.asyncio import Redis

from bot.agent.budget import Budget
from bot.bench.instant import SERVERS, InstantModel, InstantTools, Nobody
from bot.bench.profiling import InlineExecutor, Share, profiled
from bot.bench.script import Script, script
from bot.clock import utc_now
from bot.conversations.store import ConversationStore
from bot.costs.caps import Caps
from bot.costs.pricing import PriceTable
from bot.costs.store import DailyLedger
from bot.embedded_redis import EmbeddedRedis
from bot.errors import PermanentError
from bot.incidents.incident import Origin
from bot.incidents.store import IncidentStore
from bot.investigation.investigator import Investigator
from bot.redis_client import connect
from bot.tools.allowed import Allowed
from bot.tools.guarded import Guarded

TURNS = 16
LOG_LINES = 100
LEVELS = (1, 10, 50)
GOAL_MS = 15.0
GOAL_MB = 3.0
_LEAST_RUNS = 5
"""So many investigations are timed at least at each level."""
SHOWN = 12
"""Functions of the profile that are told."""
_PATIENCE = 300.0
"""Seconds; it takes about thirty."""
_MILLION = 1_000_000


class Row(NamedTuple):
    """One level of concurrency."""

    concurrent: int
    ms_per_turn_median: float
    """Wall time from a reply to the next request."""
    cpu_ms_per_turn: float
    """Of the bot's process, start and end of the investigations included."""
    redis_cpu_ms_per_turn: float
    mb_per_investigation: float
    """Python memory at its highest, when every investigation has come to its last turn."""


class Bench:
    """Investigations over one Redis. `turns` as in `bot.bench.script`."""

    def __init__(self, redis: Redis, turns: int = TURNS, log_lines: int = LOG_LINES) -> None:
        self._redis = redis
        self._script: Script = script(turns, log_lines).with_first_look(saving=False)
        self._turns = turns
        self._incidents = IncidentStore(redis, utc_now)
        self._conversations = ConversationStore(redis)
        self._ledger = DailyLedger(redis, utc_now, Caps(day_usd=0))
        self._count = 0

    async def row(self, concurrent: int) -> Row:
        """Measure one level. Raises PermanentError when an investigation does not end in its diagnosis."""
        rounds = max(1, _LEAST_RUNS // concurrent)
        seconds: list[float] = []
        cpu, redis_cpu = time.process_time(), await self._redis_cpu()
        for _ in range(rounds):
            for model in await self.play(concurrent):
                seconds += model.turn_seconds
        cpu, redis_cpu = time.process_time() - cpu, await self._redis_cpu() - redis_cpu
        turns = rounds * concurrent * self._turns
        return Row(
            concurrent,
            round(1000 * median(seconds), 2),
            round(1000 * cpu / turns, 2),
            round(1000 * redis_cpu / turns, 2),
            round(await self._megabytes(concurrent), 2),
        )

    async def play(self, concurrent: int) -> list[InstantModel]:
        """So many investigations at the same time; their models, with the times taken."""
        gate = asyncio.Event()
        gate.set()
        models = [InstantModel(self._script, gate) for _ in range(concurrent)]
        await asyncio.gather(*(self._investigate(model) for model in models))
        return models

    async def profile(self) -> list[Share]:
        """What one investigation's CPU time goes into, per turn; a profiled run is about twice as slow."""
        asyncio.get_running_loop().set_default_executor(InlineExecutor())
        return await profiled(lambda: self.play(1), self._turns)

    async def _megabytes(self, concurrent: int) -> float:
        gate = asyncio.Event()
        models = [InstantModel(self._script, gate) for _ in range(concurrent)]
        gc.collect()
        tracemalloc.start()
        try:
            async with asyncio.TaskGroup() as group:
                for model in models:
                    group.create_task(self._investigate(model))
                await asyncio.gather(*(model.waiting.wait() for model in models))
                _, highest = tracemalloc.get_traced_memory()
                gate.set()
        finally:
            tracemalloc.stop()
        return highest / _MILLION / concurrent

    async def _investigate(self, model: InstantModel) -> None:
        self._count += 1
        origin = Origin(team="T1", channel="C1", thread_ts=f"{self._count}.1")
        incident = await self._incidents.open_by_person(self._script.incident.alarm, origin)
        lease = await self._incidents.begin(incident.id, 1)
        if lease is None:
            raise PermanentError(f"{incident.id} could not be begun")
        report = await self._investigator(model).investigate(
            incident, run=1, epoch=lease.epoch, reporter=Nobody()
        )
        if report.outcome != "diagnosed":
            raise PermanentError(f"{incident.id} ended {report.outcome}: {report.note}")

    def _investigator(self, model: InstantModel) -> Investigator:
        return Investigator(
            model=model,
            model_name="claude-sonnet-5-5",
            toolset=lambda _: Guarded(Allowed(InstantTools(self._script), SERVERS)),
            gaps=list,
            conversations=self._conversations,
            stop_requested=_nobody,
            heard=self._incidents,
            ledger=self._ledger,
            prices=PriceTable(),
            budget=Budget(turns=60, tool_calls=200, seconds=600),
            clock=utc_now,
        )

    async def _redis_cpu(self) -> float:
        told: dict[str, Any] = await self._redis.info("cpu")
        return float(told["used_cpu_user"]) + float(told["used_cpu_sys"])


async def _nobody(incident_id: str, slot: str) -> str | None:
    """Who pressed Stop. Asked every half second, so real answers would not show in a turn's time."""
    return None


@contextlib.asynccontextmanager
async def open_bench(turns: int = TURNS, log_lines: int = LOG_LINES) -> AsyncIterator[Bench]:
    """A bench over a Redis of its own in a temporary folder, warmed up by one investigation."""
    async with contextlib.AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tocsin-"))
        server = await stack.enter_async_context(EmbeddedRedis(Path(folder)))
        redis = connect(server.url)
        stack.push_async_callback(redis.aclose)
        bench = Bench(redis, turns, log_lines)
        await bench.play(1)
        yield bench


class Overhead(NamedTuple):
    """Everything that was measured."""

    rows: list[Row]
    shares: list[Share]
    """By CPU time, the dearest first."""


async def measure(levels: Sequence[int] = LEVELS) -> Overhead:
    """All levels, one after the other, then the profile. Raises PermanentError when it takes too long."""
    try:
        async with asyncio.timeout(_PATIENCE), open_bench() as bench:
            rows = [await bench.row(level) for level in levels]
            return Overhead(rows, await bench.profile())
    except TimeoutError:
        raise PermanentError(
            f"The measurement did not end within {_PATIENCE:.0f} s; is the machine busy?"
        ) from None


def run() -> Overhead:
    """`measure` for callers without an event loop."""
    return asyncio.run(measure())


def as_json(overhead: Overhead) -> dict[str, Any]:
    """The documented form of `tocsin bench overhead --json`. Milliseconds per turn, megabytes per investigation."""
    return {
        "turns": TURNS,
        "rows": [row._asdict() for row in overhead.rows],
        "profile": [
            {"function": share.function, "cpu_ms_per_turn": round(share.ms, 3)}
            for share in overhead.shares[:SHOWN]
        ],
    }
