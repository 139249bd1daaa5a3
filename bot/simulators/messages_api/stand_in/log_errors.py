"""Errors in log text that are no stack traces: which lines, how many, and whom they accuse."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

GREP = "error|exception|fatal|panic|fail|refused|unavailable|timed out|no such|cannot|unable"
"""What to search logs for: .NET logs failed gRPC calls at level info, so text counts, not level."""

_ERROR = re.compile(
    r"(?i)error|exception|\bfatal\b|panic|traceback|\bfail(?:ed|ure)?\b|refused|unavailable|timed out|no such host|"
    r"\bcannot\b|could not\b|unable to\b|enotfound|\boom"
)
_HARMLESS = re.compile(
    r"(?i)\b(?:no|0|zero) (?:errors?|failures?)\b|errors?[=:]\s*0\b|error_?count[\"':= ]+0\b|failed[=:]\s*0\b|"
    r"\"error\":\s*(?:null|\"\"|false)|retry succeeded"
)
_LEVEL_FINE = re.compile(r"(?i)(?:severity|level)[\"'=: ]+(?:info|debug|trace)\b")
_UNREACHABLE = re.compile(
    r"(?i)refused|no such host|ENOTFOUND|EAI_AGAIN|i/o timeout|deadline ?exceeded|UnableToConnect|connect timed out|"
    r"code = Unavailable|StatusCode\.UNAVAILABLE|name or service not known|UnknownHost|no route to host|"
    r"connection reset|could not connect|no connection (?:is|became) available|ETIMEDOUT|ECONNRESET"
)
_HOSTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"UnableToConnect on (?P<host>[\w.-]+):\d+",
        r"lookup (?P<host>[\w.-]+)(?: on |:)",
        r"(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT) (?P<host>[\w.-]+)",
        r"UnknownHostException:? (?P<host>[\w.-]+)",
        r"(?i)(?:connect(?:ion|ing)?|dial(?:ing)?|server|host|address) (?:to |at |tcp )?[\"'`]?(?P<host>[a-z][\w.-]*[a-z0-9]):\d{2,5}",
        r"(?i)host(?:name)?[\"'=: ]+(?P<host>[a-z][\w.-]*\.(?:svc|local|internal|com|net|io)[\w.]*)",
        r"(?<![\w.-])(?P<host>[a-z][a-z0-9-]*[a-z0-9]):\d{4,5}\b",
    )
)
_NO_HOST = frozenset(("line", "localhost", "http", "https", "tcp", "port", "time"))
_HEADING = re.compile(rf"^Logs of |{re.escape(GREP)}|^--$|^\[… ")
_REPEATED = re.compile(r"^(\d+)x (?:until [\d:]+ )?\| (?:\d\d:\d\d:\d\d )?")
"""Before a record that stands for many: results may be shortened on their way here."""
_PREFIX = re.compile(r"^(?:\[[\w./-]+\] )?(?:\d\d:\d\d:\d\d )?")
_VARYING = re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{20,}|\b\w*\d\w*")
_CLASSES = tuple(
    (re.compile(pattern, re.IGNORECASE), cause)
    for pattern, cause in (
        (r"x509|CERTIFICATE_VERIFY_FAILED|certificate (?:has expired|is not)", "certificate"),
        (
            r"password authentication failed|access denied for user|28P01|unauthori[sz]ed",
            "authentication",
        ),
        (
            r"too many connections|pool (?:is )?exhausted|QueuePool limit|Connection is not available",
            "connection_pool",
        ),
        (r"no space left|ENOSPC", "disk_full"),
        (r"environment variable .{0,60}(?:not set|missing|required)", "missing_setting"),
        (r"deadlock", "deadlock"),
        (r"too many requests|rate limit|code = ResourceExhausted", "rate_limited"),
        (r"deadline ?exceeded|timed out|timeout", "timeout"),
    )
)
_FIELDS = ("error", "err", "exception", "message", "msg")
_STAMP = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class LoggedError:
    """A kind of error line. `line` is the newest of its kind, as the log has it."""

    line: str
    count: int
    hosts: tuple[str, ...]
    """Hosts that it accuses."""
    unreachable: bool
    """It says that something else could not be reached, so the one who logs it is a victim."""
    since: str = ""
    """Time of the first of its kind that was read, empty when the lines have no date."""


def find_errors(lines: Sequence[str]) -> list[LoggedError]:
    """Kinds of error lines, the most frequent first."""
    kinds: dict[str, list[str]] = {}
    counts: Counter[str] = Counter()
    for line in lines:
        record = single(line)
        if is_error(record):
            repeated = _REPEATED.match(line)
            kinds.setdefault(_kind(record), []).append(record.strip())
            counts[_kind(record)] += int(repeated[1]) if repeated else 1
    found = [
        LoggedError(
            line=same[-1],
            count=counts[kind],
            hosts=hosts_in(same[-1]),
            unreachable=bool(_UNREACHABLE.search(same[-1])),
            since=newest_time(same[:1]),
        )
        for kind, same in kinds.items()
    ]
    return sorted(found, key=lambda error: -error.count)


def last_words(lines: Sequence[str]) -> list[LoggedError]:
    """The last thing that a crashed process said, for one that named no error."""
    spoken = [line for line in lines if line.strip()]
    return [LoggedError(spoken[-1].strip(), 1, hosts_in(spoken[-1]), False)] if spoken else []


def log_lines(lines: Iterable[str]) -> list[str]:
    """What the log itself holds: without the tool's own headings and without the prefixes that it put before lines."""
    return [_PREFIX.sub("", line) for line in lines if not _HEADING.search(line)]


