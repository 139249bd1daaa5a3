"""Draws a chart as PNG. A program of its own, `python -m bot.charts.drawing`: JSON in, PNG out.

matplotlib costs a second of CPU and sixty megabytes; in a process of its own neither holds up the event loop of a
worker, nor stays. Without matplotlib it ends with `MISSING`.
"""

from __future__ import annotations

import io
import math
import sys
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from bot.charts.chart import Chart, Mark, Series

MISSING = 3
"""Exit code when matplotlib is not installed."""

_MATPLOTLIB = ("matplotlib.backends.backend_agg", "matplotlib.dates", "matplotlib.figure")
"""An optional dependency, and a dear one: imported by this program alone."""
_INCHES = (7.6, 3.8)
_DOTS_PER_INCH = 180
_LINES = ("#1264a3", "#2eb67d", "#8d6cc2", "#e8912d", "#36c5f0", "#7c7c7c")
_ONSET, _DEPLOY, _LIMIT, _INK = "#d1242f", "#9a6700", "#8c8c8c", "#3c3c3c"
_LONGEST = 90


def main() -> int:
    """Read a chart from standard input, write its picture to standard output."""
    try:
        backend, dates, figures = map(import_module, _MATPLOTLIB)
    except ImportError:
        return MISSING
    chart = Chart.model_validate_json(sys.stdin.buffer.read())
    figure = figures.Figure(figsize=_INCHES, dpi=_DOTS_PER_INCH, layout="constrained")
    canvas = backend.FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    locator = dates.AutoDateLocator(tz=UTC)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(dates.ConciseDateFormatter(locator, tz=UTC))
    _draw(axes, chart)
    out = io.BytesIO()
    canvas.print_png(out)
    sys.stdout.buffer.write(out.getvalue())
    return 0


def _draw(axes: Any, chart: Chart) -> None:
    for index, series in enumerate(chart.series):
        at, values = _gapped(series, chart.step)
        label = _text(series.label) or "_"  # a leading _ keeps a line out of the legend
        colour = _LINES[index % len(_LINES)]
        axes.plot(at, values, label=label, color=colour, linewidth=1.8, solid_joinstyle="round")
    if chart.threshold is not None:
        axes.axhline(chart.threshold, color=_LIMIT, linewidth=1, linestyle=(0, (2, 3)))
        axes.annotate(
            f"threshold {chart.threshold:g}",
            (0.002, chart.threshold),
            xycoords=("axes fraction", "data"),
            xytext=(2, 3),
            textcoords="offset points",
            fontsize=8,
            color=_LIMIT,
        )
    for height, mark in enumerate(sorted(chart.marks, key=lambda each: each.at)):
        _mark(axes, chart, mark, height)
    axes.set_xlim(_moment(chart.begin), _moment(chart.end))
    axes.set_title(
        _text(chart.title), fontsize=12, loc="left", fontweight="bold", color=_INK, pad=22
    )
    axes.annotate(
        _text(chart.measure),
        (0, 1),
        xycoords="axes fraction",
        xytext=(0, 7),
        textcoords="offset points",
        fontsize=8.5,
        color=_LIMIT,
    )
    axes.margins(y=0.18)
    axes.grid(visible=True, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8.5, colors=_INK)
    axes.set_xlabel("UTC", fontsize=8, color=_LIMIT)
    if len(chart.series) > 1:
        axes.legend(fontsize=8, loc="upper left", frameon=False)


def _mark(axes: Any, chart: Chart, mark: Mark, height: int) -> None:
    """A line with its label beside it, on the side where there is room; neighbours stand at different heights."""
    colour = _ONSET if mark.kind == "onset" else _DEPLOY
    style = "-" if mark.kind == "onset" else (0, (5, 3))
    axes.axvline(_moment(mark.at), color=colour, linewidth=1.3, linestyle=style)
    late = mark.at > (chart.begin + chart.end) / 2
    axes.annotate(
        _text(mark.label),
        (_moment(mark.at), 0.98 - 0.075 * (height % 4)),
        xycoords=("data", "axes fraction"),
        xytext=(-5 if late else 5, 0),
        textcoords="offset points",
        ha="right" if late else "left",
        va="top",
        fontsize=8.5,
        color=colour,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )


def _gapped(series: Series, step: float) -> tuple[list[datetime], list[float]]:
    """Times and values with a hole where points are missing, so that no line is drawn across it."""
    at: list[datetime] = []
    values: list[float] = []
    last: float | None = None
    for seconds, value in series.points:
        if last is not None and step and seconds - last > 2.5 * step:
            at.append(_moment(last + step))
            values.append(math.nan)
        at.append(_moment(seconds))
        values.append(value)
        last = seconds
    return at, values


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _text(text: str) -> str:
    """Short, on one line, and with no `$`, which would begin a formula."""
    line = " ".join(text.split())
    short = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    return short.replace("$", r"\$")


if __name__ == "__main__":
    sys.exit(main())
