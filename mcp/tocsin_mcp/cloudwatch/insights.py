"""Logs Insights: started, waited for, and stopped when the wait is over, for a running query goes on costing.

One query at a time: an account may run only so many at once, and people on call need them too.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastmcp.exceptions import ToolError

from tocsin_mcp.kit.errors import Unavailable
from tocsin_mcp.kit.output import clip, counted, listed, plain
from tocsin_mcp.kit.times import parse_span, rfc3339

from .client import Aws, Json

WAIT_SECONDS = 22.0
LONGEST_RANGE = timedelta(hours=6)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 1.5
_STOP_SECONDS = 3.0
_LONGEST_CELL = 1500
_ENDED = frozenset({"Complete", "Failed", "Cancelled", "Timeout"})
_WHY = ", since a query scans (and costs) all of it; set `until` to look further back."


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query over some log groups and a range of at most six hours."""

    groups: list[str]
    query: str
    since: str
    until: str | None
    rows: int


class Insights:
    """Runs one query at a time; who comes meanwhile waits. `wait_seconds` bounds the wait for a turn and a result."""

    def __init__(self, aws: Aws, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self._aws = aws
        self._wait = wait_seconds
        self._turn = asyncio.Lock()
        self._running: dict[asyncio.Task[Json], asyncio.Event] = {}

    async def query_logs(self, wanted: Wanted) -> str:
        """Rows as `field=value`, and what was scanned. Raises BadArgument, Unavailable."""
        start, end = parse_span(wanted.since, wanted.until, self._aws.now(), LONGEST_RANGE, _WHY)
        over = asyncio.Event()
        # A task of its own, because a caller that goes away must leave behind no query, not even one that AWS has
        # accepted but whose id is still on its way.
        running = asyncio.create_task(self._run(wanted, (start, end), over))
        self._running[running] = over
        running.add_done_callback(self._forget)
        try:
            async with asyncio.timeout(self._wait):
                result = await asyncio.shield(running)
        except TimeoutError as error:
            raise Unavailable(
                f"The query was not done within {self._wait:g} s and was stopped. Take a shorter range, fewer groups or "
                "a stricter filter; or tail_logs for the last lines."
            ) from error
        finally:
            over.set()
        return _text(wanted, start, end, result)

    async def close(self) -> None:
        """Stop what still runs."""
        for over in self._running.values():
            over.set()
        if self._running:
            await asyncio.wait(list(self._running), timeout=_STOP_SECONDS)

    def _forget(self, task: asyncio.Task[Json]) -> None:
        self._running.pop(task, None)
        if not task.cancelled():
            task.exception()  # read here, since nobody else does once the caller is gone

    async def _run(
        self, wanted: Wanted, span: tuple[datetime, datetime], over: asyncio.Event
    ) -> Json:
        async with self._turn:
            if over.is_set():
                raise Unavailable("The query was given up before its turn came.")
            answer = await self._aws.call(
                "StartQuery",
                logGroupNames=wanted.groups,
                startTime=int(span[0].timestamp()),
                endTime=int(span[1].timestamp()),
                queryString=wanted.query,
                limit=wanted.rows,
            )
            query = str(answer["queryId"])
            result: Json = {}
            try:
                result = await self._result(query, over)
            finally:
                if result.get("status") not in _ENDED:
                    await self._stop(query)
        if result.get("status") != "Complete":
            raise Unavailable(
                f"The query ended as {result.get('status')}. Check it, or take a shorter range; tail_logs needs no query."
            )
        return result

    async def _result(self, query: str, over: asyncio.Event) -> Json:
        """The last known state of the query: ended, or as it was when the caller's time was over."""
        pause = _FIRST_PAUSE
        while True:
            result = await self._aws.call("GetQueryResults", queryId=query)
            if result.get("status") in _ENDED or over.is_set():
                return result
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), pause)
            if over.is_set():
                return result
            pause = min(pause * 1.6, _LONGEST_PAUSE)

    async def _stop(self, query: str) -> None:
        """A stop that fails changes nothing: the query ends by itself within an hour."""
        with contextlib.suppress(ToolError, TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await self._aws.call("StopQuery", queryId=query)


def _text(wanted: Wanted, start: datetime, end: datetime, result: Json) -> str:
    rows = result.get("results", [])[: wanted.rows]
    statistics = result.get("statistics", {})
    scanned = (
        f"{statistics.get('recordsMatched', 0):.0f} of {statistics.get('recordsScanned', 0):.0f} events matched, "
        f"{statistics.get('bytesScanned', 0) / 1e6:.1f} MB scanned"
    )
    head = f"{', '.join(wanted.groups)}, {rfc3339(start)} to {rfc3339(end)}: {counted(len(rows), 'row')} ({scanned})"
    if not rows:
        return f"{head}. Nothing matched: widen the range or loosen the filter."
    lines = [head, *(_row(row) for row in rows)]
    if len(rows) == wanted.rows:
        lines.append("There may be more rows: raise `limit`, or aggregate with `stats`.")
    return listed(lines, narrow="aggregate with `stats`, keep fewer `fields`, or lower `limit`")


def _row(row: list[dict[str, str]]) -> str:
    cells = [
        f"{each.get('field', '?')}={clip(plain(str(each.get('value', ''))).rstrip(), _LONGEST_CELL)}"
        for each in row
        if each.get("field") != "@ptr"
    ]
    return " | ".join(cells).replace("\n", "\n    ")
