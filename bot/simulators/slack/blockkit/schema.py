"""Small checks that compose into schemas. Each looks at one value and reports problems under a JSON pointer.

The wording follows the messages that real refusals carry in `response_metadata.messages`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Surface = Literal["message", "modal", "home"]


@dataclass(frozen=True, slots=True)
class Problem:
    """`pointer` is a JSON pointer from the payload's root; `constraint` is machine-readable, if any."""

    pointer: str
    message: str
    code: str = "failed_constraint"
    constraint: dict[str, Any] | None = None

    def __str__(self) -> str:
        return f"{self.message} [json-pointer:{self.pointer}]"

    def to_json(self) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "pointer": self.pointer,
            "code": self.code,
            "message": self.message,
        }
        if self.constraint is not None:
            shown["constraint"] = self.constraint
        return shown


@dataclass(slots=True)
class Report:
    """The problems found so far, and where the blocks are meant to stand."""

    surface: Surface = "message"
    usable_file: Callable[[dict[str, Any]], bool] = lambda _reference: True
    problems: list[Problem] = field(default_factory=list)

    def add(
        self,
        pointer: str,
        message: str,
        code: str = "failed_constraint",
        constraint: dict[str, Any] | None = None,
    ) -> None:
        self.problems.append(Problem(pointer, message, code, constraint))


Check = Callable[[Any, str, Report], None]


def string(low: int = 0, high: int | None = None) -> Check:
    """Text of `low` to `high` characters."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, str):
            report.add(pointer, "must provide a string", "invalid_type")
        elif len(value) < low:
            limit = {"type": "min_length", "expected": low, "got": len(value)}
            report.add(pointer, f"must be more than {low - 1} characters", constraint=limit)
        elif high is not None and len(value) > high:
            limit = {"type": "max_length", "expected": high, "got": len(value)}
            report.add(pointer, f"must be less than {high + 1} characters", constraint=limit)

    return check


def matching(pattern: str, problem: str) -> Check:
    """Text that `pattern` matches as a whole, else `problem`."""
    compiled = re.compile(pattern)

    def check(value: Any, pointer: str, report: Report) -> None:
        if isinstance(value, str) and value and not compiled.fullmatch(value):
            report.add(pointer, problem)

    return check


def enum(*allowed: str) -> Check:
    def check(value: Any, pointer: str, report: Report) -> None:
        if value not in allowed:
            limit = {"type": "enum", "expected": list(allowed), "got": value}
            report.add(pointer, "must be a valid enum value", constraint=limit)

    return check


def boolean(value: Any, pointer: str, report: Report) -> None:
    if not isinstance(value, bool):
        report.add(pointer, "must provide a boolean", "invalid_type")


def anything(_value: Any, _pointer: str, _report: Report) -> None:
    """No rule is known for this value."""


def number(low: float | None = None, high: float | None = None, *, whole: bool = False) -> Check:
    def check(value: Any, pointer: str, report: Report) -> None:
        kinds = (int,) if whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            report.add(
                pointer, f"must provide {'an integer' if whole else 'a number'}", "invalid_type"
            )
        elif (low is not None and value < low) or (high is not None and value > high):
            report.add(
                pointer,
                "must be a number in range",
                constraint={"type": "range", "expected": [low, high], "got": value},
            )

    return check


def array(item: Check, low: int = 0, high: int | None = None) -> Check:
    """A list of `low` to `high` items."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, list):
            report.add(pointer, "must be an array", "invalid_type")
            return
        if len(value) < low:
            limit = {"type": "min_items", "expected": low, "got": len(value)}
            report.add(pointer, f"no fewer than {low} items allowed", constraint=limit)
        if high is not None and len(value) > high:
            limit = {"type": "max_items", "expected": high, "got": len(value)}
            report.add(pointer, f"no more than {high} items allowed", constraint=limit)
        for index, part in enumerate(value):
            item(part, f"{pointer}/{index}", report)

    return check


def nullable(inner: Check) -> Check:
    def check(value: Any, pointer: str, report: Report) -> None:
        if value is not None:
            inner(value, pointer, report)

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    """An object with these fields and no others. `type` is checked by whoever chose this schema."""
    fields = {**required, **optional}

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add(pointer, "must provide an object", "invalid_type")
            return
        for name in required:
            if value.get(name) is None:
                report.add(pointer, f"missing required field: {name}", "missing_field")
        for name, part in value.items():
            if name == "type" or part is None:
                continue
            if name not in fields:
                report.add(pointer, f"invalid additional property: {name}", "additional_property")
            else:
                fields[name](part, f"{pointer}/{name}", report)

    return check


def tagged(
    schemas: Mapping[str, Check], allowed: Callable[[str, Report], bool] | None = None
) -> Check:
    """An object whose `type` picks its schema; `allowed` may forbid a known type in this place."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if not isinstance(value, dict):
            report.add(pointer, "must provide an object", "invalid_type")
            return
        kind = value.get("type")
        if kind is None:
            report.add(pointer, "missing required field: type", "missing_field")
        elif not isinstance(kind, str):
            report.add(f"{pointer}/type", "must provide a string", "invalid_type")
        elif kind not in schemas or (allowed is not None and not allowed(kind, report)):
            limit = {"type": "enum", "expected": sorted(schemas), "got": kind}
            report.add(f"{pointer}/type", f"unsupported type: {kind}", "unsupported_type", limit)
        else:
            schemas[kind](value, pointer, report)

    return check


def both(first: Check, second: Check) -> Check:
    """`second` may rely on the kind of value that `first` wants: an object, or text."""

    def check(value: Any, pointer: str, report: Report) -> None:
        first(value, pointer, report)
        if isinstance(value, dict | str):
            second(value, pointer, report)

    return check


def one_of(*names: str) -> Check:
    """At least one of these fields is given."""

    def check(value: Any, pointer: str, report: Report) -> None:
        if all(value.get(name) is None for name in names):
            report.add(pointer, f"missing required field: {' or '.join(names)}", "missing_field")

    return check


def exactly_one_of(*names: str) -> Check:
    """One of these fields is given, and no other."""

    def check(value: Any, pointer: str, report: Report) -> None:
        given = [name for name in names if value.get(name) is not None]
        if len(given) != 1:
            report.add(pointer, f"must provide exactly one of: {', '.join(names)}", "missing_field")

    return check
