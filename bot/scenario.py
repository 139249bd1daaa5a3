"""A recorded incident: a folder with `scenario.yaml` and the world around it (see scenarios/README.md)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.errors import ConfigurationError

FILE = "scenario.yaml"


class Expected(BaseModel):
    """The right answer; no simulator ever sees it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Literal["fault", "healthy"]
    object: str = ""
    objects_also: tuple[str, ...] = ()
    cause: str = ""
    causes_also: tuple[str, ...] = ()
    file: str = ""
    commit: str = "none"
    decoys: tuple[str, ...] = ()
    must_say: tuple[str, ...] = ()


class Trigger(BaseModel):
    """What starts it: a post of a monitoring app, or a person's question."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    post: dict[str, Any] | None = None
    question: str = ""

    @model_validator(mode="after")
    def _one(self) -> Trigger:
        if (self.post is None) == (not self.question):
            raise ValueError("give either `post` or `question`")
        return self


class Scenario(BaseModel):
    """`scenario.yaml`, and where it lies."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    title: str
    tags: tuple[str, ...] = ()
    now: datetime
    service: str = ""
    namespace: str = "default"
    alarm: Trigger
    expected: Expected
    draft: bool = False
    """Not complete yet: its README.md says what a person has to add. It is not played."""
    folder: Path = Field(default=Path(), exclude=True)


def shipped() -> Path:
    """The folder of the scenarios that come with Tocsin."""
    return Path(str(resources.files("bot"))) / "evals" / "scenarios"


def load(folder: Path) -> Scenario:
    """Read one scenario folder. Raises ConfigurationError naming the file and the fault."""
    path = folder / FILE
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Scenario.model_validate({**document, "folder": folder})
    except FileNotFoundError:
        known = ", ".join(sorted(each.parent.name for each in folder.parent.glob(f"*/{FILE}")))
        raise ConfigurationError(
            f"There is no {path}. Scenarios there: {known or 'none'}."
        ) from None
    except (yaml.YAMLError, TypeError) as error:
        raise ConfigurationError(f"{path} is not a YAML mapping: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigurationError(f"{path}: {where}: {first['msg']}.") from None


def named(name: str) -> Scenario:
    """A shipped scenario by name, or the scenario in a folder by its path."""
    folder = Path(name) if "/" in name else shipped() / name
    return load(folder)


def load_all(folder: Path, only: Sequence[str] = ()) -> list[Scenario]:
    """Every scenario below a folder that is no draft, by name; `only` keeps those ids.

    Raises ConfigurationError when none is left, or one that `only` names is a draft.
    """
    every = [load(path.parent) for path in sorted(folder.glob(f"*/{FILE}"))]
    found = [scenario for scenario in every if not scenario.draft]
    for scenario in every:
        if scenario.draft and (scenario.id in only or not found):
            raise ConfigurationError(
                f"{scenario.id} is a draft: complete it as its README.md says, then take `draft: true` out."
            )
    kept = [scenario for scenario in found if not only or scenario.id in only]
    missing = set(only) - {scenario.id for scenario in kept}
    if missing or not kept:
        raise ConfigurationError(
            f"No scenario {', '.join(sorted(missing)) or 'at all'} in {folder}."
        )
    return kept
