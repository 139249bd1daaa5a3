"""read_logs: the log of a pod, or of many pods merged by time or searched at once, with whole stack traces."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tocsin_mcp.kit.errors import BadArgument
from tocsin_mcp.kit.output import bounded, clip, counted
from tocsin_mcp.kit.times import parse_optional, rfc3339

from .cluster import Cluster, LogRequest
from .patterns import LinePattern, compile_pattern
from .repeats import Repeat, thin
from .streams import MOST_PODS, MOST_SEARCHED, Line, Stream, Whose, choose, read
from .traces import continues, keep, matching, records

SEARCHED = 5000
"""With `grep`, so many of a container's last lines are searched."""
SEARCHED_OF_MANY = 1000
"""The same where more than a few containers are."""

_SEARCH_SECONDS = 3.0
_OWN_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_NARROW = "pass `grep`, `since`, a smaller `tail`, or one `pod`"
_LONGEST_NAMES = 400
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The arguments of one call, as they were given. See the tool's description."""

    whose: Whose
    previous: bool
    since: str | None
    tail: int
    grep: str | None


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines of one stream that stay together."""

    prefix: str
    lines: Sequence[Line]

    @property
    def time(self) -> datetime:
        return next((line.time for line in self.lines if line.time), _LONG_AGO)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is shown of one stream: stretches of its lines, and how many matched of how many searched."""

    stream: Stream
    stretches: Sequence[range]
    matched: int = 0
    searched: int = 0
    repeats: Sequence[Repeat] = ()


async def read_logs(cluster: Cluster, namespace: str | None, wanted: Wanted) -> str:
    """The tool's text. Raises the kit's errors."""
    whose = wanted.whose
    _check(whose, wanted.grep)
    pattern = compile_pattern(wanted.grep) if wanted.grep else None
    place, now = await cluster.namespace(namespace), cluster.now()
    since = parse_optional(wanted.since, now)
    chosen = await choose(cluster, place, whose, MOST_SEARCHED if pattern else MOST_PODS)
    searched = SEARCHED if len(chosen.sources) <= MOST_PODS else SEARCHED_OF_MANY
    request = LogRequest("", wanted.previous, since, searched if pattern else wanted.tail)
    streams = await read(cluster, place, chosen.sources, request)
    found = await asyncio.to_thread(_select, streams, pattern, wanted.tail)
    header = [
        f"Logs of {whose} in namespace {place}, at {rfc3339(now)}: {_scope(wanted, since)}. Times are UTC.",
        *_summaries(found, wanted),
        *(f"Note: {note}." for note in chosen.notes),
    ]
    text = "\n".join([*header, *_body(found, whose, now)])
    return bounded(text, cluster.log_text_bytes(), narrow=_NARROW, head=0.3)


def _select(streams: Sequence[Stream], pattern: LinePattern | None, most: int) -> list[_Found]:
    deadline = time.monotonic() + _SEARCH_SECONDS
    found: list[_Found] = []
    for stream in streams:
        texts = [line.text for line in stream.lines]
        if pattern is None:
            found.append(_Found(stream, records(texts)))
            continue
        hits, searched = matching(texts, pattern, deadline)
        thinned = thin(texts, hits[-most:])
        stretches = keep(texts, thinned.shown, thinned.hidden)
        found.append(_Found(stream, stretches, len(hits), searched, thinned.repeats))
    return found


def _check(whose: Whose, grep: str | None) -> None:
    given = [each for each in (whose.workload, whose.pod, whose.selector) if each]
    if len(given) > 1 or not (given or grep):
        raise BadArgument(
            "workload",
            "give one of `workload`, `pod` and `selector`; or `grep` alone to search all pods of the namespace.",
        )


def _scope(wanted: Wanted, since: datetime | None) -> str:
    parts = ["the instance before the last restart"] if wanted.previous else []
    if wanted.grep:
        parts.append(
            f"lines matching {wanted.grep!r} with context, last {wanted.tail} per container"
        )
    else:
        parts.append(f"last {wanted.tail} lines per container")
    if since:
        parts.append(f"since {rfc3339(since)}")
    return ", ".join(parts)


