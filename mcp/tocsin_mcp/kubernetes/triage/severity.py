"""Whether a log line that says nothing known is an error at all: by its level, or by its words where it has none."""

from __future__ import annotations

import json
import re

_SEVERE = re.compile(
    r"\b(?:error|fatal|critical|panic|severe|emerg|alert)\b|\b(?:fail|crit|ftl|err):|Exception\b|Traceback|^[EF]\d{4} ",
    re.IGNORECASE,
)
_MILD = frozenset({"debug", "trace", "info", "information", "notice", "warn", "warning"})
_LEVELS = ("severity", "level", "levelname", "log.level", "lvl", "severity_text", "severityText")
_NUMBERED = {10: "debug", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}
_PLAIN_LEVEL = re.compile(
    r"^(?:[\d\[][\w:.,+/\[\]-]* )*[\[|]?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE)\b|\blevel=[\"']?(\w+)"
)
"""A level that opens a line, after nothing but times and numbers, or one of logfmt."""

_NOT_MEANT = re.compile(
    r"\berrors?[\"']?\s*[:=]\s*(?:0\b|null|none|nil|\"\"|false)|\b(?:0|no) (?:errors|failures)\b",
    re.IGNORECASE,
)


def is_harmless(line: str) -> bool:
    """Whether a line speaks of errors only to say that there are none."""
    return bool(_NOT_MEANT.search(line))


def is_severe(line: str) -> bool:
    """Whether a line is of level error or above; one without a level by its words."""
    record = _record(line)
    level = next((record[key] for key in _LEVELS if key in record), None)
    if isinstance(level, int):
        level = _NUMBERED.get(level, "info")
    if level is None:
        said = _PLAIN_LEVEL.search(line[:80])
        level = next(filter(None, said.groups()), None) if said else None
    if isinstance(level, str):
        return level.lower() not in _MILD
    return bool(_SEVERE.search(line[:300]))


def _record(line: str) -> dict[str, object]:
    if not line.startswith("{"):
        return {}
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}
