"""Which MCP servers there are: the ecosystem's `mcpServers` file, plus what Tocsin may use of each.

A server is either started over stdio (`command`, `args`, `env`, `cwd`) or reached over streamable HTTP (`url`,
`headers`). Tocsin's own keys: `preset` (where all the rest comes from), `allow` and `approve` (tool name patterns),
`fixed` (arguments that the model may not choose), `prefix` (put before the server's tool names; default `<server>_`),
`timeout` (seconds a call may take), `pin`, `disabled`.

`${NAME}`, `${NAME:-default}` and `${NAME:?what it is}` in values are filled from the environment. When the variable is
not set, the second takes the default and the third is an error that says what is missing; the first leaves an `env` or
`headers` entry out and is an error anywhere else. `${PYTHON}` is the running interpreter, `${PRESETS}` the folder of the
files that belong to presets.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.errors import ConfigurationError
from bot.tools import preset

VARIABLE = re.compile(
    r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*)|:\?(?P<what>[^}]*))?\}"
)
DEFAULT_TIMEOUT = 30.0


class Unset(Exception):
    """A variable without default is not in the environment. The text is its name."""

    def __init__(self, name: str, what: str) -> None:
        super().__init__(name)
        self.what = what
        """What it is; empty where that is not said."""


class ServerSpec(BaseModel):
    """One entry of servers.json."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    preset: str = ""
    """Where all that is not given here was taken from."""
    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = Field(default_factory=dict)
    cwd: str | None = None
    url: str = ""
    headers: dict[str, str] = Field(default_factory=dict)
    allow: tuple[str, ...] = ()
    approve: tuple[str, ...] = ()
    fixed: dict[str, Any] = Field(default_factory=dict)
    """Values of arguments that the model may not choose, by name, whichever tool has them; None: never sent."""
    install: str = ""
    """What to do when the command is not there."""
    prefix: str | None = None
    timeout: float = Field(default=DEFAULT_TIMEOUT, gt=0, le=300)
    pin: bool = True
    """Whether a changed tool waits for `tocsin tools --accept`. False only for servers that ship with Tocsin."""
    disabled: bool = False
    type: str = ""
    """`stdio`, `http` or `streamable-http` in other clients' files; the address decides here."""

    @model_validator(mode="after")
    def _one_address(self) -> ServerSpec:
        if bool(self.command) == bool(self.url):
            raise ValueError("give either `command` (stdio) or `url` (streamable HTTP)")
        if self.url and not self.url.startswith(("http://", "https://")):
            raise ValueError(f"`url` must begin with http:// or https://, not {self.url!r}")
        return self

    @property
    def tool_prefix(self) -> str:
        """What stands before the server's own tool names in the prompt."""
        return f"{self.name}_" if self.prefix is None else self.prefix

    @property
    def identity(self) -> str:
        """Changes when the server's address or naming does, so that cached definitions of another server never serve."""
        parts = [self.command, self.args, self.url, self.tool_prefix]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]


def load(path: Path, environ: Mapping[str, str]) -> tuple[ServerSpec, ...]:
    """Read servers.json.

    Raises ConfigurationError naming the file, the server and the fault.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigurationError(
            f"There is no {path}. Create it, or point TOCSIN_SERVERS to your servers.json."
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read: {error}.") from error
    except ValueError as error:
        raise ConfigurationError(f"{path} is not valid JSON: {error}.") from error
    entries = document.get("mcpServers") if isinstance(document, dict) else None
    if not isinstance(entries, dict):
        raise ConfigurationError(f'{path} needs an object "mcpServers" with one entry per server.')
    specs = [_spec(path, name, entry, environ) for name, entry in entries.items()]
    return tuple(spec for spec in specs if not spec.disabled)


def _spec(path: Path, name: str, entry: Any, environ: Mapping[str, str]) -> ServerSpec:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", name):
        raise ConfigurationError(
            f"{path}: {name!r} is not a server name: use up to 32 letters, digits, - and _."
        )
    if not isinstance(entry, dict):
        raise ConfigurationError(f"{path}: the entry of {name!r} must be an object.")
    if entry.get("disabled"):
        return ServerSpec(name=name, command="disabled", disabled=True)
    try:
        if "preset" in entry:
            entry = preset.load(str(entry["preset"])).entry(entry)
        filled = {key: _fill(key, value, environ) for key, value in entry.items()}
        return ServerSpec(name=name, **filled)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: server {name!r}: {error}.") from None
    except Unset as unset:
        what = f": {unset.what}" if unset.what else ""
        raise ConfigurationError(
            f"{path}: server {name!r} needs the environment variable {unset}, which is not set{what}."
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(
            f"{path}: server {name!r}{f', {where}' if where else ''}: {first['msg'].removeprefix('Value error, ')}."
        ) from None


def _fill(key: str, value: Any, environ: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _expand(value, environ)
    if isinstance(value, list):
        return [_fill(key, item, environ) for item in value]
    if isinstance(value, dict) and key in ("env", "headers"):
        return _fill_present(value, environ)
    if isinstance(value, dict):
        return {name: _fill(name, item, environ) for name, item in value.items()}
    return value


def _fill_present(entries: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    filled: dict[str, str] = {}
    for name, value in entries.items():
        try:
            filled[name] = _expand(str(value), environ)
        except Unset as unset:
            if unset.what:
                raise
    return filled


def _expand(text: str, environ: Mapping[str, str]) -> str:
    built_in = {"PYTHON": sys.executable, "PRESETS": str(preset.FILES)}

    def replace(match: re.Match[str]) -> str:
        name, default = match["name"], match["default"]
        value = built_in.get(name) or environ.get(name) or default
        if value is None:
            raise Unset(name, match["what"] or "")
        return value

    return VARIABLE.sub(replace, text)