def _summaries(found: Sequence[_Found], wanted: Wanted) -> list[str]:
    """One line a container: where it is in the text, and how much of it; one for all in which a search found nothing."""
    prefixes = _prefixes(found, wanted.whose)
    empty = [each for each in found if wanted.grep and not each.matched and not each.stream.problem]
    together = empty if len(empty) > 1 and len(found) > MOST_PODS else []
    lines = [
        f"{prefix}{_name(each)}: {_summary(each, wanted)}"
        for each, prefix in zip(found, prefixes, strict=True)
        if each not in together
    ]
    if together:
        names = clip(", ".join(map(_name, together)), _LONGEST_NAMES)
        lines.append(f"no matching line in {counted(len(together), 'container')}: {names}")
    return lines


def _name(each: _Found) -> str:
    return f"{each.stream.source.pod}/{each.stream.source.container}"


def _summary(each: _Found, wanted: Wanted) -> str:
    stream = each.stream
    if stream.problem:
        return f"no log: {stream.problem}"
    text = counted(len(stream.lines), "line")
    if wanted.grep:
        text = f"{counted(each.matched, 'matching line')} of {each.searched} searched"
    if stream.cut or (wanted.grep and each.searched < len(stream.lines)):
        text += " (older lines not searched; narrow with `since`)"
    if stream.source.restarts and not wanted.previous:
        text += f"; restarted {stream.source.restarts}×, previous=true shows the instance before"
    if not stream.lines and wanted.since:
        text += "; try a longer `since`"
    return text


def _prefixes(found: Sequence[_Found], whose: Whose) -> list[str]:
    """`[abcde] `: the last part of the pod's name, the container's too where a pod has several; none for one stream.

    Pods that were not asked for by their workload have their whole names.
    """
    streams = [each.stream for each in found]
    if len(streams) == 1:
        return [""]
    pods = {stream.source.pod for stream in streams}
    short = {pod: pod.rpartition("-")[2] for pod in pods}
    strangers = len(pods) > 1 and not whose.workload
    if strangers or len(set(short.values())) < len(pods):
        short = {pod: pod for pod in pods}
    several = len(streams) > len(pods)
    return [
        f"[{short[source.pod]}/{source.container}] " if several else f"[{short[source.pod]}] "
        for source in (stream.source for stream in streams)
    ]


def _body(found: Sequence[_Found], whose: Whose, now: datetime) -> list[str]:
    prefixes = _prefixes(found, whose)
    blocks = [
        _Block(prefix, each.stream.lines[stretch.start : stretch.stop])
        for each, prefix in zip(found, prefixes, strict=True)
        for stretch in each.stretches
    ]
    if len(found) > 1:
        blocks.sort(key=lambda block: block.time)  # stable: a stream's own order stays
    grepped = any(each.searched for each in found)
    lines: list[str] = []
    for block in blocks:
        if grepped:
            lines.append("--")
        lines += _rendered(block, now)
    left_out = [
        _left_out(prefix, each.stream.lines, repeat)
        for each, prefix in zip(found, prefixes, strict=True)
        for repeat in each.repeats
    ]
    return [
        *lines,
        *(["--", "Left out, as they say the same as those shown:"] if left_out else []),
        *left_out,
    ]


def _left_out(prefix: str, lines: Sequence[Line], repeat: Repeat) -> str:
    first, last = lines[repeat.first].time, lines[repeat.last].time
    span = f" between {rfc3339(first)} and {rfc3339(last)}" if first and last else ""
    return f"{prefix}{repeat.left_out} more{span} like: {clip(lines[repeat.sample].text, 200)}"


def _rendered(block: _Block, now: datetime) -> list[str]:
    return [
        f"{block.prefix}{_stamp(line, number, now)}{line.text}"
        for number, line in enumerate(block.lines)
    ]


def _stamp(line: Line, number: int, now: datetime) -> str:
    """The line's time, unless it says so itself or continues the one before."""
    if line.time is None or _OWN_TIME.search(line.text) or (number and continues(line.text)):
        return ""
    same_day = line.time.date() == now.date()
    return line.time.strftime("%H:%M:%S " if same_day else "%Y-%m-%dT%H:%M:%SZ ")