def single(line: str) -> str:
    """A record without the count of those that it stands for."""
    return _REPEATED.sub("", line)


def is_error(line: str) -> bool:
    """Whether a line tells of an error."""
    if not _ERROR.search(line) or _HARMLESS.search(line):
        return False
    return not _LEVEL_FINE.search(line) or bool(_UNREACHABLE.search(line) or "xception" in line)


def hosts_in(line: str) -> tuple[str, ...]:
    """First labels of the hosts that a line names as unreachable."""
    found: list[str] = []
    for pattern in _HOSTS:
        found += [match["host"] for match in pattern.finditer(line)]
    names = [host.split(".")[0].lower() for host in found if not re.fullmatch(r"[\d.]+", host)]
    return tuple(dict.fromkeys(name for name in names if name not in _NO_HOST))


def words_in(line: str) -> set[str]:
    """The words of an error, to compare with the names of services."""
    return set(re.findall(r"[a-z]{3,}", line.lower()))


def message_of(line: str) -> str:
    """What a line says: the message in a structured line, else the line without its time."""
    start = line.find("{")
    try:
        record = json.loads(line[start:]) if start >= 0 else None
    except ValueError:
        record = None
    if isinstance(record, dict):
        for name in _FIELDS:
            if isinstance(record.get(name), str) and record[name]:
                return str(record[name])
    return _STAMP.sub("", line).strip()


def classify(line: str) -> str:
    """The class of an error that its message gives away; `application_error` when it does not."""
    return next((cause for pattern, cause in _CLASSES if pattern.search(line)), "application_error")


def literal_in(line: str) -> str:
    """The constant part of an error message: the longest run of plain words, to search source code for."""
    head = re.split(r": rpc error|: dial|: connect|\\|[{}\[\]<>]", message_of(line))[0]
    runs = re.findall(r"[A-Za-z][a-zA-Z']*(?: [A-Za-z][a-zA-Z']*)+", head)
    return max(runs, key=len, default="")


def newest_time(lines: Iterable[str]) -> str:
    """The latest time stamp in the lines, empty when there is none. Compares as text, so one zone is assumed."""
    stamps = (found[0] for line in lines if (found := _STAMP.search(line)))
    return max(stamps, default="")


def _kind(line: str) -> str:
    """The message without what differs from one time to the next."""
    return _VARYING.sub("#", message_of(line).lower())[:160]
