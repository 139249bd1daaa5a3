"""A range query as a picture: a PNG for people, drawn in a thread.

matplotlib's object interface with the Agg canvas needs no display and no global state of pyplot; one picture is drawn
at a time all the same, since its text layout is not safe to share.
"""

from __future__ import annotations

import asyncio
import io
import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from tocsin_mcp.kit.extras import Extra

from .queries import Range
from .samples import Series, shared_labels, written

PLOTS = Extra(
    "plots",
    "Plots need",
    ("matplotlib.figure", "matplotlib.backends.backend_agg", "matplotlib.dates"),
)
_INCHES = (10.0, 4.5)
_DOTS_PER_INCH = 100
_IN_LEGEND = 10
_LONGEST_LABEL = 90


class Plotter:
    """Draws one picture at a time. Imports matplotlib at the first one."""

    def __init__(self, extra: Extra = PLOTS) -> None:
        self._extra = extra
        self._turn = asyncio.Lock()

    async def ready(self) -> None:
        """Raises MissingExtra when nothing can be drawn here."""
        await self._extra.load()

    async def png(self, wanted: Range, series: Sequence[Series]) -> bytes:
        """The series over the range, 1000 by 450 pixels. Raises MissingExtra."""
        figures, canvases, dates = await self._extra.load()
        async with self._turn:
            return await asyncio.to_thread(_drawn, (figures, canvases, dates), wanted, series)


def _drawn(library: tuple[Any, Any, Any], wanted: Range, series: Sequence[Series]) -> bytes:
    figures, canvases, dates = library
    figure = figures.Figure(figsize=_INCHES, dpi=_DOTS_PER_INCH, layout="constrained")
    canvas = canvases.FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    common = shared_labels(each.labels for each in series)
    for index, each in enumerate(series):
        # Further ones are drawn, but a legend of all would hide them; a leading _ keeps a line out of it.
        label = _label(written(each.labels, common)) if index < _IN_LEGEND else "_"
        at, values = _gapped(each, wanted.step)
        axes.plot(at, values, label=label, linewidth=1.2, marker="." if len(at) < 2 else None)
    axes.set_xlim(wanted.start, wanted.end)
    axes.set_title(_label(wanted.query), fontsize=9, loc="left")
    axes.grid(visible=True, alpha=0.3)
    locator = dates.AutoDateLocator(tz=UTC)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=UTC))
    axes.set_xlabel("UTC", fontsize=8)
    if series:
        axes.legend(fontsize=7, loc="upper left")
    out = io.BytesIO()
    canvas.print_png(out)
    return out.getvalue()


def _gapped(series: Series, step: float) -> tuple[list[datetime], list[float]]:
    """Times and values with a hole where points are missing, so that no line is drawn across it."""
    at: list[datetime] = []
    values: list[float] = []
    last = None
    for seconds, value in series.points:
        if last is not None and seconds - last > 1.5 * step:
            at.append(datetime.fromtimestamp(last + step, UTC))
            values.append(math.nan)
        at.append(datetime.fromtimestamp(seconds, UTC))
        values.append(value if math.isfinite(value) else math.nan)
        last = seconds
    return at, values


def _label(text: str) -> str:
    """Short, on one line, and with no `$`, which would begin a formula."""
    line = " ".join(text.split())
    short = line if len(line) <= _LONGEST_LABEL else line[: _LONGEST_LABEL - 1] + "…"
    return short.replace("$", r"\$")
