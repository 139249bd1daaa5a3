"""Which tools are still as somebody accepted them, and what exactly changed in the others.

A server may describe a tool harmlessly until it is trusted and differently afterwards (a "rug pull"). So all that a
server says of a tool (description, schemas, annotations) is pinned by its hash, and the words beside it to show a diff.
"""

from __future__ import annotations

import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from bot.tools.toolset import Tool

_WORDS = {
    "description": "description",
    "inputSchema": "input schema",
    "outputSchema": "output schema",
    "annotations": "annotations",
    "title": "title",
}


class Pin(BaseModel):
    """One tool as it was accepted."""

    model_config = ConfigDict(frozen=True)

    fingerprint: str
    """SHA-256 of `said`, hexadecimal."""
    said: str
    """`Tool.said` at that time."""


Pins = Mapping[str, Pin]
"""What was accepted of one server, by the names that it gave its tools."""


def pin(tool: Tool) -> Pin:
    """The tool as it is now."""
    return Pin(fingerprint=fingerprint(tool), said=tool.said)


def fingerprint(tool: Tool) -> str:
    """SHA-256 of all that its server says of the tool, hexadecimal."""
    return hashlib.sha256(tool.said.encode()).hexdigest()


class Change(NamedTuple):
    """A tool that is not as it was accepted; `before` is None when there was none of its name."""

    tool: Tool
    before: Pin | None

    @property
    def parts(self) -> tuple[str, ...]:
        """What differs, in words."""
        if self.before is None:
            return ("new",)
        old, new = _read(self.before.said), _read(self.tool.said)
        differing = [key for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)]
        return tuple(_WORDS.get(key, key) for key in differing)

    @property
    def summary(self) -> str:
        """`name (what differs)`."""
        return f"{self.tool.name} ({', '.join(self.parts)})"

    def diff(self) -> str:
        """A unified diff of what the server said and says, characters that do not show written as escapes."""
        old = _lines(self.before.said) if self.before else []
        return "\n".join(
            difflib.unified_diff(
                old, _lines(self.tool.said), "accepted", "offered", lineterm="", n=1
            )
        )


def changes(pins: Pins, tools: Sequence[Tool]) -> list[Change]:
    """The tools that are not as they were accepted."""
    return [Change(tool, pins.get(tool.remote_name)) for tool in tools if not stands(pins, tool)]


def stands(pins: Pins, tool: Tool) -> bool:
    """Whether the tool is as it was accepted."""
    accepted = pins.get(tool.remote_name)
    return accepted is not None and accepted.fingerprint == fingerprint(tool)


def _read(said: str) -> dict[str, Any]:
    try:
        read = json.loads(said)
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def _lines(said: str) -> list[str]:
    """A definition for people: one heading per part, texts line by line."""
    lines: list[str] = []
    for key, value in sorted(_read(said).items()):
        shown = value if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True)
        lines += [f"{key}:", *(f"  {_visible(line)}" for line in shown.splitlines())]
    return lines


def _visible(line: str) -> str:
    """The line with everything that a terminal hides or obeys written as an escape."""
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in line)
