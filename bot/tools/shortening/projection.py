"""JSON with what the model does not need taken out. Pure.

Many MCP servers answer with the API's own JSON: nulls, empty lists, bookkeeping fields, links, the same keys in every
item. A list of alike objects becomes a table that says once what all rows share; everything else loses its empty and
bookkeeping parts and its layout. Text of several lines (a patch, a log) is set apart, so that it can be shortened as what
it is; so is a list of log events.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from bot.tools.shortening.api_fields import without_bookkeeping
from bot.tools.shortening.log_events import as_lines

_TABLE_ROWS = 3
_TABLE_SHARE = 0.6
"""Share of all columns that an average row must fill for a table to be shorter than objects."""
_BLOCK_LINES = 4
_HASH = re.compile(r"[0-9a-f]{40}")
_HASH_SHOWN = 12
"""Characters of a commit id that are shown, as many as git needs in the largest repositories."""


class Projected(NamedTuple):
    """A shorter form. `blocks` are its texts of several lines by the mark that stands for them in `text`."""

    text: str
    blocks: dict[str, str]


def project(text: str) -> Projected | None:
    """A shorter form with the same facts, or None when the text is no JSON document."""
    stripped = text.strip()
    if stripped[:1] not in ("{", "["):
        return None
    writer = _Writer()
    try:
        return Projected(writer.written(_pruned(json.loads(stripped))), writer.blocks)
    except (ValueError, RecursionError):  # not JSON, or nested thousands deep
        return None


def _pruned(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = {key: _pruned(item) for key, item in without_bookkeeping(value).items()}
        return {key: item for key, item in kept.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    if isinstance(value, str) and _HASH.fullmatch(value):
        return value[:_HASH_SHOWN]
    return value


class _Writer:
    """Writes a document: tables for alike objects, one line per key for an object, compact JSON below that."""

    def __init__(self) -> None:
        self.blocks: dict[str, str] = {}

    def written(self, value: Any, name: str = "") -> str:
        value = self._set_apart(value, name)
        title = f"{name}:\n" if name else ""
        if _is_table(value):
            return title + _table(value)
        if isinstance(value, dict):
            lines = [
                self.written(item, key) if _is_table(item) else f"{key}: {_compact(item)}"
                for key, item in value.items()
            ]
            return title + "\n".join(lines)
        if isinstance(value, list):
            return title + "\n".join(_compact(item) for item in value)
        return title + _compact(value)

    def _set_apart(self, value: Any, name: str) -> Any:
        """The value with marks instead of texts of several lines."""
        if isinstance(value, dict):
            return {key: self._set_apart(item, key) for key, item in value.items()}
        if isinstance(value, list):
            log = as_lines(value)
            return (
                [self._set_apart(item, name) for item in value]
                if log is None
                else self._mark(log, name)
            )
        if isinstance(value, str) and value.count("\n") >= _BLOCK_LINES:
            return self._mark(value, name)
        return value

    def _mark(self, text: str, name: str) -> str:
        mark = f"<{name or 'text'} {len(self.blocks) + 1}, below>"
        self.blocks[mark] = text
        return mark


def _is_table(value: Any) -> bool:
    if not isinstance(value, list) or len(value) < _TABLE_ROWS:
        return False
    if not all(isinstance(item, dict) for item in value):
        return False
    columns = _columns(value)
    return sum(map(len, value)) >= _TABLE_SHARE * len(columns) * len(value)


def _columns(rows: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for row in rows for key in row))


def _table(rows: list[dict[str, Any]]) -> str:
    """A line per row; what is the same in all rows is said once."""
    cells = {column: [_cell(row.get(column)) for row in rows] for column in _columns(rows)}
    shared = {column: values[0] for column, values in cells.items() if len(set(values)) == 1}
    own = [column for column in cells if column not in shared]
    lines = [f"in every row: {', '.join(f'{name} = {cell}' for name, cell in shared.items())}"] if shared else []  # fmt: skip
    lines.append(" | ".join(own))
    lines += [" | ".join(row) for row in zip(*(cells[column] for column in own), strict=True)]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return value.replace("\n", " ") if isinstance(value, str) else _compact(value)


def _compact(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
