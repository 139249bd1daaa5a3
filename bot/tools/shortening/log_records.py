"""A log as records: a line and what belongs to it, such as the frames of its stack trace. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import NamedTuple

from bot.tools.shortening.frames import is_frame
from bot.tools.shortening.log_lines import LogLine, parsed, speak, without_source
from bot.tools.shortening.masks import mask

_CONTINUED = re.compile(
    r"\s+\S|at |Caused by|Suppressed:|Traceback|During handling|The above exception|\.\.\. \d+ more|goroutine \d"
    r"|created by |--- End of|[\w.$]+(?:Error|Exception)\b"
)
_EXCEPTION = re.compile(r"[\w.$]+(?:Error|Exception)\b")
_ERROR = re.compile(
    r"error|exception|fatal|panic|fail|warn|crit|traceback|denied|refused|timeout|timed out|unavailable|abort|oom|kill"
    r"|unable|cannot|could not|invalid|status\"?[:=] ?\"?5\d\d"
)
"""In lower case: searching that is several times as fast as ignoring case."""
_EVENT = re.compile(r"(?:^|\s)(?:Normal|Warning)\s+[A-Z]\w+\s+\S+")
"""A Kubernetes event, with its reason: two of one kind are about different objects, and both matter."""
_LOG_SHARE = 0.4
_TRACES_SHARE = 0.7
"""Share of the lines that are starts or lines of traces and documents, where these are most of the log."""
_LEAST_RECORDS = 8
_LEAST_SENTENCES = 200
_WORDS = 3
_KINDS_SHARE = 0.2
_ALL_INDENTED = 0.9
_MEMBER = re.compile(r"^\s+\"[^\"]+\": ")
"""A line of a JSON document over several lines."""


class Record(NamedTuple):
    """One log record: its own line, and the lines that belong to it."""

    line: str
    more: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All of it, as it was."""
        return "\n".join((self.line, *self.more))

    @property
    def is_error(self) -> bool:
        """Whether it tells of something that went wrong; anything with a stack trace counts."""
        return tells_of_error(self.line) or any(map(is_telling, self.more))


class Log(NamedTuple):
    """A text that is a log: what stands before the first record, and the records."""

    head: tuple[str, ...]
    records: tuple[Record, ...]


def tells_of_error(line: str) -> bool:
    """Whether a line has a word in it that tells of something that went wrong."""
    return bool(_ERROR.search(line.lower()))


def is_telling(line: str) -> bool:
    """Whether a line tells of something that went wrong, or is part of a stack trace."""
    return tells_of_error(line) or is_frame(line)


def read(text: str) -> Log | None:
    """The text as a log, or None when it is something else (source code, events, a table, a short answer)."""
    documents = _documents(text)
    if documents is not None:
        return Log((), tuple(map(Record, documents)))
    lines = text.splitlines()
    if sum(bool(_EVENT.search(line)) for line in lines) > _LOG_SHARE * len(lines):
        return None
    read_lines = _read_lines(lines)
    starts = sum(line.begins for line in read_lines)
    if starts < _LEAST_RECORDS and _says_the_same(lines):
        read_lines = [line._replace(begins=not line.indented) for line in read_lines]
        starts = len(lines)
    said = [line.body for line in read_lines if line.begins and not _is_inner(line)]
    if starts < _LEAST_RECORDS or not speak(said):
        return None
    if starts < _LOG_SHARE * len(lines):
        inner = sum(_is_inner(line) for line in read_lines if not line.begins)
        if starts + inner < _TRACES_SHARE * len(lines):
            return None
    first = next(at for at, line in enumerate(read_lines) if line.begins)
    return Log(tuple(lines[:first]), _records(lines[first:], read_lines[first:]))


def _says_the_same(lines: Sequence[str]) -> bool:
    """Whether many lines are sentences of a few kinds: a log without times or levels. Texts with paragraphs are none."""
    if len(lines) < _LEAST_SENTENCES or not speak(lines, _WORDS):
        return False
    set_in = sum(not line.strip() or line[0].isspace() for line in lines)
    kinds = {mask(line) for line in lines}
    return max(set_in, len(kinds)) <= _KINDS_SHARE * len(lines)


def _read_lines(lines: Sequence[str]) -> list[LogLine]:
    """The lines in their parts. Where nearly all messages are set in, that says nothing, and they count as set left."""
    read_lines = [parsed(line) for line in lines]
    stamped = [line for line in read_lines if line.stamped]
    if sum(line.indented for line in stamped) < _ALL_INDENTED * len(stamped):
        return read_lines
    return [line._replace(body=line.body.lstrip()) if line.stamped else line for line in read_lines]


def _is_inner(line: LogLine) -> bool:
    """Whether it can only be part of something: of a stack trace, or of a document over several lines."""
    body = line.body.strip()
    return is_frame(body) or line.closes or body in ("{", "[") or bool(_MEMBER.match(line.body))


def _records(lines: Sequence[str], read_lines: Sequence[LogLine]) -> tuple[Record, ...]:
    """Lines that continue another one belong to the last record of the same source."""
    sources = {line.source for line in read_lines if line.begins}
    found: list[tuple[str, list[str]]] = []
    latest: dict[str, int] = {}
    for text, line in zip(lines, read_lines, strict=True):
        if not text.strip() or text.strip() == "--":  # `--` only separates what grep left out
            continue
        if not line.begins:
            line = without_source(text, sources)
        at = latest.get(line.source, None if line.source else len(found) - 1)
        if found and at is not None and _continues(line, found[at][1]):
            found[at][1].append(line.body)
        else:
            latest[line.source] = len(found)
            found.append((text, []))
    return tuple(Record(text, tuple(more)) for text, more in found)


def _continues(line: LogLine, more: Sequence[str]) -> bool:
    """Whether a line belongs to the record before it, to which `more` belongs already."""
    if line.closes or line.indented or is_frame(line.body):
        return True
    if line.begins:
        # The exception that Python names below its frames.
        within = bool(more) and (is_frame(more[-1]) or more[-1][:1].isspace())
        return line.stamped and within and _EXCEPTION.match(line.body) is not None
    return bool(more) or _CONTINUED.match(line.body) is not None


def _documents(text: str) -> list[str] | None:
    """JSON objects one after the other, each over several lines, as one line each; None for anything else."""
    if not text.lstrip().startswith("{"):
        return None
    found, at, decoder = [], 0, json.JSONDecoder()
    try:
        while (start := text.find("{", at)) >= 0 and not text[at:start].strip():
            value, at = decoder.raw_decode(text, start)
            found.append(json.dumps(value, ensure_ascii=False, separators=(", ", ": ")))
    except (ValueError, RecursionError):
        return None
    long_enough = len(found) >= _LEAST_RECORDS and text.count("\n") >= 2 * len(found)
    return found if long_enough and not text[at:].strip() else None
