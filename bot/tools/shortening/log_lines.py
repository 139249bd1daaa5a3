"""What stands before the message of a log line: whose it is, and when. Pure.

Whoever collects logs may put a time before every line, those of a stack trace too, and the name of a pod before that
(`kubectl logs --timestamps --prefix`, CRI, docker compose, our own `read_logs`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d)\b)?"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_TAG = r"(?P<tag> [\w.-]+ [\w./-]+(?:\[\d+\])?:(?= ))?"
"""Of syslog, behind the time: the host, and the program with its process."""
_TIME = (
    rf"\[?(?:\d{{4}}[-/]\d\d[-/]\d\d[T ]{_CLOCK}|\d\d[-/.]\d\d[-/.]\d{{4}}[T ]{_CLOCK}|{_CLOCK}"
    rf"|\d\d[/ ]{_MONTH}[/ ]\d{{4}}[: ]{_CLOCK}|(?:[A-Z][a-z]{{2}} )?{_MONTH} +\d{{1,2}} {_CLOCK}{_TAG}"
    rf"|1\d{{9}}(?:\.\d+|\d{{3}}|\d{{6}}|\d{{9}})?(?=[\]\s])|\[ *\d+\.\d{{3,6}}\]|\d{{4}}-\d\d-\d\d(?=\]))\]?"
)
_KLOG = rf"[IWEF]\d{{4}} {_CLOCK}(?: +\d+ [\w.-]+:\d+\])?"
_BY = r"(?:\S+ \S+ \S+ (?=\[\d\d/)|\d+:[A-Z] (?=\d\d ))?"
"""Before the time: who asked (access logs), the process and its role (Redis)."""
_STREAM = r"(?: (?:stdout|stderr) [FP](?= ))?"
_POD = r"(?P<pod>\[[\w./-]{1,120}\] ?|[\w./-]{1,120} *[:|] ?)?"
_LEVEL = (
    r"\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)\b(?=[\]:| \t])"
    r"|(?:trce|dbug|info|warn|fail|crit): (?=\w)"
)
_STAMP = re.compile(rf"^{_POD}(?P<stamp>{_BY}(?:{_KLOG}|{_TIME}){_STREAM})")
_OTHER = re.compile(rf"^{_POD}(?=\{{\s*\"|(?:time|ts|level|lvl)=|{_LEVEL})")
_PREFIX = re.compile(rf"^{_POD}")
_STARTS_WITH_LEVEL = re.compile(_LEVEL)
_WORD = re.compile(r"[A-Za-z]{2,}")
_CLOSER = re.compile(r"[\]})]+[,;]?$")


class LogLine(NamedTuple):
    """A line in its parts. `body` keeps its indentation; `begins` says that a record may begin here."""

    source: str
    body: str
    stamped: bool
    begins: bool

    @property
    def indented(self) -> bool:
        """Whether the body continues another one by its indentation; levels are often set right."""
        width = len(self.body) - len(self.body.lstrip())
        least = 2 if self.stamped and not self.body.startswith("\t") else 1
        return width >= least and not _STARTS_WITH_LEVEL.match(self.body.lstrip())

    @property
    def closes(self) -> bool:
        """Whether it only closes brackets that a line before has opened."""
        return _CLOSER.match(self.body.strip()) is not None


def parsed(line: str) -> LogLine:
    """The parts of a line; without a time or another sign of a record all of it is body."""
    found = _STAMP.match(line)
    if found is not None:
        source = f"{found['pod'] or ''}{found['tag'] or ''}"
        return LogLine(source, line[found.end() :].removeprefix(" "), True, True)
    found = _OTHER.match(line)
    if found is not None:
        return LogLine(found["pod"] or "", line[found.end() :], False, True)
    return LogLine("", line, False, False)


def speak(texts: Collection[str], least: float = 2.0) -> bool:
    """Whether texts have so many words on average: series of measurements have times like logs, but no words, and in
    them the numbers are what counts."""
    return sum(len(_WORD.findall(text)) for text in texts) >= least * len(texts)


def without_source(line: str, sources: Collection[str]) -> LogLine:
    """A line that begins no record; what it starts with is only taken for a pod's name when it is one of `sources`, or in
    brackets as they are."""
    found = _PREFIX.match(line)
    pod = (found["pod"] or "") if found is not None else ""
    if pod in sources or (pod.startswith("[") and any(each.startswith("[") for each in sources)):
        return LogLine(pod, line[len(pod) :], False, False)
    return LogLine("", line, False, False)
