"""Kubernetes objects as JSON, read without trust: any field may be absent or of the wrong type."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tocsin_mcp.kit.output import clip, plain
from tocsin_mcp.kit.times import parse_rfc3339

Json = dict[str, Any]

_QUOTE = 400
_UNITS = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50,
}  # fmt: skip


def dig(item: Any, *path: str) -> Any:
    """The value at a path of keys, None where there is none."""
    for key in path:
        if not isinstance(item, Mapping):
            return None
        item = item.get(key)
    return item


def entries(item: Any, *path: str) -> list[Json]:
    """The objects of the list at a path; empty when there is no list."""
    found = dig(item, *path)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def words(item: Any, *path: str) -> list[str]:
    """The plain values of the list at a path as texts: arguments, access modes."""
    found = dig(item, *path)
    listed = found if isinstance(found, list) else []
    return [str(each) for each in listed if isinstance(each, str | int | float)]


def text(item: Any, *path: str) -> str:
    """The value at a path as text, empty when there is none."""
    found = dig(item, *path)
    return "" if found is None or isinstance(found, Mapping | list) else str(found)


def pairs(item: Any, *path: str) -> dict[str, str]:
    """The map of texts at a path: labels, annotations, selectors, quantities."""
    found = dig(item, *path)
    if not isinstance(found, Mapping):
        return {}
    return {str(key): str(value) for key, value in found.items() if value is not None}


def number(item: Any, *path: str, default: int = 0) -> int:
    """The whole number at a path, or `default`."""
    found = dig(item, *path)
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return default
    try:
        return int(found)
    except (ValueError, OverflowError):
        return default


def name_of(item: Any) -> str:
    """`metadata.name`."""
    return text(item, "metadata", "name")


def labels_of(item: Any) -> dict[str, str]:
    """`metadata.labels`."""
    return pairs(item, "metadata", "labels")


def moment(item: Any, *path: str) -> datetime | None:
    """The RFC 3339 time at a path as an aware datetime in UTC."""
    found = dig(item, *path)
    if isinstance(found, datetime):
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return parse_rfc3339(found) if isinstance(found, str) else None


def condition(item: Any, kind: str) -> Json:
    """The entry of `status.conditions` of that type, empty when there is none."""
    return next(
        (each for each in entries(item, "status", "conditions") if each.get("type") == kind), {}
    )


def quantity(value: object) -> float | None:
    """A Kubernetes quantity (`100m`, `4`, `1.5Gi`, `1e3`) as a number, or None."""
    written = str(value).strip()
    digits = written.rstrip("KMGTPiknum")
    try:
        return float(digits) * _UNITS[written[len(digits) :]]
    except (ValueError, KeyError):
        return None


def chosen(selector: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether equality labels are all there; an empty selector chooses nothing."""
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def quote(words: str) -> str:
    """Text of the cluster for a person: one line, bounded, without control characters."""
    return clip(" ".join(plain(words).split()), _QUOTE)
