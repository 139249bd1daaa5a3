"""Slack's markup made readable: links, mentions and escapes undone."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tocsin_mcp.kit.output import clip

_MARKUP = re.compile(r"<([^<>]{1,4000})>")
_USER = re.compile(r"<@([UWB][A-Z0-9]{2,20})(?:\|[^<>]*)?>", re.ASCII)
_LONGEST_URL = 300


def readable(text: str, names: Mapping[str, str]) -> str:
    """`text` with `<url|label>` as `label (url)`, mentions as `@name` (`names`: user id to name), entities undone."""
    plain = _MARKUP.sub(lambda found: _spelled(found[1], names), text)
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def mentioned(text: str) -> set[str]:
    """Ids of the users that a text mentions."""
    return set(_USER.findall(text))


def _spelled(inside: str, names: Mapping[str, str]) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return f"@{names.get(target[1:]) or label or target[1:]}"
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return _special(target[1:], label)
    url = clip(target.removeprefix("mailto:"), _LONGEST_URL)
    return f"{label} ({url})" if label and label != url else url


def _special(target: str, label: str) -> str:
    if target.startswith("date^"):
        return label or target
    if target.startswith("subteam^"):
        return label or f"@{target.removeprefix('subteam^')}"
    return f"@{target}"
