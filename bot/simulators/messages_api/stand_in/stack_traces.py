"""Stack traces in log text: which exception, and the innermost frame in the team's own code.

Frame patterns of C#, Java/Kotlin, Python, Go, Node and Ruby. Frames of libraries and runtimes are dropped. In Python
the last own frame is the innermost, elsewhere the first one after the innermost exception.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

_FRAMES: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "dotnet",
        re.compile(r"\bat (?P<fn>[\w.<>`|+\[\]]+\([^)]*\)) in (?P<path>\S+?):line (?P<line>\d+)"),
    ),
    (
        "java",
        re.compile(
            r"\bat (?:[\w.]+/)?(?P<fn>(?P<package>(?:[a-z_][\w]*\.)*)[\w.$]+)\((?P<path>[\w$]+\.(?:java|kt|scala)):(?P<line>\d+)\)"
        ),
    ),
    ("python", re.compile(r'File "(?P<path>[^"]+)", line (?P<line>\d+), in (?P<fn>[\w.<>]+)')),
    (
        "node",
        re.compile(
            r"\bat (?:async )?(?:(?P<fn>[^()]+?) \()?(?:file://)?(?P<path>[\w./@-]+\.[cm]?[jt]sx?):(?P<line>\d+):\d+\)?"
        ),
    ),
    ("go", re.compile(r"(?P<path>[\w./@-]+\.go):(?P<line>\d+)(?P<fn>)(?: \+0x[0-9a-f]+)?")),
    ("ruby", re.compile(r"(?P<path>[\w./-]+\.rb):(?P<line>\d+):in [`'](?P<fn>[^'`]+)'")),
)
_VENDOR = re.compile(
    r"node_modules|node:|site-packages|dist-packages|/usr/(?:local/)?lib/|/usr/local/go/|/pkg/mod/|/gems/|"
    r"<frozen|^internal/|/runtime/|^runtime/"
)
_VENDOR_CALL = re.compile(
    r"^(?:java|javax|jdk|sun|com\.sun|kotlin|scala|org\.springframework|org\.apache|org\.hibernate|io\.grpc|io\.netty|"
    r"com\.google|com\.fasterxml|System|Microsoft|Grpc|StackExchange|Npgsql)\."
)
_HEAD = re.compile(
    r"(?P<type>(?:[A-Za-z_]\w*[.:]{1,2})*[A-Z]\w*(?:Exception|Error|Failure|Fault|Panic|Exit|Interrupt))\b(?::\s*(?P<message>.*))?"
)
_PANIC = re.compile(r"(?P<type>panic):\s*(?P<message>.*)")
_PLAIN = re.compile(r"^(?P<type>[A-Za-z_][\w.]*):\s+(?P<message>\S.*)$")
_OTHER_FRAME = re.compile(r"^\s*(?:at\s+\S|\.\.\. \d+ more|--- End of|\^+\s*$|[~^\s]+$)")


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in the team's own code. `text` is the frame as the log has it, `path` as the container has it."""

    language: str
    path: str
    line: int
    function: str
    text: str


@dataclass(frozen=True, slots=True)
class Trace:
    """An exception with its innermost own frame. `head` is the line that names the exception."""

    type: str
    message: str
    head: str
    frame: Frame
    count: int = 1


@dataclass(slots=True)
class _Open:
    """A trace while it is being read."""

    type: str = ""
    message: str = ""
    head: str = ""
    frames: list[Frame] = field(default_factory=list)
    language: str = ""


def find_traces(lines: Iterable[str]) -> list[Trace]:
    """The distinct traces with an own frame, the most frequent first."""
    reader = _TraceReader()
    for line in lines:
        for part in re.split(r"\\n|\\t(?=at )", line):
            reader.take(part)
    reader.close()
    counted: dict[tuple[str, str, int], Trace] = {}
    for trace in reader.found:
        key = (trace.type, trace.frame.path, trace.frame.line)
        seen = counted.get(key)
        counted[key] = replace(seen, count=seen.count + 1) if seen else trace
    return sorted(counted.values(), key=lambda trace: -trace.count)


class _TraceReader:
    def __init__(self) -> None:
        self.found: list[Trace] = []
        self._open = _Open()

    def take(self, part: str) -> None:
        """One line, or one part of a line with escaped line ends."""
        frame = _frame(part)
        if frame is not None:
            self._open.language = frame.language
            self._open.frames.append(frame)
            return
        if _OTHER_FRAME.match(part):
            return
        head = _PANIC.search(part) or _HEAD.search(part)
        if self._open.language == "python":
            self._end_python(part, head)
        elif head is not None:
            self._begin(part, head)

    def close(self) -> None:
        """The trace that was being read, if any, is whole."""
        opened, self._open = self._open, _Open()
        own = [frame for frame in opened.frames if not _is_vendor(frame)]
        if not own:
            return
        innermost = own[-1] if opened.language == "python" else own[0]
        self.found.append(Trace(opened.type, opened.message, opened.head, innermost))

    def _begin(self, part: str, head: re.Match[str]) -> None:
        """A new exception; an inner one (`Caused by`, `--->`) takes the place of the outer one."""
        inner = bool(re.match(r"\s*(?:Caused by:|--->)", part))
        if self._open.frames and not inner:
            self.close()
        self._open = _Open(head["type"], _tidy(head["message"]), _quotable(part))

    def _end_python(self, part: str, head: re.Match[str] | None) -> None:
        """Python names the exception after the frames; indented lines between them are source text."""
        if part.startswith((" ", "\t")):
            return
        head = head or _PLAIN.match(part.strip())
        if head is not None:
            self._open.type, self._open.message = head["type"], _tidy(head["message"])
            self._open.head = _quotable(part)
        self.close()


def _frame(part: str) -> Frame | None:
    for language, pattern in _FRAMES:
        found = pattern.search(part)
        if found:
            path = _java_path(found) if language == "java" else found["path"]
            function = _function(found["fn"] or "")
            return Frame(language, path, int(found["line"]), function, found[0].strip())
    return None


def _java_path(found: re.Match[str]) -> str:
    return found["package"].replace(".", "/") + found["path"]


def _function(text: str) -> str:
    """The bare name: `Store.AddAsync(String id)` → `AddAsync`."""
    return re.split(r"[.:#]", text.partition("(")[0].strip())[-1].strip()


def _is_vendor(frame: Frame) -> bool:
    call = re.sub(r"^at (?:async )?", "", frame.text)
    return bool(_VENDOR.search(frame.path) or _VENDOR_CALL.match(call))


def _tidy(message: str | None) -> str:
    return (message or "").strip().rstrip("'\"},")


def _quotable(part: str) -> str:
    return part.strip()
