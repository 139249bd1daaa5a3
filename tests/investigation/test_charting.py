"""The alarm's metric read by code beside the model: what is drawn, and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.alarms.alarm import Alarm
from bot.alarms.notification import Link
from bot.charts.chart import Chart
from bot.incidents.incident import Incident, Origin
from bot.investigation.charting import Charting
from bot.investigation.diagnosis import Culprit, Diagnosis
from bot.tools.toolset import Tool, ToolCall, ToolResult

NOW = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)
ONSET = NOW - timedelta(minutes=8)
ROLLOUTS = """deployment/cart in namespace boutique: 2 revisions kept, newest first, at 2026-11-22T14:30:00Z.

Revision 6 (cart-6c9f8d7b5), created 2026-11-22T13:05:00Z (1h25m ago), 1/1 ready: registry.acme.example/cart:a65e656
  ~ image: cart:e033637 -> cart:a65e656

Revision 5 (cart-5b8c7d6e4), created 2026-11-20T10:00:00Z (2d ago), scaled to 0: registry.acme.example/cart:e033637"""
DIAGNOSIS = Diagnosis(
    verdict="fault", summary="s", culprit=Culprit(object="deployment/cart"), confidence=0.9
)


def points(level: float) -> list[list[float]]:
    """A point a minute for three hours."""
    begin = ONSET.timestamp() - 3 * 3600
    return [[begin + 60 * number, level] for number in range(188)]


class Tools:
    """A toolset whose Prometheus knows these series."""

    def __init__(self, *series: tuple[dict[str, str], list[list[float]]]) -> None:
        told = [{"labels": labels, "points": values} for labels, values in series]
        self.data = {"step": 60.0, "series": told}
        self.calls: list[ToolCall] = []
        self.hangs = False

    async def tools(self) -> Sequence[Tool]:
        names = ("prometheus_query_range", "kubernetes_rollout_history")
        return [Tool(name=name, description="", input_schema={}) for name in names]

    async def call(self, call: ToolCall, *, within: float) -> ToolResult:
        self.calls.append(call)
        if self.hangs:
            await asyncio.Event().wait()
        if call.name == "kubernetes_rollout_history":
            known = call.arguments["deployment"] == "cart"
            return ToolResult(call=call, text=ROLLOUTS if known else "no", is_error=not known)
        return ToolResult(call=call, text="words", data=self.data)


async def drawn(
    tools: Tools, diagnosis: Diagnosis | None = DIAGNOSIS, **about: Any
) -> Chart | None:
    """The chart of an alarm, once its metric was read."""
    url = "https://prometheus.acme.example/graph?g0.expr=rate%28errors%5B5m%5D%29%3E2"
    fired = Alarm(
        source="grafana",
        name="CartErrors password=hunter2hunter2",
        service="frontend",
        namespace="boutique",
        started_at=ONSET,
        links=(Link(label="Graph", url=url),),
        **about,
    )
    here = Origin(team="T", channel="C", thread_ts="1.0")
    incident = Incident(id="i", origin=here, alarm=fired, opened_at=NOW, last_seen_at=NOW)
    patience = 0.01 if tools.hangs else 5.0
    async with Charting(incident, tools, lambda: NOW, patience=patience) as charting:
        return await charting.chart(diagnosis)


async def test_the_metric_around_its_onset_with_the_rollouts_of_that_time() -> None:
    """From before the blamed rollout on; secrets are gone; the older revision is outside."""
    tools = Tools(({"service": "cart"}, points(3)))
    chart = await drawn(tools)
    assert chart is not None
    assert "hunter2" not in chart.title
    assert (chart.measure, chart.threshold, chart.step) == ("rate(errors[5m])", 2.0, 60.0)
    assert [(mark.label, mark.kind) for mark in chart.marks] == [
        ("cart revision 6 (a65e656)", "deploy"),
        ("alarm began", "onset"),
    ]
    rollout = datetime(2026, 11, 22, 13, 5, tzinfo=UTC).timestamp()
    assert chart.begin == rollout - 600
    assert chart.series[0].points[0][0] >= chart.begin
    assert "alarm began at 14:22" in chart.words
    (query,) = [call for call in tools.calls if call.name == "prometheus_query_range"]
    assert query.arguments["since"] == "2026-11-22T11:22:00Z"
    assert query.arguments["until"] == "2026-11-22T14:30:00Z"


async def test_series_of_other_things_are_left_out() -> None:
    """A label that the alarm has, too, must be the same; what tells the rest apart names them."""
    tools = Tools(
        ({"service": "cart", "code": "500"}, points(3)),
        ({"service": "cart", "code": "503"}, points(1)),
        ({"service": "ads", "code": "500"}, points(9)),
    )
    chart = await drawn(tools, None, labels={"service": "cart"})
    assert chart is not None
    assert [series.label for series in chart.series] == ["code=500", "code=503"]


@pytest.mark.parametrize(
    "series",
    [[], [({"service": "ads"}, points(1))], [({}, points(1)[:1])]],
    ids=["none", "of another service", "one point"],
)
async def test_nothing_to_draw_is_no_chart(series: list[Any]) -> None:
    """Rather none than one that shows something else."""
    assert await drawn(Tools(*series), labels={"service": "cart"}) is None


async def test_a_metric_that_takes_long_holds_up_nothing() -> None:
    """What is not there when the diagnosis is, is done without."""
    tools = Tools(({}, points(1)))
    tools.hangs = True
    assert await drawn(tools) is None
