"""`read_result`: a closer look at what a tool returned, without calling it again.

Results are shown shortened; the whole text is kept with the conversation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from bot.investigation.evidence import Source
from bot.tools.compressed import without_shown
from bot.tools.shortening.folding import is_listing, line_numbers
from bot.tools.toolset import Tool, ToolCall, ToolResult, Toolset

NAME = "read_result"
_MOST_LINES = 200
_LONGEST_LINE = 2_000
_LONG_LINE = 1_000
_BROKEN_AT = 200
_COMMA = re.compile(r"(?<=,)")

TOOL = Tool(
    name=NAME,
    description=(
        "Look closer at an earlier result that was shown shortened: a range of its lines, or the lines that contain a text."
    ),
    input_schema={
        "type": "object",
        "properties": {
            "call_id": {"type": "string", "description": "Short id of the result, like c7."},
            "grep": {"type": "string", "description": "Plain text, any case."},
            "start_line": {"type": "integer", "minimum": 1},
            "end_line": {
                "type": "integer",
                "minimum": 1,
                "description": f"At most {_MOST_LINES} lines are shown.",
            },
        },
        "required": ["call_id"],
        "additionalProperties": False,
    },
    read_only=True,
)


class Rereading:
    """Adds `read_result` to a toolset. `sources` gives the whole results so far by short call id."""

    def __init__(self, inner: Toolset, sources: Callable[[], Mapping[str, Source]]) -> None:
        self._inner = inner
        self._sources = sources

    async def tools(self) -> Sequence[Tool]:
        return [*await self._inner.tools(), TOOL]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        if call.name != NAME:
            return await self._inner.call(call, within=within)
        sources = self._sources()
        label = str(call.arguments.get("call_id", "")).strip("[] ")
        if label not in sources:
            known = f"c1 to c{len(sources)}" if sources else "none yet"
            return ToolResult(
                call=call, text=f"There is no result {label!r}; there are {known}.", is_error=True
            )
        lines = _lines(sources[label].text)
        numbers = line_numbers(lines)
        chosen = _chosen(lines, numbers, call.arguments)
        if not chosen:
            return ToolResult(
                call=call, text=f"Nothing of the {len(lines)} lines of {label} matches."
            )
        return ToolResult(call=call, text=_shown(label, lines, numbers, chosen))


def _lines(stored: str) -> list[str]:
    """What the tool returned, by lines; one that is long data, such as JSON, is broken behind commas."""
    lines = without_shown(stored).splitlines()
    return [
        part for line in lines for part in (_broken(line) if len(line) > _LONG_LINE else [line])
    ]


def _broken(line: str) -> Iterator[str]:
    part = ""
    for piece in _COMMA.split(line):
        if part and len(part) + len(piece) > _BROKEN_AT:
            yield part
            part = ""
        part += piece
    yield part


def _chosen(
    lines: Sequence[str], numbers: Sequence[int], arguments: Mapping[str, Any]
) -> list[int]:
    """Indexes of the lines asked for, in order."""
    start = _line(arguments.get("start_line"), 0)
    end = _line(arguments.get("end_line"), max(numbers, default=0))
    wanted = [index for index, number in enumerate(numbers) if start <= number <= end]
    grep = str(arguments.get("grep") or "").lower()
    if not grep:
        return wanted
    hits = [index for index in wanted if grep in lines[index].lower()]
    around = {near for hit in hits for near in range(hit - 2, hit + 3)}
    return sorted(around.intersection(wanted))


def _line(value: Any, default: int) -> int:
    return value if isinstance(value, int) and value > 0 else default


def _shown(label: str, lines: Sequence[str], numbers: Sequence[int], chosen: Sequence[int]) -> str:
    numbered = is_listing(lines)
    shown = []
    for index in chosen[:_MOST_LINES]:
        line = lines[index][:_LONGEST_LINE]
        shown.append(line if numbered else f"{numbers[index]} | {line}")
    left = len(chosen) - len(shown)
    more = (
        f"\n… {left} more lines; go on with start_line={numbers[chosen[_MOST_LINES]]}"
        if left > 0
        else ""
    )
    return f"{label}: {len(shown)} of {len(lines)} lines\n" + "\n".join(shown) + more
