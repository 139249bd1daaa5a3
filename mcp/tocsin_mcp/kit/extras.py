"""Libraries that not every installation has, or whose import costs too much to pay at start.

boto3 and matplotlib take about half a second and a second of CPU. Whoever asks no question that needs them pays
nothing, and whoever does waits without holding up the event loop. This is the one place that imports such libraries.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from dataclasses import dataclass
from typing import Any

from fastmcp.exceptions import ToolError


class MissingExtra(ToolError):
    """A tool needs an optional dependency that is not installed. The text names the extra; it is shown to the caller."""


@dataclass(frozen=True, slots=True)
class Extra:
    """One optional dependency of this distribution. `purpose` begins a sentence: "Plots need …"."""

    name: str
    purpose: str
    modules: tuple[str, ...]

    async def load(self) -> tuple[Any, ...]:
        """The modules, in the order of `modules`, imported in a thread. Raises MissingExtra."""
        return await asyncio.to_thread(self._load)

    def _load(self) -> tuple[Any, ...]:
        try:
            return tuple(importlib.import_module(module) for module in self.modules)
        except ImportError as error:
            package = self.modules[0].partition(".")[0]
            raise MissingExtra(
                f"{self.purpose} the Python package {package}, which is not installed or cannot be imported: "
                f"install `tocsin[{self.name}]`. This is a matter of the server's installation; "
                "calling again will not help.",
                log_level=logging.WARNING,
            ) from error
