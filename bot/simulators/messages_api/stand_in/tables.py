"""Tables and lists in tool results: columns under an upper-case header, events, reasons, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_HEADER = re.compile(r"^\s*[A-Z][A-Z0-9/() _-]*(?:\s{2,}[A-Z][A-Z0-9/() _-]*)+\s*$")
_EVENT = re.compile(
    r"(?P<type>Normal|Warning)\s+(?P<reason>[A-Z]\w+)\s+(?P<kind>[A-Za-z]+)/(?P<name>[\w.-]+)(?P<many>[^:]*(?:\d\d:\d\d[^:]*)*?):\s(?P<text>.*)"
)
_ADDRESS = re.compile(
    r"\b(?P<name>[A-Z][A-Z0-9_]*)\s*[=:]\s*[\"']?(?:\w+://)?(?:[^\s@/\"']+@)?(?P<host>[a-z][a-z0-9-]*[a-z0-9])(?:\.[\w.-]+)?:(?P<port>\d{2,5})\b"
)
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table: its cells by column, and the line itself."""

    cells: dict[str, str]
    line: str

    def get(self, *columns: str) -> str:
        """The first of these columns that exists, empty when none does or it is `-`."""
        for column in columns:
            if column in self.cells:
                value = self.cells[column]
                return "" if value == "-" else value
        return ""


@dataclass(frozen=True, slots=True)
class Event:
    """What the cluster reported about an object. `object` is `kind/name` in lower case; `time` may be empty."""

    warning: bool
    reason: str
    object: str
    text: str
    time: str
    line: str

    @property
    def name(self) -> str:
        """The object's name."""
        return self.object.partition("/")[2]


def rows(lines: Sequence[str]) -> Iterator[Row]:
    """The rows of all tables in a text."""
    header: list[str] = []
    for line in lines:
        if _HEADER.match(line):
            header = re.split(r"\s{2,}", line.strip())
        elif not line.strip():
            header = []
        elif header:
            cells = re.split(r"\s{2,}", line.strip())
            if len(cells) > 1:
                yield Row(dict(zip(header, cells, strict=False)), line.strip())


def events(lines: Sequence[str]) -> Iterator[Event]:
    """The events in a text, in its order."""
    for line in lines:
        found = _EVENT.search(line)
        if found:
            stamp = _STAMP.search(line)
            yield Event(
                warning=found["type"] == "Warning",
                reason=found["reason"],
                object=f"{found['kind'].lower()}/{found['name']}",
                text=found["text"],
                time=stamp[0] if stamp else "",
                line=line.strip(),
            )


def reasons(lines: Sequence[str]) -> Iterator[tuple[list[str], str, str]]:
    """Lines like `- pod-a, pod-b: why`: the names, the reason and the line."""
    for line in lines:
        found = re.match(r"^- (?P<names>[\w.-]+(?:, [\w.-]+)*): (?P<why>.+)$", line.strip())
        if found:
            yield found["names"].split(", "), found["why"], line.strip()


def addresses(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Settings that name a host and a port: (host, line), hosts without their domain."""
    found: list[tuple[str, str]] = []
    for line in lines:
        found += [(match["host"], line.strip()) for match in _ADDRESS.finditer(line)]
    return found


def latest_stamp(lines: Sequence[str]) -> str:
    """The latest RFC 3339 time in UTC in a text, empty when there is none."""
    return max((stamp for line in lines for stamp in _STAMP.findall(line)), default="")
