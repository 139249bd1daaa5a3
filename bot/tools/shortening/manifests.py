"""Kubernetes objects as YAML, without the fields that never help. Pure.

Line by line, because a server's YAML may be cut or hold several documents: nothing is parsed, so nothing can fail.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.tools.shortening.api_fields import BOOKKEEPING, USUAL

_FIELD = re.compile(r"^(?P<indent>[ -]*)(?P<key>[\w./-]+):(?: (?P<value>.*))?$")
_FIELD_SHARE = 0.8
_EMPTY = frozenset({"null", '""', "''", "{}", "[]"})
_USUAL = frozenset((key, str(value)) for key, value in USUAL)


def shortened(lines: Sequence[str]) -> str | None:
    """The objects without these fields, or None when the lines are none."""
    fields = sum(bool(_FIELD.match(line)) or line.lstrip().startswith("- ") for line in lines)
    if fields < _FIELD_SHARE * len(lines) or not any("apiVersion:" in line for line in lines):
        return None
    return "\n".join(_kept(lines))


def _kept(lines: Sequence[str]) -> Iterator[str]:
    hidden: int | None = None
    for line in lines:
        field = _FIELD.match(line)
        indent = len(line) - len(line.lstrip())
        if hidden is not None:
            if indent > hidden or (indent == hidden and line.lstrip().startswith("- ")):
                continue
            hidden = None
        if field and _never_helps(field):
            hidden = len(field["indent"])
            # An item's first field holds its dash: without it the others would join the item before.
            if "-" in field["indent"]:
                yield field["indent"].rstrip()
            continue
        yield line


def _never_helps(field: re.Match[str]) -> bool:
    key, value = field["key"], (field["value"] or "").strip()
    return key in BOOKKEEPING or value in _EMPTY or (key, value) in _USUAL
