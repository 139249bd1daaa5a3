"""Log events in a JSON document, as the lines of the log that they are. Pure.

Many servers give a log as a list of objects (CloudWatch, Elasticsearch, Google Cloud) or of pairs (Loki). As lines they
can be counted, and their stack traces are told like those of any log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.tools.shortening.log_lines import speak

_LEAST = 20
_TIMES = ("timestamp", "time", "ts", "datetime", "date", "eventtime")
_MESSAGES = ("message", "msg", "log", "line", "textpayload", "body", "event")
_LEVELS = ("level", "severity", "lvl", "loglevel", "status")
_IDS = frozenset(
    ["id", "eventid", "insertid", "ingestiontime", "receivetimestamp", "offset", "ptr", "version"]
)
_OTHERS = frozenset(
    [
        "app",
        "caller",
        "cluster",
        "container",
        "containername",
        "error",
        "exception",
        "file",
        "function",
        "host",
        "hostname",
        "labels",
        "logger",
        "loggername",
        "loggroup",
        "loggroupname",
        "logname",
        "logstream",
        "logstreamname",
        "namespace",
        "node",
        "pid",
        "pod",
        "podname",
        "process",
        "resource",
        "service",
        "source",
        "spanid",
        "stack",
        "stacktrace",
        "stream",
        "tags",
        "thread",
        "trace",
        "traceid",
        "user",
    ]
)
_KNOWN = _OTHERS.union(_IDS, _TIMES, _MESSAGES, _LEVELS)
_NOT_IN_NAME = re.compile(r"[^a-z]")


def as_lines(events: list[Any]) -> str | None:
    """The log that a list holds, or None when it is something else: all of its fields must be those of log events."""
    if len(events) < _LEAST:
        return None
    read = _object if isinstance(events[0], Mapping) else _pair
    records = [read(event) for event in events]
    if any(record is None for record in records):
        return None
    lines = [record for record in records if record is not None]
    return "\n".join(lines) if speak(lines) else None


def _pair(event: Any) -> str | None:
    """`[time, line]`, as Loki has it."""
    if not isinstance(event, list) or len(event) != 2 or not isinstance(event[1], str):
        return None
    time = str(event[0])
    return f"{time} {event[1]}" if re.fullmatch(r"1\d{9,18}", time) else None


def _object(event: Any) -> str | None:
    if not isinstance(event, Mapping):
        return None
    fields = {_NOT_IN_NAME.sub("", str(key).lower()): key for key in event}
    time = _first(event, fields, _TIMES)
    message = _first(event, fields, _MESSAGES)
    if not _KNOWN.issuperset(fields) or time is None or not isinstance(message, str):
        return None
    level = _first(event, fields, _LEVELS)
    said, *more = message.splitlines() or [""]
    about = list(_about(event, fields))
    short = [f"{key}={value}" for key, value in about if "\n" not in value]
    traces = [line for _, value in about if "\n" in value for line in value.splitlines()]
    first = " ".join(str(part) for part in (time, level, said, *short) if part not in (None, ""))
    return "\n".join([first, *(f"  {line}" for line in (*more, *traces))])


def _first(event: Mapping[str, Any], fields: Mapping[str, str], names: tuple[str, ...]) -> Any:
    return next((event[fields[name]] for name in names if name in fields), None)


def _about(event: Mapping[str, Any], fields: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What else an event says, ids of its own left out."""
    for name, key in fields.items():
        if name in _OTHERS and event[key] not in (None, "", [], {}):
            yield key, str(event[key])
