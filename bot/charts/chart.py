"""A chart before it is drawn: series, the moments that matter, and what it says in words."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["onset", "deploy"]


class Series(BaseModel):
    """One line. `points` are (seconds since the epoch, value), in order of time."""

    model_config = ConfigDict(frozen=True)

    label: str
    """What tells it from the others; may be empty when it is alone."""
    points: tuple[tuple[float, float], ...]


class Mark(BaseModel):
    """A moment: when the alarm began, or when something was rolled out. `at` is in seconds since the epoch."""

    model_config = ConfigDict(frozen=True)

    at: float
    label: str
    kind: Kind


class Chart(BaseModel):
    """Times are seconds since the epoch, `step` the usual seconds between two points. Texts are redacted already."""

    model_config = ConfigDict(frozen=True)

    title: str
    measure: str
    """What is measured: the query, or the metric's name."""
    begin: float
    end: float
    step: float
    series: tuple[Series, ...]
    marks: tuple[Mark, ...] = ()
    threshold: float | None = None
    """The value at which the alarm fires, where that is known."""

    @property
    def words(self) -> str:
        """What the picture shows, for who cannot see it."""
        marks = [f"{mark.label} at {_clock(mark.at)}" for mark in self.marks]
        lines = [_course(each) for each in self.series]
        limit = f"Threshold {self.threshold:g}." if self.threshold is not None else ""
        head = f"Line chart of {self.measure} from {_clock(self.begin)} to {_clock(self.end)} UTC."
        return " ".join(part for part in (head, *lines, limit, *(f"{m}." for m in marks)) if part)


def _course(series: Series) -> str:
    """First, highest and last value of a line."""
    first, last = series.points[0], series.points[-1]
    top = max(series.points, key=lambda point: point[1])
    name = f"{series.label}: " if series.label else ""
    return (
        f"{name}{first[1]:g} at first, at most {top[1]:g} at {_clock(top[0])}, {last[1]:g} at last."
    )


def _clock(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%H:%M}"
