"""JSON and tables with what the model does not need taken out. Pure.

Many MCP servers answer with the API's own JSON: nulls, empty lists, bookkeeping fields, the same keys in every item.
A list of alike objects becomes a table; everything else loses its empty and bookkeeping parts and its layout.
"""

from __future__ import annotations

import json
import re
from typing import Any

_BOOKKEEPING = frozenset(
    {
        "managedFields",
        "resourceVersion",
        "selfLink",
        "generation",
        "node_id",
        "gravatar_id",
        "fieldsV1",
    }
)
"""Keys of Kubernetes and GitHub objects that never help to find a cause."""
_NOISY = ("kubectl.kubernetes.io/last-applied-configuration",)
_TABLE_ROWS = 3
_TABLE_SHARE = 0.6
"""Share of all columns that an average row must fill for a table to be shorter than objects."""
_PADDED_SHARE = 0.5
"""Share of lines with wide gaps from which on a text is a table and not, say, source code."""
_PADDING = re.compile(r"(?<=\S)[ \t]{3,}(?=\S)")


def project(text: str) -> str | None:
    """A shorter form with the same facts, or None when the text is neither JSON nor padded."""
    stripped = text.strip()
    if stripped[:1] in "{[":
        try:
            document = json.loads(stripped)
        except ValueError:
            document = None
        if isinstance(document, dict | list):
            return _written(_pruned(document))
    lines = stripped.splitlines()
    padded = sum(bool(_PADDING.search(line)) for line in lines)
    return _PADDING.sub("  ", text) if lines and padded >= _PADDED_SHARE * len(lines) else None


def _pruned(value: Any) -> Any:
    if isinstance(value, dict):
        kept = {
            key: _pruned(item)
            for key, item in value.items()
            if key not in _BOOKKEEPING and key not in _NOISY
        }
        return {key: item for key, item in kept.items() if item not in (None, "", [], {})}
    if isinstance(value, list):
        return [_pruned(item) for item in value]
    return value


def _written(value: Any, name: str = "") -> str:
    """A table for alike objects, one line per key for an object, compact JSON below that."""
    title = f"{name}:\n" if name else ""
    if isinstance(value, list) and _is_table(value):
        return title + _table(value)
    if isinstance(value, dict):
        lines = [
            _written(item, key) if _is_table(item) else f"{key}: {_compact(item)}"
            for key, item in value.items()
        ]
        return title + "\n".join(lines)
    if isinstance(value, list):
        return title + "\n".join(_compact(item) for item in value)
    return title + _compact(value)


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
    columns = _columns(rows)
    lines = [" | ".join(columns)]
    lines += [" | ".join(_cell(row.get(column)) for column in columns) for row in rows]
    return "\n".join(lines)


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return value.replace("\n", " ") if isinstance(value, str) else _compact(value)


def _compact(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
