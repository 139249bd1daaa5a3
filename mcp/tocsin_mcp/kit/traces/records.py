"""Log lines that hold a whole stack trace: a field of a JSON record, or a text with escaped line ends.

Structured loggers print an exception as one line. `unfolded` gives the lines that a plain logger would have printed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

_STACKS = ("stack_trace", "@x", "stacktrace", "stack", "extendedstacktrace", "exc_info", "exception", "thrown", "traceback", "backtrace", "error", "err", "message", "msg", "log")  # fmt: skip
_ESCAPED = re.compile(
    r"\\n(?:\\t| {2,}|\s*\\t)?(?:at |File \\?\"|\S+\.(?:go|rb|php|rs):\d+|goroutine |/)"
)
_MAY_HOLD = re.compile(r"\\n|\"\w*[tT]race\w*\"\s*:\s*\[")
_OF_GO = re.compile(r"goroutine \d+ \[|[\w./*()\[\]{}·-]{1,200}(?:\([^)]{0,200}\))?$")
"""A Go stack begins with its goroutine or a function, and never says what was wrong."""

_MOST_DEPTH = 3


def unfolded(line: str) -> list[str]:
    """The lines that a record stands for; the line itself when it holds no trace."""
    if not _MAY_HOLD.search(line):
        return [line]
    if line.lstrip().startswith("{") and (record := _record(line)):
        stack = _stack(record, 0)
        return stack.split("\n") if stack else [line]
    if _ESCAPED.search(line):
        plain = (
            line.replace("\\r", "").replace("\\n", "\n").replace("\\t", "\t").replace('\\"', '"')
        )
        return plain.split("\n")
    return [line]


def _record(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _stack(record: dict[str, Any], depth: int) -> str:
    """The first field with several lines, or with frames as objects, in the order of how surely it is a trace."""
    named = {str(key).lower(): value for key, value in record.items()}
    for key in _STACKS:
        value = named.get(key)
        if isinstance(value, str) and "\n" in value.strip():
            return _headed(named, value)
        if isinstance(value, list) and (lines := list(_frames(value))):
            return "\n".join([_title(named) or _error(named), *lines])
        if isinstance(value, dict) and depth < _MOST_DEPTH and (found := _stack(value, depth + 1)):
            return found
    if isinstance(named.get("file"), str) and isinstance(named.get("trace"), list):
        return "\n".join(_monolog(named))
    inner = (
        [each for each in record.values() if isinstance(each, dict)] if depth < _MOST_DEPTH else []
    )
    return next((found for each in inner if (found := _stack(each, depth + 1))), "")


def _monolog(record: dict[str, Any]) -> Iterator[str]:
    """PHP's usual logger writes `path:line` for where it was thrown and for each frame."""
    yield f"PHP Fatal error: Uncaught {_title(record)} in {record['file']}"
    yield "Stack trace:"
    for number, each in enumerate(record["trace"]):
        path, _, line = str(each).rpartition(":")
        yield f"#{number} {path}({line}): called"


def _headed(record: dict[str, Any], stack: str) -> str:
    """A stack that begins with its frames gets what was wrong from beside it: the exception's name, or Go's error."""
    first = stack.strip().split("\n", 1)[0].strip()
    title = _title(record)
    if first.startswith(("at ", "#0")):
        return f"{title}\n{stack}" if title else stack
    if not _OF_GO.match(first):
        return stack
    for key, shown in (("panic", "panic"), ("error", "Error"), ("err", "Error")):
        if isinstance(said := record.get(key), str) and said != stack:
            return f"{shown}: {': '.join(part for part in (title, said) if part)}\n{stack}"
    return f"{title}\n{stack}" if title else stack


def _title(record: dict[str, Any]) -> str:
    name = next(
        (
            record[key]
            for key in ("name", "type", "class", "exception_class")
            if isinstance(record.get(key), str)
        ),
        "",
    )
    said = next(
        (
            record[key]
            for key in ("message", "msg", "localizedmessage")
            if isinstance(record.get(key), str)
        ),
        "",
    )
    return ": ".join(part for part in (name, said) if part)


def _error(record: dict[str, Any]) -> str:
    """What was wrong, of a record of a request that names the exception in a field of its own."""
    return next((each for key in ("error", "err") if isinstance(each := record.get(key), str)), "")


def _frames(listed: Iterable[Any]) -> Iterator[str]:
    """Frames as objects (log4j's JSON layout) or one text each."""
    for each in listed:
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict) and each.get("class") and each.get("method"):
            place = f"{each.get('file') or 'Unknown Source'}"
            number = each.get("line")
            where = (
                f"{place}:{number}"
                if isinstance(number, int) and number > 0 and each.get("file")
                else place
            )
            yield f"\tat {each['class']}.{each['method']}({where})"
