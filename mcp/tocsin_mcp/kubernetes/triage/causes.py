"""The closed list of causes: what the rules can say, what each means, and the signal that it is read from.

Fine enough that two causes with different repairs have different names. `tocsin triage --causes` prints it.
"""

from __future__ import annotations

from dataclasses import dataclass

from .cause_table import TABLE


@dataclass(frozen=True, slots=True)
class Cause:
    """One class: `group` is its failure class, `signal` names what it is read from, `aliases` other names of it."""

    name: str
    group: str
    meaning: str
    signal: str
    aliases: tuple[str, ...]


def _parse(table: str) -> dict[str, Cause]:
    causes: dict[str, Cause] = {}
    group = ""
    for line in filter(None, map(str.strip, table.splitlines())):
        if line.startswith("#"):
            group = line.lstrip("# ")
            continue
        name, meaning, signal, *aliases = (part.strip() for part in line.split("|"))
        also = tuple(each for part in aliases for each in part.split())
        causes[name] = Cause(name, group, meaning, signal, also)
    return causes


CAUSES = _parse(TABLE)
"""All causes by name, in the order of the table."""


def canonical(name: str) -> str | None:
    """The cause that a name or alias means; None for a word outside the list."""
    wanted = name.strip().lower().replace("-", "_").replace(" ", "_")
    if wanted in CAUSES:
        return wanted
    return next((cause.name for cause in CAUSES.values() if wanted in cause.aliases), None)


def listing() -> list[str]:
    """The whole list as lines for a terminal, grouped."""
    lines: list[str] = []
    group = ""
    width = max(len(name) for name in CAUSES)
    for cause in CAUSES.values():
        if cause.group != group:
            group = cause.group
            lines += ["", f"{group}:"] if lines else [f"{group}:"]
        also = f" (also: {', '.join(cause.aliases)})" if cause.aliases else ""
        lines.append(f"  {cause.name.ljust(width)}  {cause.meaning}; from {cause.signal}{also}")
    return lines
