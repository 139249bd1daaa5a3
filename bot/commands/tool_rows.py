"""What `tocsin tools` says of each tool, and of all of them together."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from bot.tools import preset
from bot.tools.allowed import names, permits
from bot.tools.catalogue import Catalogue
from bot.tools.fixed import without
from bot.tools.servers import ServerSpec
from bot.tools.toolset import Tool

_CHARS_PER_TOKEN = 3.5
"""Rough, for JSON; good enough to see which tools are dear."""
MANY_TOKENS = 15_000
"""From here on the definitions cost more than a short investigation reads."""
_DEAREST = 3


class Row(BaseModel):
    """One tool of one server."""

    model_config = ConfigDict(frozen=True)

    server: str
    tool: str
    allowed: bool
    why: str
    read_only: bool
    marked: str
    """What the server says of it: `yes` (read-only), `no`, `destructive`, or `?` when it says nothing."""
    tokens: int
    """What its definition costs every prompt, about."""


def rows(specs: Iterable[ServerSpec], catalogue: Catalogue) -> list[Row]:
    """Every tool that a server offers, by server and name."""
    known = {spec.name: spec for spec in specs}
    waiting = {id(change.tool): change.parts for change in catalogue.changes()}
    taken = {id(tool): owner for tool, owner in catalogue.refused()}
    found = []
    for tool in catalogue.offered():
        spec = known[tool.server]
        why = ""
        if id(tool) in taken:
            why = f"its name belongs to {taken[id(tool)]}"
        elif id(tool) in waiting:
            why = f"changed since it was accepted: {', '.join(waiting[id(tool)])}"
        found.append(_row(spec, tool, why))
    return sorted(found, key=lambda row: (row.server, row.tool))


def _row(spec: ServerSpec, tool: Tool, fault: str) -> Row:
    shown = without(tool, spec.fixed).definition()
    return Row(
        server=tool.server,
        tool=tool.name,
        allowed=not fault and permits(spec.allow, tool),
        why=fault or why(spec, tool),
        read_only=tool.read_only,
        marked=_marked(tool),
        tokens=round(len(json.dumps(shown)) / _CHARS_PER_TOKEN),
    )


def why(spec: ServerSpec, tool: Tool) -> str:
    """Why the tool may or may not be used, in one short sentence."""
    if permits(spec.allow, tool):
        return "by name" if tool.remote_name in names(spec.allow) else "by pattern"
    if spec.preset:
        for left in preset.load(spec.preset).left_out:
            if tool.remote_name in left.tools:
                return left.why
    if tool.destructive:
        return "destructive: only its exact name in `allow` would admit it"
    if not tool.read_only:
        return "not marked read-only: only its exact name in `allow` would admit it"
    return "nothing in `allow` matches"


def _marked(tool: Tool) -> str:
    if tool.destructive:
        return "destructive"
    if tool.read_only:
        return "yes"
    said = json.loads(tool.said or "{}").get("annotations") or {}
    return "no" if said.get("readOnlyHint") is False else "?"


def total(listed: Sequence[Row]) -> list[str]:
    """What the allowed tools cost together, and what to do when that is much."""
    allowed = [row for row in listed if row.allowed]
    tokens = sum(row.tokens for row in allowed)
    said = [
        f"Allowed: {len(allowed)} of {len(listed)} tools, about {tokens:,} tokens in every prompt."
    ]
    if tokens > MANY_TOKENS:
        dearest = sorted(allowed, key=lambda row: -row.tokens)[:_DEAREST]
        which = ", ".join(f"{row.tool} ({row.tokens:,})" for row in dearest)
        said.append(
            f"That is more than {MANY_TOKENS:,}, and a model chooses worse among many tools: name in `allow` only what "
            f"an investigation needs. The dearest: {which}."
        )
    return said
