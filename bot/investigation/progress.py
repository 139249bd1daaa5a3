"""What an investigation tells while it runs, and to whom.

The investigator talks to a `Reporter`; the Slack thread is one, the terminal is another. A reporter must never
fail an investigation: progress that cannot be shown is dropped, the final report is not.
"""

from __future__ import annotations

from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict

from bot.investigation.diagnosis import Report

StepStatus = Literal["pending", "running", "done", "failed"]


class Step(BaseModel):
    """One line of the progress card: a tool call, or a phase such as `First look`."""

    model_config = ConfigDict(frozen=True)

    id: str
    """Stable within the investigation: the same id again replaces the line."""
    title: str
    status: StepStatus = "running"
    detail: str = ""
    """One short line, for example what a tool returned or why it failed."""


class Reporter(Protocol):
    """Where an investigation shows itself."""

    async def started(self, headline: str) -> None:
        """The run begins (or goes on after a restart). Called at least once, harmless when repeated."""

    async def first_look(self, text: str) -> None:
        """What rules saw at once, before the model was asked. Plain text of several lines, untrusted."""

    async def step(self, step: Step) -> None:
        """A step began or changed."""

    async def thought(self, text: str) -> None:
        """What the model says between calls: a hypothesis, the next check. Untrusted text."""

    async def finished(self, report: Report) -> None:
        """The one terminal message. Returns when it is posted; raises TemporaryError when it could not be."""
