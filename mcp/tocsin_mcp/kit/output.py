"""Bounded output: a tool's text never floods a model's context, and always says what was left out.

Head and tail are kept, because the first lines of a log or list say what it is and the last ones how it ended.
Cuts fall on line boundaries; a single line too long for its share is shortened in place.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LIMIT = 24 * 1024
"""Default cap of one tool result, in bytes of UTF-8: about six thousand tokens."""

LINE_LIMIT = 4 * 1024
"""Default cap of one line, in bytes of UTF-8."""

_SMALLEST = 512
_ANSI = re.compile(
    r"\x1b(?:\[[0-9;:?]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,500}(?:\x07|\x1b\\)|[@-Z\\^_])"
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_UNPRINTABLE = dict.fromkeys(
    [
        *(*range(9), *range(11, 32), *range(127, 160)),
        *(0x061C, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF),
        *range(0xE0000, 0xE0080),
    ]
)


def clip(text: str, limit: int = LINE_LIMIT) -> str:
    """`text`, cut at a character to at most about `limit` bytes, with a note of how many bytes were cut."""
    data = text.encode("utf-8", "replace")
    if len(data) <= limit:
        return text
    kept = data[:limit].decode("utf-8", "ignore")
    return f"{kept}… (+{len(data) - len(kept.encode())} bytes)"


def plain(text: str) -> str:
    """`text` without characters that do not show, or that hide or reorder what follows; line ends are made `\\n`.

    Tabs stay. ANSI escapes, NUL, carriage returns inside lines, bidirectional overrides, zero-width characters and tags
    are removed.
    """
    return _ANSI.sub("", text.replace("\r\n", "\n")).translate(_UNPRINTABLE)


def encodable(text: str) -> str:
    """`text` with halves of surrogate pairs, which no encoding can carry, replaced by U+FFFD."""
    return _SURROGATE.sub("\ufffd", text)


def one_line(text: str) -> str:
    """`text` without control characters and with every run of white space as one space: it cannot begin a line."""
    return " ".join(plain(text).split())


def counted(number: int, noun: str) -> str:
    """`1 pod`, `2 pods`: a number with its noun, plural by `s`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def bounded(text: str, limit: int = LIMIT, *, narrow: str, head: float = 0.5) -> str:
    """`text` within `limit` bytes (at least 512), whole when it fits.

    `narrow` tells how to ask for less and ends the note, e.g. "use `since` or `grep`". `head` is the share of the
    space for the beginning (0..1); the rest goes to the end.
    """
    limit = max(limit, _SMALLEST)
    if len(text.encode("utf-8", "replace")) <= limit:
        return text
    lines = [clip(line, limit // 4) for line in text.split("\n")]
    sizes = [len(line.encode("utf-8", "replace")) + 1 for line in lines]
    if sum(sizes) <= limit:
        return "\n".join(lines)
    room = limit - len(narrow.encode()) - 120
    first = _fitting(sizes, int(room * head))
    last = _fitting(sizes[first:][::-1], room - sum(sizes[:first]))
    end = len(lines) - last
    note = _note(end - first, sum(sizes[first:end]), narrow)
    return "\n".join([*lines[:first], note, *lines[end:]])


def listed(
    lines: Sequence[str], *, total: int | None = None, narrow: str, limit: int = LIMIT
) -> str:
    """Lines in order of importance: only the tail is cut. `total` counts entries known of but not in `lines`."""
    body = bounded("\n".join(lines), limit, narrow=narrow, head=1.0)
    missing = (total if total is not None else len(lines)) - len(lines)
    return f"{body}\n… {missing} more not shown: {narrow}" if missing > 0 else body


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Aligned columns as lines, the header first; the last column is not padded. Empty cells become `-`."""
    cells = [list(header), *([cell or "-" for cell in row] for row in rows)]
    widths = [max(len(row[index]) for row in cells) for index in range(len(header))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in cells
    ]


def _fitting(sizes: Sequence[int], room: int) -> int:
    used = 0
    for count, size in enumerate(sizes):
        used += size
        if used > room:
            return count
    return len(sizes)


def _note(lines: int, size: int, narrow: str) -> str:
    return f"[… {counted(lines, 'line')} ({size} bytes) cut here; to see less at once: {narrow} …]"
