"""Whether a log line that says nothing known is an error at all: by its level, or by its words where it has none."""

from __future__ import annotations

import json
import re

_SEVERE = re.compile(
    r"\b(?:error|fatal|critical|panic|severe|emerg|alert)\b|\b(?:fail|crit|ftl|err):|\b(?-i:[A-Z]\w{2,60}Error):|Exception\b|Traceback|^[EF]\d{4} ",
    re.IGNORECASE,
)
_MILD = frozenset(
    {"debug", "trace", "info", "information", "notice", "warn", "warning", "note", "system", "inf", "dbg", "wrn", "log",
     "detail", "hint", "context", "statement", "i", "d", "w"}
)  # fmt: skip
_LEVELS = ("severity", "level", "levelname", "log.level", "lvl", "severity_text", "severityText")
_NUMBERED = {10: "debug", 20: "debug", 30: "info", 40: "warn", 50: "error", 60: "fatal"}
_PLAIN_LEVEL = re.compile(
    r"^(?:[\d\[][\w:.,+/\[\]-]*[ \t]{1,4})*[\[|]?(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE)\b|\blevel=[\"']?(\w+)"
    r"|^(?:[\d\[][\w:.,+/\[\]-]*[ \t]{1,4})*\[((?i:trace|debug|dbg|info|inf|note|notice|system|warn|warning|wrn|error|err|fatal|ftl|crit|emerg|alert))\] "
    r"|^[\d-]+ [\d:.]+ [A-Z]{3,5} \[[\d-]+\](?: \S+@\S+)? (LOG|DETAIL|HINT|CONTEXT|STATEMENT|NOTICE|WARNING|ERROR|FATAL|PANIC): "
    r"|^([DIWEF]), \[[\d-]+T[\d:.]+ #\d+\]"
)
"""A level that opens a line, after nothing but times and numbers, or one of logfmt; as MySQL and nginx, PostgreSQL, and
Ruby's logger write it."""

_NOT_MEANT = re.compile(
    r"\berrors?[\"']?\s*[:=]\s*(?:0\b|null|none|nil|\"\"|false)|\b(?:0|no) (?:errors|failures)\b"
    r"|\(2: No such file or directory\), client: |\bclient (?:intended to send too large|prematurely closed|closed connection)"
    r"|\b(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \S+(?: HTTP/[\d.]+)?\"? [123]\d\d\b",
    re.IGNORECASE,
)

_ATTEMPT = re.compile(
    r"\b(?:attempt|try|retry)\W{1,3}(\d{1,3}) ?(?:/|of) ?(\d{1,3})\b", re.IGNORECASE
)


def is_harmless(line: str) -> bool:
    """Whether a line speaks of errors only to say that there are none, tells of a request that was answered well or is
    tried again, or was written for who debugs the program."""
    said = _PLAIN_LEVEL.search(line[:80])
    debug = said is not None and said[1] in ("DEBUG", "TRACE")
    return debug or bool(_NOT_MEANT.search(line)) or _tries_again(line)


def _tries_again(line: str) -> bool:
    """Whether a counted attempt failed that was not the last one."""
    found = _ATTEMPT.search(line)
    return found is not None and int(found[1]) < int(found[2])


def is_severe(line: str) -> bool:
    """Whether a line is of level error or above; one without a level by its words."""
    level = _level(line)
    return level not in _MILD if level else bool(_SEVERE.search(line[:300]))


def _level(line: str) -> str:
    """The level that a record or a line names, in lower case; empty when it names none."""
    record = _record(line)
    level = next((record[key] for key in _LEVELS if key in record), None)
    if isinstance(level, int):
        return _NUMBERED.get(level, "info")
    if isinstance(level, str):
        return level.lower()
    said = _PLAIN_LEVEL.search(line[:80])
    return next((each.lower() for each in said.groups() if each), "") if said else ""


def _record(line: str) -> dict[str, object]:
    if not line.startswith("{"):
        return {}
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}
