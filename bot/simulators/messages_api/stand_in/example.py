"""A value that a JSON Schema takes: what the stand-in calls a tool with when it is made to call one that it does not know.

Small on purpose: required properties only, the shortest list, the first choice. Patterns are not followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DEEPEST = 12
_FORMATS = {
    "date": "2026-01-01",
    "date-time": "2026-01-01T00:00:00Z",
    "time": "00:00:00Z",
    "email": "someone@example.com",
    "uri": "https://example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "192.0.2.1",
}


def example(schema: Any) -> Any:
    """The value; None for a schema that says nothing."""
    return _value(schema, schema, 0)


def _value(schema: Any, root: Any, depth: int) -> Any:
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return None
    for fixed in ("const", "default"):
        if fixed in schema:
            return schema[fixed]
    if schema.get("enum"):
        return schema["enum"][0]
    if "$ref" in schema:
        return _value(_referred(schema["$ref"], root), root, depth + 1)
    for choice in ("anyOf", "oneOf", "allOf"):
        if schema.get(choice):
            return _value({**schema, choice: None, **schema[choice][0]}, root, depth + 1)
    return _of_type(schema, root, depth)


def _of_type(schema: Mapping[str, Any], root: Any, depth: int) -> Any:
    kind = schema.get("type")
    match kind[0] if isinstance(kind, list) and kind else kind:
        case "object":
            return _object(schema, root, depth)
        case "array":
            item = _value(schema.get("items"), root, depth + 1)
            return [item] * int(schema.get("minItems", 0))
        case "string":
            words = _FORMATS.get(str(schema.get("format")), "example")
            return words.ljust(int(schema.get("minLength", 0)), "x")[: schema.get("maxLength")]
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return False
        case _:
            return _object(schema, root, depth) if "properties" in schema else None


def _object(schema: Mapping[str, Any], root: Any, depth: int) -> dict[str, Any]:
    properties = schema.get("properties") or {}
    return {
        name: _value(properties.get(name), root, depth + 1) for name in schema.get("required") or ()
    }


def _number(schema: Mapping[str, Any]) -> float:
    if "minimum" in schema:
        return (
            float(schema["minimum"]) if schema.get("type") == "number" else int(schema["minimum"])
        )
    if "exclusiveMinimum" in schema:
        return int(schema["exclusiveMinimum"]) + 1
    return min(0, int(schema.get("maximum", 0)))


def _referred(reference: Any, root: Any) -> Any:
    found = root
    for part in str(reference).removeprefix("#/").split("/"):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
