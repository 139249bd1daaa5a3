"""Presets for other people's MCP servers: how each is started read-only, and which of its tools are worth having.

One YAML file per server in `presets/`. An entry of servers.json takes one by name and may override any of it:
`"kubernetes": {"preset": "kubernetes-mcp-server"}`. Tools are allowed by exact name: a newer version of the server
brings no tool into use that nobody has looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from bot.errors import ConfigurationError

FOLDER = Path(__file__).parent / "presets"
FILES = FOLDER / "files"
"""What presets give to servers as files: `${PRESETS}` in their settings."""
_MERGED = ("env", "headers", "fixed")
_ADDRESS = {"url": ("command", "args", "env", "cwd"), "command": ("url", "headers")}
"""Who gives one address replaces what belongs to the other."""


class LeftOut(BaseModel):
    """Tools that a preset does not allow."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tools: tuple[str, ...]
    why: str


class Preset(BaseModel):
    """One file of `presets/`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    about: str
    checked: str
    """The version whose tools were looked at."""
    install: str
    advice: str = ""
    server: dict[str, Any]
    """An entry of servers.json."""
    left_out: tuple[LeftOut, ...] = Field(default=())

    def entry(self, overrides: Mapping[str, Any]) -> dict[str, Any]:
        """An entry of servers.json: the preset's, with `overrides` over it; `env`, `headers` and `fixed` name by name."""
        base = dict(self.server)
        for given, replaced in _ADDRESS.items():
            if given in overrides:
                base = {key: value for key, value in base.items() if key not in replaced}
        merged = {"install": self.install, **base, **overrides}
        for key in _MERGED:
            if isinstance(base.get(key), dict) and isinstance(overrides.get(key), dict):
                merged[key] = {**base[key], **overrides[key]}
        return merged


def names() -> list[str]:
    """All presets."""
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load(name: str) -> Preset:
    """A preset by name. Raises ConfigurationError, naming those that there are."""
    if name not in names():
        raise ConfigurationError(
            f"there is no preset {name!r}; there are {', '.join(names())} (`tocsin tools --presets`)"
        )
    document = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return Preset.model_validate({"name": name, **document})


def load_all() -> Iterator[Preset]:
    """All presets, by name."""
    return (load(name) for name in names())
