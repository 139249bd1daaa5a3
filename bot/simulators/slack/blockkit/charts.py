"""The `data_visualization` block (https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block)."""

from __future__ import annotations

from typing import Any

from bot.simulators.slack.blockkit.schema import (
    Check,
    Report,
    array,
    both,
    number,
    record,
    string,
    tagged,
)

_LABEL = string(1, 20)
_POINT = record({"label": _LABEL, "value": number()}, {})
_AXIS = record(
    {"categories": array(_LABEL, 1, 20)}, {"x_label": string(1, 50), "y_label": string(1, 50)}
)
_SERIES = array(record({"name": string(1, 20), "data": array(_POINT, 1, 20)}, {}), 1, 12)


def _matches_categories(chart: Any, pointer: str, report: Report) -> None:
    axis, series = chart.get("axis_config"), chart.get("series")
    if not isinstance(axis, dict) or not isinstance(series, list):
        return
    categories = axis.get("categories")
    for index, line in enumerate(series):
        points = line.get("data") if isinstance(line, dict) else None
        if not isinstance(points, list):
            continue
        labels = [point.get("label") for point in points if isinstance(point, dict)]
        if labels != categories:
            report.add(f"{pointer}/series/{index}/data", "labels must match axis_config.categories")


_LINES: Check = both(record({"series": _SERIES, "axis_config": _AXIS}, {}), _matches_categories)
_CHART = tagged(
    {
        "line": _LINES,
        "bar": _LINES,
        "area": _LINES,
        "pie": record(
            {"segments": array(record({"label": _LABEL, "value": number(0)}, {}), 1, 12)}, {}
        ),
    }
)

DATA_VISUALIZATION = record({"title": string(1, 50), "chart": _CHART}, {"block_id": string(1, 255)})
