"""What kind of value each argument of a command has to be: read from its signature, said in words when it is another.

The control API takes JSON from anybody; without this a wrong kind of value would break the command halfway.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from typing import Any

from bot.simulators.slack.errors import CommandError

_WORDS: dict[type, str] = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    dict: "an object",
    list: "a list",
}


def require_kinds(method: Callable[..., Any], arguments: Mapping[str, Any]) -> None:
    """Raises CommandError for the first of `arguments` whose value is not what `method` says in its signature."""
    hints = typing.get_type_hints(method)
    for name, value in arguments.items():
        wanted = _alternatives(hints.get(name, Any))
        if not any(_fits(value, kind) for kind in wanted):
            words = " or ".join(_WORDS[kind] for kind in wanted if kind in _WORDS)
            raise CommandError(f"`{name}` has to be {words}")


def _alternatives(hint: Any) -> list[Any]:
    """The plain types of a hint: `str | None` is two, `dict[str, Any]` is `dict`."""
    parts = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    return [typing.get_origin(part) or part for part in parts]


def _fits(value: Any, kind: Any) -> bool:
    if kind is float:
        kind = int | float
    if isinstance(value, bool) and kind in (int, int | float):
        return False
    return kind is Any or isinstance(value, kind)
