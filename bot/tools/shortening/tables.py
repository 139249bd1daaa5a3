"""Tables of aligned columns: no padding, and columns that are the same in every row said once. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.tools.shortening.folding import is_listing

_GAP = re.compile(r"(?<=\S)(?: {2,}|\t+)(?=\S)")
_WIDE_GAP = re.compile(r"(?<=\S)[ \t]{3,}(?=\S)")
_PADDED_SHARE = 0.5
"""Share of lines with wide gaps from which on a text is a table and not, say, source code."""
_LEAST_ROWS = 3
_LEAST_COLUMNS = 3
_HEADER = re.compile(r"^[A-Z][A-Z0-9 _()%/-]*$")


def shortened(lines: Sequence[str]) -> str | None:
    """The table in less room with the same facts, or None when the lines are none. Indentation stays."""
    if is_listing(lines):
        return None
    for at, line in enumerate(lines[:3]):
        header = _GAP.split(line.strip())
        if len(header) >= _LEAST_COLUMNS and all(map(_HEADER.match, header)):
            rows = [_GAP.split(row.strip()) for row in lines[at + 1 :]]
            if len(rows) >= _LEAST_ROWS and all(len(row) == len(header) for row in rows):
                return "\n".join([*lines[:at], *_columns(header, rows)])
    padded = sum(bool(_WIDE_GAP.search(line)) for line in lines)
    if not lines or padded < _PADDED_SHARE * len(lines):
        return None
    return "\n".join(_WIDE_GAP.sub("  ", line) for line in lines)


def _columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    columns = list(zip(*rows, strict=True))
    shared = [at for at, cells in enumerate(columns) if len(set(cells)) == 1]
    said = ", ".join(f"{header[at]} = {columns[at][0]}" for at in shared)
    own = [at for at in range(len(header)) if at not in shared]
    return [
        *([f"in every row: {said}"] if shared else []),
        *("  ".join(row[at] for at in own) for row in (header, *rows)),
    ]
