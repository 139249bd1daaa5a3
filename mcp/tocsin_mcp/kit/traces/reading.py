"""Log lines to traces: frames that belong together, the innermost exception, its frames deepest first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .decoration import undecorated
from .languages import (
    CONTINUES,
    HEADERS,
    LANGUAGES,
    PHP_THROWN,
    PYTHON_NAME,
    RUBY_THROWN,
    RUST_PANIC,
    Language,
)
from .trace import Frame, Trace

_LONGEST_LINE = 1500
"""Frames and headers are shorter; a line that somebody made to keep the patterns busy is not read to its end."""
_MOST_BETWEEN = 7
_HEADER_WITHIN = 6
_INNER = re.compile(r"\s-+> ")
_CAUSE = re.compile(r"^\s*(?:(?:Caused by|\[cause\]): |\[previous exception\] )")
_OUTER = re.compile(r"^\s*(?:During handling of|The above exception|Wrapped by: |Next )")
_MAYBE = re.compile(
    r"^\s*(?:at |File \"|from |#\d+ |\d+: from |\S+\.(?:(?:rb|ru|rake):\d+:in |erb:\d+))|\.go:\d+|panicked at|\.php[:( ]"
)
_FRAMES_FOLLOW = re.compile(
    r"\s*(?:stack backtrace:|(?:Stack trace:|\[stacktrace\])\s*#0 /)", re.IGNORECASE
)
_PIECES = frozenset({"java", "csharp", "node"})
_NEAR = 3
_SHORT_FRAMES = frozenset({"go", "rust", "php", "ruby"})
_GO_FUNCTION = re.compile(r"^(?P<symbol>[\w./*()\[\]{}·-]{1,200})\(")


def read_traces(lines: Sequence[str]) -> list[Trace]:
    """All traces in log lines (without their leading times), in their order."""
    plain = undecorated([line[:_LONGEST_LINE] for line in lines])
    found: list[Trace] = []
    number = 0
    while number < len(plain):
        trace = _trace_at(plain, number)
        if trace is None:
            number += 1
            continue
        if found and _goes_on_with(found[-1], trace):
            found[-1] = replace(found[-1], frames=found[-1].frames + trace.frames, last=trace.last)
        elif found and _holds(found[-1], trace):
            found[-1] = trace
        else:
            found.append(trace)
        number = trace.last + 1
    return found


def _goes_on_with(trace: Trace, rest: Trace) -> bool:
    """Frames without a header just below a trace: another thread's line came between."""
    near = rest.first - trace.last <= _NEAR
    return near and not rest.exception and rest.language == trace.language in _PIECES


def _holds(group: Trace, part: Trace) -> bool:
    """Python's exception groups say where they were awaited, then each part where it was raised."""
    return group.exception.endswith("ExceptionGroup") and part.first - group.last <= _NEAR


def _trace_at(lines: Sequence[str], start: int) -> Trace | None:
    line = lines[start]
    if not _MAYBE.search(line):
        return None
    for language in LANGUAGES:
        if language.frame.match(line):
            return _collect(lines, start, language)
    return _without_frames(lines, start)


@dataclass(frozen=True, slots=True)
class _Block:
    """The frames of one exception of a chain, in their printed order; `begin` and `end` number their lines."""

    frames: list[Frame]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class _Header:
    type: str = ""
    message: str = ""
    number: int = 0
    line: str = ""


def _collect(lines: Sequence[str], start: int, language: Language) -> Trace | None:
    blocks = _blocks(lines, start, language)
    if any(_is_cause(line, language) for line in lines[start + 1 : blocks[-1].end + 1]):
        blocks = blocks[::-1]  # Java and Ruby print the cause last, Python and PHP first
    top = _header(lines, start, blocks, language)
    thrown = _thrown_at(top.line, language)
    frames = [thrown] if thrown else []
    for block in blocks:
        frames += block.frames[::-1] if language.deepest_last else block.frames
    if language.name in _SHORT_FRAMES and not top.type and len(frames) < 2:
        return None
    if language.name == "go":
        frames = _below_panic(frames)
    last = max([top.number, *(block.end for block in blocks)])
    first = min(top.number, start)
    return Trace(language.name, top.type, top.message, tuple(frames), first, last, top.line)


def _blocks(lines: Sequence[str], start: int, language: Language) -> list[_Block]:
    """At least one: the line at `start` is a frame."""
    blocks: list[_Block] = []
    frames: list[Frame] = []
    begin, last, between = start, start, 0
    for number in range(start, len(lines)):
        line = lines[number]
        match = language.frame.match(line)
        if number > start and (_is_cause(line, language) or _OUTER.match(line)):
            blocks.append(_Block(frames, begin, last))
            frames, begin = [], number
        if match:
            frames.append(_frame(match, language, lines, number))
            last, between = number, 0
            continue
        between += 1
        if between > _MOST_BETWEEN or not _goes_on(line, language):
            break
    blocks.append(_Block(frames, begin, last))
    return [block for block in blocks if block.frames]


