"""The logs of a recorded incident, whoever wrote them down: by pod, by container or by service, with times or without."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from tocsin_mcp.kit.output import clip, plain
from tocsin_mcp.kit.times import parse_rfc3339

from .objects import Json, chosen, entries, labels_of, name_of, number, pairs
from .pods import PodFacts, owner_of
from .snapshot import Log, LogLine

_LONGEST_LINE = 4000
_PREVIOUS = ":previous"
_STREAM = re.compile(r"^std(?:out|err) [FP] ")
_PREFIX = re.compile(r"^\[pod/[\w.-]+/[\w.-]+\] ")
_TIME = re.compile(
    r"\"(?:timestamp|time|ts|@timestamp|date)\"\s*:\s*(?:\"(?P<text>[^\"]{1,60})\"|(?P<number>\d{1,20}(?:\.\d{1,20})?))"
)
_SECONDS = (1e9, 1e11)
"""Numbers between these are taken for seconds since 1970; a thousand times as much for milliseconds."""

Objects = Mapping[str, tuple[Json, ...]]


def read_logs(recorded: object, objects: Objects) -> tuple[Log, ...]:
    """Keys are `<pod>`, `<pod>/<container>`, `<service>` or `<workload>`, each also with `:previous`; values are lines or one text."""
    if not isinstance(recorded, dict):
        return ()
    return tuple(log for key, lines in recorded.items() for log in _log(str(key), lines, objects))


def _log(key: str, lines: object, objects: Objects) -> Iterable[Log]:
    if isinstance(lines, dict):
        for inner, more in lines.items():
            yield from _log(
                f"{key}/{inner}" if inner != "previous" else key + _PREVIOUS, more, objects
            )
        return
    listed = [lines] if isinstance(lines, str) else lines
    if not isinstance(listed, list):
        return
    previous = key.endswith(_PREVIOUS)
    owner, _, container = key.removesuffix(_PREVIOUS).partition("/")
    pod = _pod_of(owner, objects)
    texts = (part for line in listed for part in _raw(line).splitlines() or [""])
    yield Log(pod, container, tuple(_stamped(texts)), previous)


def _raw(line: object) -> str:
    """A line as the runtime wrote it: docker's files hold an object for each."""
    if isinstance(line, dict):
        return str(line["log"]) if "log" in line else json.dumps(line)
    return str(line)


def _pod_of(owner: str, objects: Objects) -> str:
    """A log may be recorded for a whole service: then it is taken for the pod that has most to tell."""
    pods = objects.get("pods", ())
    if any(name_of(each) == owner for each in pods):
        return owner
    selectors = [
        pairs(each, "spec", "selector")
        for each in objects.get("services", ())
        if name_of(each) == owner
    ]
    mine = [
        each
        for each in pods
        if owner in labels_of(each).values()
        or owner_of(each)[1].startswith(f"{owner}-")
        or owner_of(each)[1] == owner
        or any(chosen(selector, labels_of(each)) for selector in selectors)
    ]
    if not mine:
        return owner
    return name_of(max(mine, key=_trouble))


def _trouble(pod: Json) -> tuple[bool, int]:
    started = entries(pod, "status", "containerStatuses")
    restarts = max((number(each, "restartCount") for each in started), default=0)
    return bool(started) and not PodFacts(pod).ready, restarts


def _stamped(lines: Iterable[str]) -> Iterable[LogLine]:
    """A line without a time belongs to the one before."""
    last: datetime | None = None
    for raw in lines:
        line = _PREFIX.sub("", raw)
        head, _, rest = line.partition(" ")
        when = parse_rfc3339(head)
        if when:
            line = _STREAM.sub("", rest)
        last = when or _own_time(line) or last
        yield LogLine(last, clip(plain(line), _LONGEST_LINE))


def _own_time(line: str) -> datetime | None:
    """The time in a JSON record, if it says its zone or counts from 1970: others may be of any place."""
    found = _TIME.search(line) if line.startswith("{") else None
    if not found:
        return None
    if found["text"]:
        return parse_rfc3339(found["text"])
    said = float(found["number"])
    seconds = said if _SECONDS[0] < said < _SECONDS[1] else said / 1000
    return datetime.fromtimestamp(seconds, UTC) if _SECONDS[0] < seconds < _SECONDS[1] else None
