"""Checks of arguments that several servers share; what is particular to an API stays with its server."""

from __future__ import annotations

from pydantic import AfterValidator, BeforeValidator


def _blank_to_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


BLANK = BeforeValidator(_blank_to_none)
"""Models pass "" for what they leave out: blank text counts as not given."""


def between(low: int, high: int) -> AfterValidator:
    """A number from `low` to `high`, both included."""

    def check(value: int) -> int:
        if not low <= value <= high:
            raise ValueError(f"must be between {low} and {high}")
        return value

    return AfterValidator(check)
