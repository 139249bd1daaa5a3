"""The servers' configuration: the one place that reads the process environment.

A server that lacks a setting must still start, because it shares a process with others that have theirs. So a
missing value is an error of the tool call that needs it, never of start-up.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from fastmcp.exceptions import ToolError


class MissingSetting(ToolError):
    """A tool was called whose server lacks a setting. The text names the setting; it is shown to the caller."""


@dataclass(frozen=True, slots=True)
class Environment:
    """An immutable view of environment variables; blank values count as absent."""

    values: Mapping[str, str] = field(repr=False)

    @classmethod
    def of_process(cls) -> Environment:
        """A snapshot of this process's environment."""
        return cls(MappingProxyType(dict(os.environ)))

    def get(self, name: str, default: str = "") -> str:
        """The value without surrounding space, or `default` when it is absent or blank."""
        return self.values.get(name, "").strip() or default

    def require(self, name: str, purpose: str) -> str:
        """The value; `purpose` completes the sentence "NAME is not set: it …".

        Raises MissingSetting, which reaches the caller of the tool as is.
        """
        value = self.get(name)
        if not value:
            raise MissingSetting(
                f"{name} is not set: it {purpose}. This is a matter of the server's configuration; "
                "calling again will not help."
            )
        return value

    def number(self, name: str, default: int) -> int:
        """A positive whole number, or `default` when it is absent. Raises MissingSetting for anything else."""
        value = self.get(name)
        if value and not (value.isascii() and value.isdigit() and int(value)):
            raise MissingSetting(
                f"{name} must be a whole number above 0, not {value[:40]!r}. This is a matter of the server's "
                "configuration; calling again will not help."
            )
        return int(value or default)

    def names(self, name: str) -> tuple[str, ...]:
        """A comma-separated value as a tuple without blanks or repetitions, in the order given."""
        parts = (part.strip() for part in self.get(name).split(","))
        return tuple(dict.fromkeys(part for part in parts if part))