def _is_cause(line: str, language: Language) -> bool:
    """Whether the exception below is why the one above was thrown."""
    if language.name == "ruby":
        return RUBY_THROWN.search(line) is not None
    return _CAUSE.match(line) is not None


def _below_panic(frames: list[Frame]) -> list[Frame]:
    """What a recovering handler prints begins with itself; the culprit is below the call of panic."""
    panics = [
        number for number, frame in enumerate(frames) if frame.path.endswith("runtime/panic.go")
    ]
    return frames[panics[-1] + 1 :] or frames if panics else frames


def _goes_on(line: str, language: Language) -> bool:
    if CONTINUES.match(line):
        return True
    return language.name == "python" and bool(PYTHON_NAME.match(line) or HEADERS[0].search(line))


def _frame(match: re.Match[str], language: Language, lines: Sequence[str], number: int) -> Frame:
    groups = match.groupdict()
    path, symbol = groups.get("path") or "", (groups.get("symbol") or "").strip()
    if language.name == "go" and number:
        above = _GO_FUNCTION.match(lines[number - 1])
        symbol = above["symbol"] if above else ""
    if language.name == "java" and path:
        path = "/".join([*_package(symbol), path])
    own = not any(language.vendor.search(part) for part in (symbol, path) if part)
    if language.name == "csharp" and not path:
        own = own and "." in symbol and not symbol.startswith("lambda_method")
    return Frame(symbol, path, int(groups.get("line") or 0), own)


def _package(symbol: str) -> list[str]:
    """`shop.cart.Store$1.add` → `shop/cart`: the folders that hold the class."""
    return [part for part in symbol.split(".")[:-2] if part and part[0].islower()]


def _header(
    lines: Sequence[str], start: int, blocks: Sequence[_Block], language: Language
) -> _Header:
    chained = blocks[0].begin
    if _CAUSE.match(lines[chained]):
        return replace(
            _named(lines[chained], chained), number=_above(lines, start, language).number
        )
    if language.deepest_last:
        end = blocks[0].end + 1
        after = range(end, min(len(lines), end + _HEADER_WITHIN))
        return next(
            (h for n in after if (h := _raised(lines[n], n)).type), _Header("", "", start, "")
        )
    if language.name == "ruby" and (thrown := RUBY_THROWN.search(lines[chained])):
        return _Header(thrown["type"], thrown["message"], start, lines[chained])
    return _above(lines, start, language)


def _above(lines: Sequence[str], start: int, language: Language) -> _Header:
    """The nearest line above the frames that names an exception, not beyond another trace."""
    for number in range(start - 1, max(-1, start - 1 - _HEADER_WITHIN), -1):
        if language.frame.match(lines[number]):
            break
        found = _named(lines[number], number)
        if found.type:
            return found
    return _Header("", "", start, lines[start - 1] if start else "")


def _raised(line: str, number: int) -> _Header:
    """What Python prints below the frames."""
    found = PYTHON_NAME.match(line)
    if found:
        return _Header(found["type"], (found["message"] or "").strip(), number, line)
    return _named(line, number)


def _named(line: str, number: int) -> _Header:
    php = _php(line)
    if php:
        return _Header(php["type"], php["message"], number, line)
    innermost = _INNER.split(line)[-1]
    for pattern in HEADERS:
        found = pattern.search(innermost.strip())
        if found:
            return _Header(found["type"], (found["message"] or "").strip(), number, line)
    return _Header()


def _php(line: str) -> re.Match[str] | None:
    return next((found for each in PHP_THROWN if (found := each.search(line))), None)


def _thrown_at(header: str, language: Language) -> Frame | None:
    """The place that PHP and Rust name in the header and not among the frames."""
    if language.name == "php" and (php := _php(header)):
        path, line = php["path"], int(php["line"] or php["on"])
    elif language.name == "rust" and (rust := RUST_PANIC.search(header)):
        path, line = rust["path"], int(rust["line"])
    else:
        return None
    return Frame("", path, line, not language.vendor.search(path))


def _without_frames(lines: Sequence[str], start: int) -> Trace | None:
    """Rust without a backtrace and PHP without frames still say where."""
    if any(_FRAMES_FOLLOW.match("".join(lines[at : at + 2])) for at in (start + 1, start + 2)):
        return None
    line = lines[start]
    for language in LANGUAGES:
        thrown = _thrown_at(line, language)
        if thrown:
            top = _named(line, start)
            rust = RUST_PANIC.search(line)
            following = lines[start + 1].strip() if start + 1 < len(lines) else ""
            message = (rust["old"] or rust["new"] or following) if rust else top.message
            return Trace(language.name, top.type, message, (thrown,), start, start, line)
    return None
