"""Log groups, and the last lines of one.

CloudWatch serves events oldest first. To reach the newest without reading everything, the range is read in slices
from its end; a slice that holds too much is cut in two, the newer half first.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tocsin_mcp.kit.output import bounded, clip, counted, listed, plain
from tocsin_mcp.kit.times import parse_span, rfc3339

from .client import Aws, Json

_GROUPS_PER_PAGE = 50
_MOST_GROUPS = 500
_MOST_REQUESTS = 30
_PAGES_PER_SLICE = 3
_SECONDS = 12.0
_LONGEST_RANGE = timedelta(days=30)
_SLICES = (1 / 4, 1 / 16, 1 / 64)
_LONGEST_MESSAGE = 2000
_MILLISECOND = 1
_INDIVISIBLE = 2

Slice = tuple[int, int]
"""Milliseconds since the epoch: beginning, and end (not included)."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The last `lines` events of a group. `stream` is a prefix of stream names, `pattern` a filter pattern."""

    group: str
    stream: str | None
    since: str
    until: str | None
    pattern: str | None
    lines: int


@dataclass(slots=True)
class _Tail:
    """What was read so far: events newest slice first, and whether the range was read as far as was needed."""

    events: list[Json] = field(default_factory=list)
    requests: int = 0
    complete: bool = True


async def list_log_groups(aws: Aws, contains: str | None, limit: int) -> str:
    """Groups by name with size and retention."""
    found: list[Json] = []
    token: str | None = None
    while len(found) < _MOST_GROUPS:
        answer = await aws.call(
            "DescribeLogGroups",
            logGroupNamePattern=contains,
            limit=_GROUPS_PER_PAGE,
            nextToken=token,
        )
        found += answer.get("logGroups", [])
        token = answer.get("nextToken")
        if not token:
            break
    if contains:
        found = [group for group in found if contains in group["logGroupName"]]
    if not found:
        return f"No log groups{f' with {contains!r} in their name' if contains else ' in this region'}."
    names = sorted((str(group["logGroupName"]), group) for group in found)
    lines = [f"{'the first ' if token else ''}{counted(len(names), 'log group')}"]
    lines += [f"{plain(name)}  {_facts(group)}" for name, group in names[:limit]]
    return listed(lines, total=len(names) + 1, narrow="use `contains` or a larger `limit`")


async def tail_logs(aws: Aws, wanted: Wanted) -> str:
    """The last events in order of time, each with its time and stream."""
    now = aws.now()
    start, end = parse_span(wanted.since, wanted.until, now, _LONGEST_RANGE, ".")
    tail = await _tail(aws, wanted, (_milliseconds(start), _milliseconds(end) + _MILLISECOND))
    events = sorted(tail.events, key=_order)
    shown = events[-wanted.lines :]
    head = f"{plain(wanted.group)}, {rfc3339(start)} to {rfc3339(end)}"
    if wanted.pattern:
        head += f", matching {plain(wanted.pattern)}"
    if not shown:
        return _nothing(head, tail.complete)
    lines = [f"{head}: last {counted(len(shown), 'event')}, newest last"]
    if len(events) > len(shown) or not tail.complete:
        lines.append(
            "There are older ones in this range: raise `lines`, narrow `filter`, or set `until`."
        )
    return bounded(
        "\n".join([*lines, *_numbered(shown)]),
        narrow="use `filter`, `stream`, a shorter range or fewer `lines`",
        head=0.1,
    )


async def _tail(aws: Aws, wanted: Wanted, whole: Slice) -> _Tail:
    tail = _Tail()
    waiting = _sliced(whole)
    clock = asyncio.get_running_loop().time
    deadline = clock() + _SECONDS
    while waiting and len(tail.events) < wanted.lines:
        if tail.requests >= _MOST_REQUESTS or clock() > deadline:
            break
        start, end = waiting.pop()
        events, finished = await _slice(aws, wanted, (start, end), tail)
        if finished or end - start <= _INDIVISIBLE:
            tail.events += events
            tail.complete &= finished
        else:
            middle = (start + end) // 2
            waiting += [(start, middle), (middle, end)]
    tail.complete &= not waiting
    return tail


def _sliced(whole: Slice) -> list[Slice]:
    """The range in parts that become shorter towards its end, oldest first."""
    start, end = whole
    cuts = [start, *(end - int((end - start) * share) for share in _SLICES), end]
    return [(a, b) for a, b in itertools.pairwise(cuts) if a < b]


async def _slice(aws: Aws, wanted: Wanted, part: Slice, tail: _Tail) -> tuple[list[Json], bool]:
    """The events of a slice, and whether these are all of it."""
    found: list[Json] = []
    token: str | None = None
    for _ in range(_PAGES_PER_SLICE):
        tail.requests += 1
        answer = await aws.call(
            "FilterLogEvents",
            logGroupName=wanted.group,
            logStreamNamePrefix=wanted.stream,
            filterPattern=wanted.pattern,
            startTime=part[0],
            endTime=part[1] - _MILLISECOND,
            nextToken=token,
        )
        found += answer.get("events", [])
        token = answer.get("nextToken")
        if not token:
            return found, True
    return found, False


def _nothing(head: str, complete: bool) -> str:
    if complete:
        return f"{head}: no events. Widen `since`, leave out `filter`, or check the group with list_log_groups."
    return f"{head}: no events among the newest that were read; the range holds more. Shorten it or set `until`."


def _numbered(events: Iterable[Json]) -> list[str]:
    lines = []
    for event in events:
        at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
        text = clip(plain(str(event.get("message", ""))).rstrip(), _LONGEST_MESSAGE)
        stream = str(event.get("logStreamName", "")).rpartition("/")[2][-12:]
        lines.append(
            f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z [{plain(stream)}] {text}"
        )
    return lines


def _facts(group: Json) -> str:
    days = group.get("retentionInDays")
    kept = f"kept {days} days" if days else "kept for ever"
    return f"{group.get('storedBytes', 0) / 1e6:.1f} MB, {kept}"


def _order(event: Json) -> tuple[int, str]:
    return int(event["timestamp"]), str(event.get("eventId", ""))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
