"""A tool's argument schema without what tells a model nothing. Pure.

Generators write titles, `anyOf` with null and empty defaults for every optional argument, and every tool is paid for with
every request. That an argument may be left out is said by `required` already.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_SILENT = frozenset({"title", "$schema", "$id", "$comment"})


def lean(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema of an object. It accepts the same arguments, save that optional ones are left out instead of null."""
    kept = _without_silent(schema)
    if kept.get("additionalProperties") is False:
        del kept["additionalProperties"]
    required = kept.get("required") or ()
    for group in ("properties", "$defs", "definitions"):
        if isinstance(kept.get(group), Mapping):
            kept[group] = {
                name: _part(part, optional=group == "properties" and name not in required)
                for name, part in kept[group].items()
            }
    return kept


def _part(schema: Any, *, optional: bool) -> Any:
    if not isinstance(schema, Mapping):
        return schema
    kept = _without_silent(schema)
    if optional:
        kept = _without_null(kept)
        if kept.get("default", 0) in (None, ""):
            del kept["default"]
    if isinstance(kept.get("items"), Mapping):
        kept["items"] = _part(kept["items"], optional=False)
    return lean(kept) if "properties" in kept else kept


def _without_silent(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in schema.items() if key not in _SILENT}


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """The only other choice than null, where there is just one."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        named = [kind for kind in kinds if kind != "null"]
        return {**schema, "type": named[0]} if len(named) == 1 else schema
    choices = schema.get("anyOf")
    if not isinstance(choices, list) or {"type": "null"} not in choices:
        return schema
    others = [choice for choice in choices if choice != {"type": "null"}]
    if len(others) != 1 or not isinstance(others[0], Mapping):
        return schema
    said = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**_without_silent(others[0]), **said}
